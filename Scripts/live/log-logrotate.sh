#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Debian's logrotate with three usual configurations while lines are written: nothing is lost. And with
# copytruncate, which loses lines by itself: no hole, no torn line, no wrong order.
set -uo pipefail
source "$(dirname "$0")/log/common.sh"
command -v logrotate >/dev/null || { printf 'SKIP log logrotate: logrotate is not installed\n'; exit 0; }
lines=$([ "$full" = 1 ] && echo 250000 || echo 24000)
seconds=$([ "$full" = 1 ] && echo 40 || echo 8)
pause=$([ "$full" = 1 ] && echo 5 || echo 1.2)
user=$(id -un) group=$(id -gn)

# run SLUG NAME CONFIGURATION OPTION [truncated]: eight threads write for a while, logrotate is forced several times, all
# files are read. A file that is copied and cut off is never reopened, and what is written in between is logrotate's loss.
run() {
    local slug=$1 name=$2 configuration=$3 logs="$folder/$1" mode=${5:-load} reopenings_least=3
    [ "$mode" = load ] || reopenings_least=0
    mkdir "$logs"
    printf '%s/*.log {\n    su %s %s\n%s\n}\n' "$logs" "$user" "$group" "$configuration" >"$folder/$slug.conf"
    chmod 644 "$folder/$slug.conf"
    "$rig" load threads=8 lines="$lines" rate=$((lines / seconds)) file="$logs/app.log" $4 2>"$folder/$slug.report" &
    child=$!
    children+=("$child")
    echo $child >"$folder/pid"
    # None near the end: a file that is renamed after the last line is created by nobody.
    local turns=0 end=$((SECONDS + seconds - 2))
    # Fewer turns than the smallest "rotate" keeps: what logrotate deletes by its configuration is not lost by the log.
    while sleep "$pause" && [ $SECONDS -lt $end ] && [ $turns -lt 6 ]; do
        if logrotate --force --state "$folder/$slug.state" "$folder/$slug.conf" >>"$folder/$slug.out" 2>&1; then turns=$((turns + 1)); fi
    done
    wait $child
    # Oldest first: app.log.7.gz ... app.log.2.gz, app.log.1, app.log.
    local files
    files=$(ls "$logs" | sort -t. -k3,3nr | sed "s|^|$logs/|" | grep -v '/app.log$')
    if figure=$($check "$mode" --threads 8 --lines "$lines" $files "$logs/app.log") && account "$folder/$slug.report" && 
        [ $turns -ge 3 ] && [ "$(statistic reopenings "$folder/$slug.report")" -ge $reopenings_least ]; then
        pass "log logrotate, $name" "$figure, $turns rotations, $(statistic reopenings "$folder/$slug.report") reopenings"
    else
        fail "log logrotate, $name" "$figure, $turns rotations; $(tail -n 3 "$folder/$slug.out")"
    fi
}

reload="    postrotate
        kill -HUP \$(cat $folder/pid)
    endscript"
run restart-free "daily keep 30, no reload" "    daily
    rotate 30
    compress
    delaycompress
    missingok
    notifempty
    create" ""
run create "daily keep 7, create 0644, reload" "    daily
    rotate 7
    compress
    delaycompress
    notifempty
    create 0644 $user $group
    sharedscripts
$reload" "hangup=1"
run shared "daily keep 52, sharedscripts, reload" "    daily
    missingok
    rotate 52
    compress
    delaycompress
    notifempty
    sharedscripts
$reload" "hangup=1"
run cut "copytruncate" "    daily
    rotate 30
    copytruncate" "" truncated
exit $failed
