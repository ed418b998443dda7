#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every kind of metric in every format, read by promtool, prometheus_client's parsers and protobuf's own runtime.
set -uo pipefail
cd "$(dirname "$0")/../.."
source Scripts/report.sh
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
if ! swift build -c release --product MetricsRig >"$folder/build.log" 2>&1; then
    fail "exposition" "the rig does not build: $(grep -m1 error: "$folder/build.log")"
    exit 1
fi
"$(swift build -c release --show-bin-path)/MetricsRig" sample "$folder" || fail "exposition" "the rig failed"
# Help texts and names that the sample leaves empty or ends in a type on purpose are no faults of the format.
lint=$(promtool check metrics <"$folder/prometheusText" 2>&1 | grep -vE 'no help text|should not include type')
if [ -z "$lint" ]; then pass "promtool check metrics" "clean"; else fail "promtool check metrics" "$lint"; fi
if read_back=$(python3 Scripts/live/metrics/read.py sample "$folder" 2>&1); then
    pass "independent parsers" "$read_back"
else
    fail "independent parsers" "$(tail -n 3 <<<"$read_back")"
fi
exit $failed
