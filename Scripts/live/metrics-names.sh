#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Random names, labels, values and help texts: each is refused with an error or read back as it was given, from text and
# OpenMetrics. NAMES_COUNT=1000000 is the full run; NAMES_SEED repeats one.
set -uo pipefail
cd "$(dirname "$0")/../.."
source Scripts/report.sh
count=${NAMES_COUNT:-100000}
seed=${NAMES_SEED:-$RANDOM}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
if ! swift build -c release --product MetricsRig >"$folder/build.log" 2>&1; then
    fail "random names" "the rig does not build: $(grep -m1 error: "$folder/build.log")"
    exit 1
fi
if ! written=$("$(swift build -c release --show-bin-path)/MetricsRig" names "$count" "$seed" "$folder" 2>&1); then
    fail "random names" "seed $seed: $(tail -n 2 <<<"$written")"
elif read_back=$(python3 Scripts/live/metrics/read.py names "$folder" 2>&1); then
    pass "random names" "$written; $read_back in two formats"
else
    fail "random names" "seed $seed: $(tail -n 2 <<<"$read_back")"
fi
exit $failed
