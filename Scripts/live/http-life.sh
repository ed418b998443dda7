#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The endpoint as a guest: starts and stops leave nothing behind, it answers while everything else of the process is
# blocked and while there are no descriptors, it sleeps when nobody asks, and a connection costs little memory.
set -uo pipefail
source "$(dirname "$0")/http/rig.bash"

output=$("$rig" churn 1000 2>&1)
verdict "http start and stop" "$(tail -n 1 <<<"$output")" test $? -eq 0

output=$("$rig" blocked 1000 2>&1)
verdict "blocked pool" "$(paste -sd ';' <<<"$output")" test $? -eq 0

# Without descriptors: the limit is low for this process alone.
ulimit -S -n 64
start_rig exhaust
ulimit -S -n "$(ulimit -H -n)"
output=$(python3 Scripts/live/http/exhaustion.py "$port" "$work/input" "$work/output" 2>&1)
verdict "http without descriptors" "$output" test $? -eq 0
stop_rig
verdict "http rig's end" "exit status $rig_status" test "$rig_status" -eq 0

output=$(python3 Scripts/live/http/activation.py "$rig" 2>&1)
verdict "http socket activation" "$output" test $? -eq 0

start_rig serve 10
output=$(python3 Scripts/live/http/idle.py "$port" "$rig_pid" 2>&1)
verdict "http at rest" "$output" test $? -eq 0
stop_rig
exit $failed
