#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What a line costs besides time: a line that is off compares one byte and returns, without a call; lines that are on do
# not allocate, the dictionary form at most once.
set -uo pipefail
source "$(dirname "$0")/log/common.sh"

if command -v objdump >/dev/null; then
    code=$(objdump -d --no-show-raw-insn "$rig" | awk '/^[0-9a-f]+ <.*logDisabledLine.*>:$/ { on = 1 } on { print } on && /^$/ { exit }')
    before=$(awk '/[[:space:]]j[a-z]+[[:space:]]/ { exit } { print }' <<<"$code")
    calls_before=$(grep -cE '[[:space:]]call' <<<"$before")
    others=$(grep -E '[[:space:]]call' <<<"$code" | grep -vc 'LoggerCore.*emit')
    test_and_jump=$(grep -E '[[:space:]](cmp|test|j)[a-z]*[[:space:]]' <<<"$code" | head -n 2 | sed 's/^[^:]*:[[:space:]]*//; s/<.*//' | tr -s ' \t\n' ' ')
    verdict "log disabled level" "calls before the compare: $calls_before, calls but the one that logs: $others, code: $test_and_jump" \
        test "$calls_before" -eq 0 -a "$others" -eq 0 -a -n "$test_and_jump"
else
    printf 'SKIP log disabled level: objdump is not installed\n'
fi

# allocations MODE LINES: how often malloc and its kin were called.
allocations() {
    gdb -batch -nx -ex 'set debuginfod enabled off' -ex 'set breakpoint pending on' -ex 'break main' -ex run \
        -ex 'break malloc' -ex 'break posix_memalign' -ex 'break aligned_alloc' -ex 'break calloc' -ex 'break realloc' \
        -ex 'ignore 2 100000000' -ex 'ignore 3 100000000' -ex 'ignore 4 100000000' -ex 'ignore 5 100000000' -ex 'ignore 6 100000000' \
        -ex continue -ex 'info breakpoints' --args "$rig" hot mode="$1" lines="$2" 2>/dev/null |
        awk '/^[2-9]/ { own = 1 } /already hit/ { if (own) total += $4 } END { print total + 0 }'
}

if command -v gdb >/dev/null; then
    for mode in disabled static fields child dictionary; do
        few=$(allocations $mode 1000)
        many=$(allocations $mode 3000)
        # Two are allowed to the runs as such, whose timing differs.
        most=$([ $mode = dictionary ] && echo 2002 || echo 2)
        verdict "log allocations, $mode" "$((many - few)) in 2,000 lines" test $((many - few)) -le "$most" -a "$few" -gt 0
    done
else
    printf 'SKIP log allocations: gdb is not installed\n'
fi
exit $failed
