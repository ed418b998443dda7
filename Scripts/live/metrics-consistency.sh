#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Four threads observe while another scrapes all formats, for CONSISTENCY_SECONDS (60): no contradiction within a scrape,
# nothing decreases between scrapes, final totals are exact.
set -uo pipefail
cd "$(dirname "$0")/../.."
source Scripts/report.sh
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! swift build -c release --product MetricsRig >"$log" 2>&1; then
    fail "consistency under load" "the rig does not build: $(grep -m1 error: "$log")"
    exit 1
fi
output=$("$(swift build -c release --show-bin-path)/MetricsRig" consistency "${CONSISTENCY_SECONDS:-60}" 2>&1)
status=$?
verdict "consistency under load" "$(head -n 3 <<<"$output" | paste -sd ' ')" [ $status -eq 0 ]
exit $failed
