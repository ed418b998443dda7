#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Prints where figures come from, as lines that start with `#`: commit, processor, load, toolchain.
set -uo pipefail
cd "$(dirname "$0")"

# processor KEY: the values of /proc/cpuinfo's KEY, one for each processor.
processor() { sed -n "s/^$1[[:space:]]*: //p" /proc/cpuinfo 2>/dev/null; }

commit=$(git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
[[ -z $(git status --porcelain --untracked-files=no 2>/dev/null) ]] || commit+=" with changes"
model=$(processor 'model name' | head -n 1)
speed=$(processor 'cpu MHz' | sort -n | awk '{ all[NR] = $1 / 1000 } END {
    if (NR == 0) { print "unknown"; exit }
    if (all[1] == all[NR]) printf "%.2f\n", all[1]; else printf "%.2f to %.2f\n", all[1], all[NR] }')
printf '# commit %s\n' "$commit"
printf '# processor %s, %s cores, %s GHz\n' "${model:-$(uname -m)}" "$(getconf _NPROCESSORS_ONLN)" "$speed"
printf '# load average %s\n' "$(cut -d ' ' -f 1-3 /proc/loadavg 2>/dev/null || uptime | sed 's/.*averages*: //')"
printf '# %s\n' "$(swift --version 2>/dev/null | grep -m 1 'Swift version' || echo 'Swift unknown')"
