#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# kill -9 while lines are written: a synchronous output loses no line whose call returned, an asynchronous one at most
# 10 ms and one batch. A process that just ends loses nothing. LOG_FULL=1: 200 kills each.
set -uo pipefail
source "$(dirname "$0")/log/common.sh"
kills=$([ "$full" = 1 ] && echo 200 || echo 15)
for mode in sync block; do
    total=0 lost=0 worst=0 trouble=""
    for turn in $(seq 1 "$kills"); do
        rm -f "$folder"/*.log "$folder/acknowledged"
        "$rig" load threads=4 lines=900000 rate=20000 file="$folder/app.log" delivery=$mode \
            acknowledge="$folder/acknowledged" 2>/dev/null &
        child=$!
        children+=("$child")
        sleep "0.$((RANDOM % 500 + 200))"
        kill -9 $child
        wait $child 2>/dev/null
        checked=$([ $mode = sync ] && echo sync || echo async)
        if figure=$($check kill --threads 4 --mode $checked --acknowledge "$folder/acknowledged" "$folder/app.log"); then
            read -r acknowledged missing late <<<"$figure"
            total=$((total + acknowledged)) lost=$((lost + missing))
            [ "$missing" -gt "$worst" ] && worst=$missing
        else
            trouble="kill $turn: $figure"
        fi
    done
    if [ -z "$trouble" ] && [ $total -gt 0 ]; then
        pass "log kill -9, $mode" "$kills kills, $total lines acknowledged, $lost lost, $worst at most in one kill"
    else
        fail "log kill -9, $mode" "${trouble:-nothing was acknowledged}"
    fi
done

rm -f "$folder/app.log"
"$rig" load threads=4 lines=20000 file="$folder/app.log" leave=1
if figure=$($check load --threads 4 --lines 20000 "$folder/app.log"); then
    pass "log flush at exit" "$figure"
else
    fail "log flush at exit" "$figure"
fi
exit $failed
