# SPDX-License-Identifier: Apache-2.0
# Sourced by the live checks of the endpoint: builds the rig and starts and stops it.

cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
source Scripts/report.sh
work=$(mktemp -d)
rig_pid=
trap 'stop_rig; rm -rf "$work"' EXIT

if ! swift build -c release --product HTTPRig >"$work/build.log" 2>&1; then
    tail -n 20 "$work/build.log"
    fail "http rig" "does not build"
    exit 1
fi
rig="$(swift build -c release --show-bin-path)/HTTPRig"

# start_rig SCENE [ARGUMENT...]: sets rig_pid, port, and descriptor 8, which is the rig's standard input.
start_rig() {
    rm -f "$work/input" "$work/output"
    mkfifo "$work/input"
    "$rig" "$@" <"$work/input" >"$work/output" 2>"$work/errors" &
    rig_pid=$!
    exec 8>"$work/input"
    for _ in $(seq 100); do
        port=$(head -n 1 "$work/output")
        [[ -n $port ]] && return 0
        sleep 0.05
    done
    fail "http rig" "did not start: $(head -n 3 "$work/errors")"
    exit 1
}

# The rig ends with its standard input.
stop_rig() {
    [[ -n $rig_pid ]] || return 0
    exec 8>&-
    wait "$rig_pid"
    rig_status=$?
    rig_pid=
    return 0
}
