#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The five systems of Examples/Systems, each started and checked as its own monitoring guide does it, in green and in
# red state: one line per row of docs. `Scripts/systems.sh s2` runs one.
set -uo pipefail
cd "$(dirname "$0")/.."
source Scripts/report.sh

tests=$(swift test --package-path Examples/Systems -Xswiftc -warnings-as-errors 2>&1) ||
    { fail systems "they do not build, or the tests of what they share fail"; tail -n 30 <<<"$tests"; exit 1; }
pass systems "$(grep -h 'Test run with' <<<"$tests" | tail -n 1)"
for check in Scripts/systems/s[0-4].sh; do
    name=$(basename "$check" .sh)
    [[ -z ${1:-} || $1 == "$name" ]] || continue
    if ! timeout -k 20 300 "$check"; then
        failed=1
        printf 'FAIL %s: it ended with a failure\n' "$check"
    fi
done
exit $failed
