#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Registering and exposing 10k, 100k and 1M series costs the same for each series, and a quiet one at most 320 bytes.
set -uo pipefail
cd "$(dirname "$0")/../.."
source Scripts/report.sh
export BENCHMARK_PEERS=0
output=$(Benchmarks/run "series, of" 2>/dev/null; Benchmarks/run "000 counters, 3 labels" 2>/dev/null)
output=$(grep -v '^#' <<<"$output")
if [ -z "$output" ]; then
    fail "growth" "the benchmarks do not run"
    exit 1
fi
# cost NAME: its figure.
cost() { awk -F'\t' -v name="$1" '$1 == name { print $2; exit }' <<<"$output"; }
# flat NAME SMALL LARGE MOST: LARGE is at most MOST times SMALL.
flat() {
    verdict "$1" "$2 ns for few, $3 ns for many" awk -v small="$2" -v large="$3" -v most="$4" \
        'BEGIN { exit !(small > 0 && large > 0 && large <= most * small) }'
}
flat "registering is linear" "$(cost 'Family.with new series, of 10000')" "$(cost 'Family.with new series, of 1000000')" 2
flat "exposing is linear" "$(cost 'exposition of 10000 counters, 3 labels')" "$(cost 'exposition of 1000000 counters, 3 labels')" 3
memory=$(sed -nE 's/^memory of a quiet counter series, of 1000000\t([0-9]+) bytes.*/\1/p' <<<"$output")
verdict "memory of a quiet series" "${memory:-?} bytes, at most 320" [ "${memory:-999}" -le 320 ]
exit $failed
