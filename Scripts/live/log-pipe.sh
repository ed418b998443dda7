#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A reader of standard output that stops, or goes away: the service lives, the policy holds, drops are exact.
# LOG_FULL=1: stopped for 60 s.
set -uo pipefail
source "$(dirname "$0")/log/common.sh"
stopped=$([ "$full" = 1 ] && echo 60 || echo 6)
lines=$((stopped * 2500))

mkfifo "$folder/pipe"
cat "$folder/pipe" >"$folder/read.log" &
reader=$!
"$rig" load threads=4 lines=$lines rate=2000 delivery=drop queue=1048576 >"$folder/pipe" 2>"$folder/report" &
child=$!
children+=("$reader" "$child")
sleep 0.3
kill -STOP $reader
sleep "$stopped"
kill -CONT $reader
wait $child
status=$?
wait $reader
dropped=$(statistic dropped "$folder/report")
slowest=$(statistic slowest_ms "$folder/report")
if [ $status -eq 0 ] && [ "$dropped" -gt 0 ] && account "$folder/report" &&
    figure=$($check load --threads 4 --lines $lines --missing-ok "$dropped" "$folder/read.log"); then
    pass "log reader stopped ${stopped} s" "$figure; slowest call $slowest ms"
else
    fail "log reader stopped ${stopped} s" "status $status; ${figure:-}; $(cat "$folder/report")"
fi
verdict "log call while the reader is stopped" "slowest $slowest ms" test "$slowest" -lt 500

"$rig" load threads=4 lines=20000 delivery=drop 2>"$folder/report" | head -n 100 >"$folder/read.log"
status=${PIPESTATUS[0]}
report=$(tail -n 1 "$folder/report")
notices=$(grep -c 'log output closed' "$folder/report")
if [ "$status" -eq 0 ] && [ "$notices" -eq 1 ] && account "$folder/report" && [ "$(statistic closed_by "$folder/report")" -eq 32 ]; then
    pass "log reader gone" "the service ended by itself, $(statistic dropped "$folder/report") lines counted as dropped, standard error told once"
else
    fail "log reader gone" "status $status, $notices notices; $report"
fi
exit $failed
