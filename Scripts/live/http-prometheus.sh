#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A real Prometheus scrapes the endpoint each second while wrk loads it with four threads: `up` stays 1 and nothing is
# complained about, with and without native histograms. promtool and Python's strict parsers accept every body.
set -uo pipefail
source "$(dirname "$0")/http/rig.bash"

start_rig serve 2000
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

cat >"$work/prometheus.yml" <<YAML
global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs: [{job_name: rig, static_configs: [{targets: ["127.0.0.1:$port"]}]}]
YAML

# scrape NAME OPTION...: runs a Prometheus for some seconds and reads what it thinks of the rig.
scrape() {
    local name=$1 web
    shift
    web=$(free_port)
    prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/data-$web" \
        --web.listen-address="127.0.0.1:$web" --log.level=warn "$@" >"$work/prometheus.log" 2>&1 &
    local pid=$!
    query() {
        curl -fsS "http://127.0.0.1:$web/api/v1/query" --data-urlencode "query=$1" | jq -r '.data.result[0].value[1] // empty'
    }
    local lowest samples requests slowest round
    # A busy machine may take seconds until Prometheus runs.
    for round in 1 2 3 4 5; do
        wrk -t4 -c16 -d10 "http://127.0.0.1:$port/hello" >"$work/wrk" 2>&1
        samples=$(query 'count_over_time(up[1m])')
        [ "${samples:-0}" -lt 5 ] || break
    done
    lowest=$(query 'min_over_time(up[1m])')
    requests=$(query 'sum(http_requests_total{endpoint="/hello"})')
    slowest=$(query 'max_over_time(scrape_duration_seconds[1m])')
    kill $pid
    wait $pid 2>/dev/null
    local warnings
    warnings=$(grep -E 'level=(warn|error)' "$work/prometheus.log" | grep -cv 'Received SIGTERM')
    verdict "http scraped by prometheus, $name" \
        "up never below ${lowest:-nothing} in ${samples:-0} scrapes, $requests requests seen, slowest ${slowest:-?} s, $warnings warnings" \
        test "$lowest" = 1 -a "${samples:-0}" -ge 5 -a -n "$requests" -a "$warnings" = 0
    ((warnings == 0)) || head -n 5 "$work/prometheus.log"
}
if command -v prometheus >/dev/null; then
    scrape "text"
    scrape "native histograms" --enable-feature=native-histograms
else
    fail "http scraped by prometheus" "no prometheus; run Scripts/install-tools.sh"
fi

curl -fsS "http://127.0.0.1:$port/metrics" >"$work/text"
complaints=$(promtool check metrics <"$work/text" 2>&1)
verdict "http promtool" "$(wc -l <"$work/text") lines, ${complaints:-no complaints}" test -z "$complaints"

curl -fsS -H 'Accept: application/openmetrics-text; version=1.0.0' "http://127.0.0.1:$port/metrics" >"$work/open"
output=$(python3 - "$work/text" "$work/open" <<'PYTHON' 2>&1
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_open
from prometheus_client.parser import text_string_to_metric_families as read_text

text = sum(len(family.samples) for family in read_text(open(sys.argv[1]).read()))
strict = sum(len(family.samples) for family in read_open(open(sys.argv[2]).read()))
print(f"{text} samples of text, {strict} of OpenMetrics")
PYTHON
)
verdict "http strict parsers" "$(tail -n 1 <<<"$output")" test $? -eq 0
stop_rig
exit $failed
