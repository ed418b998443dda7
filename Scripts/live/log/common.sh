# SPDX-License-Identifier: Apache-2.0
# Sourced by Scripts/live/log-*.sh: builds the rig and makes a folder that goes away. LOG_FULL=1 runs at full size.
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
source Scripts/report.sh
full=${LOG_FULL:-0}
check="python3 Scripts/live/log/check.py"
command -v python3 >/dev/null || { printf 'SKIP %s: python3 is not installed\n' "$0"; exit 0; }
build_log=$(mktemp)
if ! swift build -c release --product LogRig >"$build_log" 2>&1; then
    tail -n 20 "$build_log"
    rm -f "$build_log"
    fail build "LogRig does not build"
    exit 1
fi
rm -f "$build_log"
rig=$(swift build -c release --show-bin-path)/LogRig
folder=$(mktemp -d)
children=()
cleanup() {
    local child
    for child in "${children[@]}"; do kill -CONT "$child" 2>/dev/null; kill -9 "$child" 2>/dev/null; done
    mountpoint -q "$folder/disk" 2>/dev/null && umount -l "$folder/disk"
    rm -rf "$folder"
}
trap cleanup EXIT

# statistic NAME FILE: a number of the report that the rig leaves on standard error.
statistic() { python3 -c 'import json,sys; print(json.loads(open(sys.argv[2]).readlines()[-1])[sys.argv[1]])' "$1" "$2"; }

# account FILE: whether every reading added up and nothing is left in flight.
account() {
    python3 - "$1" <<'PY'
import json, sys
report = json.loads(open(sys.argv[1]).readlines()[-1])
whole = report["accepted"] == report["written"] + report["dropped"] and report["in_flight"] == 0
sys.exit(0 if whole and report["invariant_broken"] == 0 else 1)
PY
}
