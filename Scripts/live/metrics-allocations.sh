#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Counts allocations from outside: none for an update, a lookup or a timed closure, two at most for a scrape, and some for each native histogram.
set -uo pipefail
cd "$(dirname "$0")/../.."
source Scripts/report.sh
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
if ! swift build -c release --product MetricsRig >"$folder/build.log" 2>&1; then
    fail "allocations" "the rig does not build: $(grep -m1 error: "$folder/build.log")"
    exit 1
fi
rig=$(swift build -c release --show-bin-path)/MetricsRig
compiler=$(command -v cc || command -v clang)
if ! "$compiler" -O1 -shared -fPIC -o "$folder/count.so" Scripts/live/count-allocations.c; then
    fail "allocations" "the counter does not build"
    exit 1
fi
# total KIND COUNT: allocations of the whole program.
total() { LD_PRELOAD="$folder/count.so" "$rig" repeat "$1" "$2" 2>&1 | sed -n 's/^allocations //p'; }
# check KIND MOST: the difference between 3,000 and 1,000 turns, for each turn.
check() {
    local few many
    few=$(total "$1" 1000)
    many=$(total "$1" 3000)
    verdict "allocations: $1" "$(((many - few) / 2000)) for each of 2000, $((many - few)) in all, at most $2 each" \
        [ "${few:-0}" -gt 0 -a $((many - few)) -le $(($2 * 2000)) ]
}
for format in text openmetrics json; do check scrape-$format 2; done
# The rig's one native histogram is put in order on the way.
check scrape-protobuf 40
check lookup 0
check time 0
check observe 0
check native 0
exit $failed
