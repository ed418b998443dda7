#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every byte, scalar and broken sequence as key and value, read back by a strict parser. LOG_FULL=1: a million lines.
set -uo pipefail
source "$(dirname "$0")/log/common.sh"
lines=$([ "$full" = 1 ] && echo 1000000 || echo 100000)
for preset in seed ecs gcp otel; do
    count=$([ $preset = seed ] && echo "$lines" || echo $((lines / 5)))
    seed=$RANDOM
    "$rig" fuzz lines="$count" preset=$preset seed=$seed >"$folder/fuzz.log"
    if figure=$($check fuzz --lines "$count" "$folder/fuzz.log"); then
        pass "log fuzz $preset" "$figure, seed $seed"
    else
        fail "log fuzz $preset" "seed $seed: $figure"
    fi
done
exit $failed
