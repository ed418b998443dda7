#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A real Prometheus scrapes every kind of metric, without and with native histograms, and is asked for them.
set -uo pipefail
cd "$(dirname "$0")/../.."
source Scripts/report.sh
folder=$(mktemp -d)
pids=()
cleanup() {
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null; done
    wait 2>/dev/null
    rm -rf "$folder"
}
trap cleanup EXIT
if ! command -v prometheus >/dev/null; then
    fail "prometheus" "not installed; run Scripts/install-tools.sh"
    exit 1
fi
if ! swift build -c release --product MetricsRig >"$folder/build.log" 2>&1; then
    fail "prometheus" "the rig does not build: $(grep -m1 error: "$folder/build.log")"
    exit 1
fi
mkdir "$folder/files"
"$(swift build -c release --show-bin-path)/MetricsRig" sample "$folder/files" || exit 1
python3 Scripts/live/metrics/serve.py "$folder/files" "$folder/port" &
pids+=($!)
for _ in $(seq 100); do [ -s "$folder/port" ] && break; sleep 0.1; done
target=127.0.0.1:$(cat "$folder/port")
cat >"$folder/prometheus.yml" <<YAML
global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs: [{job_name: rig, static_configs: [{targets: ["$target"]}]}]
YAML

# query PORT EXPRESSION: the first value of the answer, or nothing.
query() {
    curl -s --get "http://127.0.0.1:$1/api/v1/query" --data-urlencode "query=$2" |
        python3 -c 'import json,sys
result = json.load(sys.stdin)["data"]["result"]
print(result[0]["value"][1] if result else "")' 2>/dev/null
}

# check NAME PORT EXPRESSION EXPECTED: the answer as a number.
check() {
    local got
    got=$(query "$2" "$3")
    verdict "$1" "$3 = ${got:-nothing}" python3 -c "import sys; sys.exit(0 if '$got' and abs(float('$got') - $4) <= 1e-9 + abs($4) * ${5:-0} else 1)"
}

scrape() {
    local kind=$1 port
    shift
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    prometheus --config.file="$folder/prometheus.yml" --storage.tsdb.path="$folder/$kind" \
        --web.listen-address="127.0.0.1:$port" "$@" >"$folder/$kind.log" 2>&1 &
    pids+=($!)
    for _ in $(seq 150); do
        [ "$(query "$port" up)" = 1 ] && break
        sleep 0.2
    done
    check "$kind: scrape" "$port" up 1
    check "$kind: counter" "$port" 'http_requests_total{method="GET",path!="/"}' 3
    check "$kind: untyped" "$port" agent_detection_errors 4
    check "$kind: summary" "$port" 'response_size_bytes{quantile="0.95"}' 95 0.01
    check "$kind: state set" "$port" 'breaker{breaker="open"}' 1
    check "$kind: info" "$port" 'build_info{version="1.2.3"}' 1
    check "$kind: classic quantile" "$port" 'histogram_quantile(0.5, latency_seconds_bucket)' 0.994 0.05
    if [ "$kind" = native ]; then
        check "$kind: native count" "$port" 'histogram_count(native_seconds)' 1002
        check "$kind: native quantile" "$port" 'histogram_quantile(0.5, native_seconds)' 4.99 0.05
        check "$kind: native beside classic" "$port" 'histogram_quantile(0.9, both_seconds)' 9 0.05
    else
        check "$kind: classic beside native" "$port" both_seconds_count 1000
    fi
}

scrape classic
scrape native --enable-feature=native-histograms
exit $failed
