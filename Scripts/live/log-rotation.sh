#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Eight threads over rotation by size, and over renames with SIGHUP: every line once, in order, whole; no file over its
# cap. LOG_FULL=1: 250,000 lines a thread.
set -uo pipefail
source "$(dirname "$0")/log/common.sh"
lines=$([ "$full" = 1 ] && echo 250000 || echo 25000)
cap=$([ "$full" = 1 ] && echo 16777216 || echo 2097152)

"$rig" load threads=8 lines="$lines" file="$folder/app.log" rotate=$cap 2>"$folder/report"
largest=$(stat -c %s "$folder"/app.log* | sort -n | tail -n 1)
if figure=$($check load --sort --threads 8 --lines "$lines" "$folder"/app.log*) && account "$folder/report"; then
    pass "log rotation by size" "$figure, $(statistic rotations "$folder/report") rotations"
else
    fail "log rotation by size" "$figure; $(cat "$folder/report")"
fi
verdict "log file size" "largest file $largest bytes, cap $cap" test "$largest" -le "$cap"
rm -f "$folder"/app.log*

"$rig" load threads=8 lines="$lines" file="$folder/app.log" hangup=1 rate=$((lines / 5)) 2>"$folder/report" &
child=$!
children+=("$child")
for turn in $(seq 1 40); do
    sleep 0.1
    kill -0 $child 2>/dev/null || break
    mv "$folder/app.log" "$folder/moved.$(printf %03d "$turn").log" 2>/dev/null && kill -HUP $child
done
wait $child
if figure=$($check load --threads 8 --lines "$lines" "$folder"/moved.*.log "$folder/app.log") && account "$folder/report"; then
    pass "log rename and SIGHUP" "$figure, $(statistic reopenings "$folder/report") reopenings"
else
    fail "log rename and SIGHUP" "$figure; $(cat "$folder/report")"
fi
exit $failed
