#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What 50 checks every 10 s cost, whether reading the snapshot allocates, and whether a stop of the whole process raises
# a false alarm. HEALTH_STOP_SECONDS changes how long.
set -uo pipefail
cd "$(dirname "$0")/../.."
source Scripts/report.sh
swift build -c release --product HealthRig >/dev/null 2>&1 || { fail health-cost "HealthRig does not build"; exit 1; }
rig=$(swift build -c release --show-bin-path)/HealthRig
work=$(mktemp -d)
pid=
trap '[ -n "$pid" ] && kill -KILL "$pid" 2>/dev/null; rm -rf "$work"' EXIT
value() { sed -n "s/^$1=//p" "$2" | head -n 1; }

compiler=$(command -v cc || command -v clang) || true
preload=
if [ -n "$compiler" ] && "$compiler" -O1 -shared -fPIC -o "$work/count.so" Scripts/live/count-allocations.c; then
    preload=$work/count.so
fi
# Whatever else the machine does is charged to the process in part: the least of up to three measurements counts.
for _ in 1 2 3; do
    LD_PRELOAD=$preload "$rig" cost 20 >"$work/cost" 2>/dev/null
    cpu=$(value cpu_permille "$work/cost")
    awk -v figure="${cpu:-9}" 'BEGIN { exit !(figure <= 1) }' && break
done
verdict health-cpu "50 checks at 10 s use $cpu per mille of a core (at most 1)" \
    awk -v figure="${cpu:-9}" 'BEGIN { exit !(figure <= 1) }'
memory=$(value memory_kib "$work/cost")
verdict health-memory "50 checks take $memory KiB (at most 2048)" test "${memory:-9999}" -le 2048
allocations=$(value allocations "$work/cost")
if [ "$allocations" = unknown ]; then
    pass health-read "skipped: no C compiler to count allocations with"
else
    verdict health-read "$allocations allocations in 2,000,000 reads of the snapshot" test "${allocations:-1}" = 0
fi

"$rig" suspend >"$work/suspend" &
pid=$!
for _ in $(seq 100); do grep -q '^ready' "$work/suspend" && break; sleep 0.1; done
stop=${HEALTH_STOP_SECONDS:-60}
sleep 3
kill -STOP "$pid"; sleep "$stop"; kill -CONT "$pid"
sleep 4
kill -TERM "$pid"
wait "$pid"; code=$?
pid=
count=$(value transitions "$work/suspend")
verdict health-suspend "${count:-no} false transitions after $stop s of SIGSTOP, exit code $code" \
    test "$count" = 0 -a "$code" = 0
[ "$failed" = 0 ] || cat "$work/suspend"
exit "$failed"
