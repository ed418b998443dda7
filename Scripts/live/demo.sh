#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The demo, run as a user runs it: scraped by a real Prometheus, loaded by ab, stopped by SIGTERM.
set -uo pipefail
cd "$(dirname "$0")/../.."
source Scripts/report.sh

work=$(mktemp -d)
demo_pid='' prometheus_pid='' watcher_pid=''
trap 'kill $demo_pid $prometheus_pid $watcher_pid 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT

# wait_until SECONDS COMMAND...: polls until the command succeeds.
wait_until() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $deadline ] || return 1
        sleep 0.1
    done
}

swift build --product demo >"$work/build.log" 2>&1 || { fail demo "it does not build"; tail -n 20 "$work/build.log"; exit 1; }

DRAIN_DELAY=2 .build/debug/demo Sources --port 0 >"$work/log" 2>"$work/addresses" &
demo_pid=$!
wait_until 20 grep -q 'http://127.0.0.1:' "$work/addresses" || { fail demo "no address after 20 s"; cat "$work/addresses"; exit 1; }
base=$(grep -o 'http://127.0.0.1:[0-9]*' "$work/addresses" | head -n 1)
wait_until 30 curl -fsS "$base/startupz" || { fail demo "not started after 30 s"; tail "$work/log"; exit 1; }

# --- scrape
prometheus_port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >"$work/prometheus.yml" <<YAML
global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs: [{job_name: demo, static_configs: [{targets: ["${base#http://}"]}]}]
YAML
prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/data" \
    --web.listen-address="127.0.0.1:$prometheus_port" >"$work/prometheus.log" 2>&1 &
prometheus_pid=$!

# query EXPRESSION: the value of the first series, or nothing.
query() {
    curl -fsS "http://127.0.0.1:$prometheus_port/api/v1/query" --data-urlencode "query=$1" |
        jq -r '.data.result[0].value[1] // empty'
}
at_least() { awk -v have="$(query "$1")" -v want="$2" 'BEGIN { exit !(have != "" && have + 0 >= want + 0) }'; }

made=50
for _ in $(seq $made); do curl -fsS "$base/search?q=import" >/dev/null || fail scrape "a search failed"; done
requests='sum(http_requests_total{endpoint="/search",status="200"})'
if wait_until 20 at_least "$requests" $made; then
    histogram=$(query 'sum(demo_cycle_duration_seconds_count)')
    gauge=$(query 'demo_index_files')
    up=$(query up)
    figure="up $up, http_requests_total $(query "$requests") of $made made, cycles $histogram, files $gauge"
    verdict scrape "$figure" [ "$up" = 1 -a -n "$histogram" -a -n "$gauge" ]
else
    fail scrape "http_requests_total is \"$(query "$requests")\" after 20 s, $made were made"
fi
curl -fsS "$base/metrics" >"$work/metrics"
lint=$(promtool check metrics <"$work/metrics" 2>&1) && [ -z "$lint" ]
verdict promtool "$(grep -c '^# TYPE' "$work/metrics") families, ${lint:-clean}" [ $? -eq 0 ]

# --- load
ab -q -n 1000 -c 10 "$base/health" >"$work/ab" 2>&1
rate=$(awk '/^Requests per second/ { print $4 }' "$work/ab")
bad=$(awk '/^Failed requests/ { print $3 } /^Non-2xx/ { print "non-2xx " $3 }' "$work/ab" | tr '\n' ' ')
verdict load "ab -n 1000 -c 10 /health: ${rate:-no} requests/s, failed: ${bad:-unknown}" [ "$bad" = "0 " ]

# --- SIGTERM
(while true; do curl -s -o /dev/null -w '%{http_code} ' "$base/readyz" || printf 'gone '; sleep 0.05; done) >"$work/readiness" &
watcher_pid=$!
wait_until 5 grep -q 200 "$work/readiness"
kill -TERM $demo_pid
wait $demo_pid
code=$?
demo_pid=''
kill $watcher_pid 2>/dev/null
wait $watcher_pid 2>/dev/null
watcher_pid=''
# 200s, then at least one 503, then nobody listens (000); never a 200 again.
sequence=$(tr ' ' '\n' <"$work/readiness" | uniq | grep -v '^$' | tr '\n' ' ')
lines=$(python3 - "$work/log" <<'PYTHON'
import json, sys

def unique(pairs):
    keys = [key for key, _ in pairs]
    if len(keys) != len(set(keys)):
        raise ValueError(f"duplicate key in {keys}")
    return dict(pairs)

lines = open(sys.argv[1], "rb").read()
assert lines.endswith(b"\n"), "the last line is cut"
count = 0
for number, line in enumerate(lines.decode().split("\n")[:-1], 1):
    try:
        json.loads(line, object_pairs_hook=unique)
    except ValueError as error:
        sys.exit(f"line {number}: {error}: {line[:200]}")
    count += 1
print(count)
PYTHON
)
parsed=$?
figure="readiness $sequence, exit code $code, log lines that parse: $lines"
verdict SIGTERM "$figure" grep -qE '^0 0 200 503 (000gone |gone |000 )*$' <<<"$code $parsed $sequence"

exit $failed
