#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Attacks with real tools: slow heads, bodies and readers while a fresh probe must be answered within 50 ms; load that
# must lose nothing; and each protocol rule over a raw socket.
set -uo pipefail
source "$(dirname "$0")/http/rig.bash"
seconds=${HTTP_ATTACK_SECONDS:-12}

start_rig serve 20000

output=$(python3 Scripts/live/http/rules.py "$port" 2>&1)
verdict "http protocol rules" "$(tail -n 1 <<<"$output")" test $? -eq 0
((failed == 0)) || printf '%s\n' "$output"

if command -v slowhttptest >/dev/null; then
    # attack NAME OPTION...: probes from fresh connections while the attack runs with 400 connections.
    attack() {
        local name=$1
        shift
        slowhttptest -c 400 -r 200 -l "$seconds" -p 3 "$@" >"$work/attack.log" 2>&1 &
        local attacker=$!
        local output
        output=$(python3 Scripts/live/http/probe.py "$port" $((seconds - 2)) 2>&1)
        local status=$?
        wait "$attacker"
        verdict "http under slow $name" "$output" test $status -eq 0
    }
    attack heads -H -i 2 -u "http://127.0.0.1:$port/livez"
    attack bodies -B -i 2 -s 8192 -t POST -u "http://127.0.0.1:$port/echo"
    attack readers -X -w 1 -y 16 -n 2 -z 32 -k 3 -u "http://127.0.0.1:$port/metrics"
else
    fail "http under slow clients" "no slowhttptest; run Scripts/install-tools.sh"
fi

output=$(ab -q -n 20000 -c 50 "http://127.0.0.1:$port/livez" 2>&1)
lost=$(grep -E '^(Failed requests|Non-2xx)' <<<"$output" | awk -F: '{sum += $2} END {print sum + 0}')
rate=$(awk '/^Requests per second/ {print $4}' <<<"$output")
verdict "http under ab" "20000 requests on 20000 connections, $lost lost, $rate/s" test "$lost" = 0

output=$(wrk -t2 -c64 -d3 --latency "http://127.0.0.1:$port/livez" 2>&1)
rate=$(awk '/^Requests\/sec/ {print $2}' <<<"$output")
slowest=$(awk '/ 99%/ {print $2}' <<<"$output")
bad=$(grep -cE 'Non-2xx|Socket errors' <<<"$output")
verdict "http under wrk" "$rate/s, p99 $slowest, $bad kinds of error" test "$bad" = 0

stop_rig
verdict "http after all that" "exit status $rig_status" test "$rig_status" -eq 0
exit $failed
