#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A disk that fills up and is freed again: no crash, no glued line, writing resumes within 5 s, the account is exact.
set -uo pipefail
source "$(dirname "$0")/log/common.sh"
mkdir "$folder/disk"
if ! mount -t tmpfs -o size=64m tmpfs "$folder/disk" 2>/dev/null; then
    printf 'SKIP log full disk: mounting a tmpfs needs root\n'
    exit 0
fi
lines=16000
for delivery in drop sync; do
    rm -f "$folder/disk"/*
    head -c 65000000 /dev/zero >"$folder/disk/ballast"
    "$rig" load threads=4 lines=$lines rate=2000 queue=262144 file="$folder/disk/app.log" delivery=$delivery \
        2>"$folder/report" &
    child=$!
    children+=("$child")
    # 4 threads x 2,000 lines x 250 bytes fill what is left in under a second.
    for _ in $(seq 1 100); do
        [ "$(df --output=avail "$folder/disk" | tail -n 1)" -eq 0 ] && break
        sleep 0.05
    done
    sleep 2
    stuck=$(stat -c %s "$folder/disk/app.log")
    freed=$(date +%s%N)
    rm "$folder/disk/ballast"
    resumed=never
    for _ in $(seq 1 600); do
        if [ "$(stat -c %s "$folder/disk/app.log")" -gt "$stuck" ]; then
            resumed=$((($(date +%s%N) - freed) / 1000000))
            break
        fi
        sleep 0.01
    done
    wait $child
    status=$?
    dropped=$(statistic dropped "$folder/report")
    if [ $status -eq 0 ] && [ "$resumed" != never ] && [ "$resumed" -le 5000 ] && [ "$dropped" -gt 0 ] && account "$folder/report" &&
        figure=$($check load --threads 4 --lines $lines --missing-ok "$dropped" "$folder/disk/app.log"); then
        pass "log full disk, $delivery" "$figure; resumed after $resumed ms, $(statistic errors "$folder/report") failed writes"
    else
        fail "log full disk, $delivery" "status $status, resumed $resumed, ${figure:-}; $(cat "$folder/report")"
    fi
done
exit $failed
