#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# SIGTERM fifty times: readiness turns within 50 ms and never comes back, liveness stays, keep-alive clients lose
# nothing; and a hook that never ends is cut off by the budget. HEALTH_DRAINS changes the number.
set -uo pipefail
cd "$(dirname "$0")/../.."
source Scripts/report.sh
swift build -c release --product HealthRig >/dev/null 2>&1 || { fail health-drain "HealthRig does not build"; exit 1; }
rig=$(swift build -c release --show-bin-path)/HealthRig

python3 Scripts/live/health/drain.py "$rig" "${HEALTH_DRAINS:-50}" || failed=1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$rig" drain 0 1000 hang >"$work/out" &
pid=$!
for _ in $(seq 100); do grep -qs '^ready' "$work/out" && break; sleep 0.05; done
start=$(date +%s%N)
kill -TERM "$pid"
wait "$pid"; code=$?
took=$((($(date +%s%N) - start) / 1000000))
verdict health-hung-hook "exit code $code after $took ms with a budget of 1000 ms" \
    test "$code" = 1 -a "$took" -ge 1000 -a "$took" -le 1250
exit "$failed"
