#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Disassembles a release loop over Counter.increment() and fails when it finds a call that allocates, locks, retains or
# releases. Allowed calls: the look for contention at one in many increments, and the way of registries with exemplars.
set -uo pipefail
cd "$(dirname "$0")/../.."
source Scripts/report.sh
name="increment loop"
build=(swift build -c release --package-path Benchmarks --product IncrementLoop)
if ! log=$("${build[@]}" 2>&1); then
    fail "$name" "the loop does not build: $(grep -m1 error: <<<"$log")"
    exit 1
fi
binary=$("${build[@]}" --show-bin-path)/IncrementLoop
objdump=$(dirname "$(readlink -f "$(command -v swiftc)")")/llvm-objdump
[ -x "$objdump" ] || objdump=llvm-objdump
code=$("$objdump" --disassemble-symbols=increment_loop --demangle "$binary")
instructions=$(grep -cE '^ *[0-9a-f]+:' <<<"$code")
# The atomic add itself must be there, else the wrong code was read.
adds=$(grep -cE 'lock|ldadd|stadd|ldxr' <<<"$code")
calls=$(grep -E '\b(callq?|blr?)\b' <<<"$code" | sed -E 's/^[^<]*<?//; s/>$//')
forbidden=$(grep -vE '^(.*(lookForContention|addAskingForExemplar).*)$' <<<"$calls" | grep -v '^$')
if [ "$instructions" -lt 5 ] || [ "$adds" -lt 1 ]; then
    fail "$name" "found $instructions instructions and $adds atomic adds; is the symbol increment_loop there?"
elif [ -n "$forbidden" ]; then
    fail "$name" "calls $(sort -u <<<"$forbidden" | paste -sd, -)"
else
    pass "$name" "$instructions instructions, $adds atomic adds, no call to allocate, lock, retain or release"
fi
exit $failed
