# SPDX-License-Identifier: Apache-2.0
# Sourced by the other scripts: one line per check, PASS or FAIL, with its figure.

failed=0
pass() { printf 'PASS %s: %s\n' "$1" "$2"; }
fail() { printf 'FAIL %s: %s\n' "$1" "$2"; failed=1; }

# verdict NAME FIGURE COMMAND...: PASS when the command succeeds.
verdict() {
    local name=$1 figure=$2
    shift 2
    if "$@"; then pass "$name" "$figure"; else fail "$name" "$figure"; fi
}

# step NAME LOG COMMAND...: runs a long command into a log, prints its time, and the log's end when it fails.
step() {
    local name=$1 log=$2 start=$SECONDS
    shift 2
    if "$@" >"$log" 2>&1; then
        pass "$name" "$((SECONDS - start)) s"
    else
        fail "$name" "after $((SECONDS - start)) s; the end of its output:"
        grep -nE 'error:|warning: unre|✘|recorded an issue|WARNING: ThreadSanitizer|ERROR: AddressSanitizer|Fatal error' "$log" | head -n 40
        tail -n 40 "$log"
        return 1
    fi
}
