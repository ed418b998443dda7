#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A million generated hostile requests: at the parser, whole and byte by byte; over sockets; and against h11's verdicts.
# HTTP_FUZZ_COUNT changes how many, HTTP_FUZZ_SEED repeats a run.
set -uo pipefail
source "$(dirname "$0")/http/rig.bash"
count=${HTTP_FUZZ_COUNT:-1000000}
seed=${HTTP_FUZZ_SEED:-$RANDOM}

output=$("$rig" fuzz-parser "$count" "$seed" 2>&1)
verdict "http parser fuzz" "$(tail -n 1 <<<"$output")" test $? -eq 0

output=$("$rig" fuzz-server "$count" "$seed" 2>&1)
verdict "http server fuzz" "$(tail -n 1 <<<"$output")" test $? -eq 0

if python3 -c 'import h11' 2>/dev/null; then
    output=$("$rig" verdicts "$count" "$seed" | python3 Scripts/live/http/verdicts.py 2>"$work/disagreements")
    status=$?
    verdict "http verdicts of h11" "$output" test $status -eq 0
    ((status == 0)) || head -n 20 "$work/disagreements"
else
    fail "http verdicts of h11" "python3 has no h11; run Scripts/install-tools.sh"
fi
exit $failed
