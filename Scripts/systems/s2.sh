#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# MoAI-Flow: the agent service with a database, checked as its guide does, in green and in red state.
set -uo pipefail
source "$(dirname "$0")/rig.bash"
guides=Scripts/systems/guides

# --- a service on a small disk of its own, if this machine lets one be made
disk="$work/disk"
mkdir "$disk"
if mount -t tmpfs -o size=24m tmpfs "$disk" 2>/dev/null; then mounts+=("$disk"); fi
flow=$(binary moai-flow)
token=guide-token
export PORT DETAILS_PORT DATA_DIR="$disk/flow" INSTRUMENT_TOKEN=$token AGENT_SECONDS=0.5 CHECK_SECONDS=0.3 \
    QUERY_WINDOW_SECONDS=3 LOG_LEVEL=debug DATABASE_BYTES_MAX=2000000
PORT=$(free_port)
DETAILS_PORT=$(free_port)
base=http://127.0.0.1:$PORT
details=http://127.0.0.1:$DETAILS_PORT
database="$DATA_DIR/swarm.db"
start_service() { start flow "$flow"; service=$child; }

# check NAME: what /health/NAME tells in full.
check() { curl -s "$details/health/$1"; }
is_healthy() { [ "$(check "$2" | jq .healthy)" = "$1" ]; }
# state NAME STATE: pass, warn or fail.
is_state() { [ "$(check "$1" | jq -r .state)" = "$2" ]; }
# told NAME: whether its answer has the three things that the guide's result has.
told() { check "$1" | jq -e '(.healthy | type == "boolean") and (.message | type == "string") and (.details | type == "object")' >/dev/null; }
# post TYPE PAYLOAD: stores an event.
post() {
    curl -fsS -o /dev/null "$base/events" --data "{\"event_type\":\"$1\",\"agent_id\":\"agent-9\",\"user_id\":\"user-7\",\"payload\":\"$2\"}"
}
# metric SERIES: its value in a scrape of now.
metric() { curl -s "$base/metrics" | awk -v series="$1" '$1 == series { print $2 }'; }
# Another process takes the database for itself, until `unlock`.
lock() {
    rm -f "$work/locker"
    mkfifo "$work/locker"
    sqlite3 "$database" <"$work/locker" >/dev/null 2>"$work/locker.err" &
    locker=$!
    children+=("$locker")
    exec 7>"$work/locker"
    printf '.timeout 5000\nBEGIN EXCLUSIVE;\n' >&7
}
unlock() {
    printf 'COMMIT;\n' >&7
    exec 7>&-
    wait "$locker"
}

start_service
wait_until 20 is_status 200 "$base/readyz" || { fail "2.1" "not ready after 20 s: $(cat "$work/flow.err")"; exit 1; }
cat >"$work/prometheus.yml" <<YAML
global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs: [{job_name: moai-flow, static_configs: [{targets: ["127.0.0.1:$PORT"]}]}]
YAML
start_prometheus "$work/prometheus.yml"

# --- green
names='database disk_space memory query_performance agents'
green=0
for name in $names; do wait_until 5 is_healthy true "$name" && told "$name" && green=$((green + 1)); done
green_codes="$(status "$base/livez") $(status "$base/readyz") $(status "$base/startupz")"
green_line=$("$flow" health)
green_exit=$?
green_all=$("$flow" health --all)
green_all_exit=$?

# Work: messages in the inbox, one of them no text, and events by the API.
for number in $(seq 6); do
    printf 'message %s: every agent counts words, and words again\n' "$number" >"$DATA_DIR/inbox/.message-$number"
    mv "$DATA_DIR/inbox/.message-$number" "$DATA_DIR/inbox/message-$number"
done
completed() { [ "$(curl -s "$base/events/counts" | jq .task_completed)" = "$1" ]; }
wait_until 10 completed 6
done_before=$(metric 'moai_flow_events_total{event_type="task_completed"}')
active=$(metric moai_flow_agents_active)
size=$(metric moai_flow_db_size_bytes)
real_size=$(sqlite3 -readonly "$database" 'SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()')
resident=$(metric process_resident_memory_bytes)
real_resident=$(awk '/^VmRSS/ { print $2 * 1024 }' "/proc/$service/status")

# The names of node_exporter are as they are.
complaints=$(curl -s "$base/metrics" | promtool check metrics 2>&1 | grep -v '^node_memory_MemTotal_bytes')
type=$(curl -s -o /dev/null -w '%{content_type}' "$base/metrics")
verdict 2.13 "GET /metrics is \"$type\", promtool: ${complaints:-no complaints}" \
    test -z "$complaints" -a "${type%%;*}" = text/plain
close=$(awk -v a="${resident:-0}" -v b="$real_resident" 'BEGIN { print (a > b * 0.7 && a < b * 1.3) }')
cpu=$(metric process_cpu_seconds_total)
verdict 2.11 "process_resident_memory_bytes $resident, the kernel says $real_resident; process_cpu_seconds_total ${cpu:-missing}" \
    test "$close" = 1 -a -n "$cpu"

# --- red: the database is moved away
mv "$database" "$database.away"
wait_until 5 is_status 503 "$base/readyz"
red_codes="$(status "$base/livez") $(status "$base/readyz")"
red_line=$("$flow" health ready)
red_exit=$?
red_all=$("$flow" health --all)
red_all_exit=$?
red='' reds=0
note_red() { # NAME FAULT: waits until the check is red and counts it.
    if wait_until 10 is_healthy false "$1" && told "$1" && [ "$(status "$base/health/$1")" = 503 ]; then reds=$((reds + 1)); fi
    red+="${red:+; }$1 ($2): $(check "$1" | jq -r .message)"
}
note_red database 'moved away'
mv "$database.away" "$database"
wait_until 5 is_status 200 "$base/readyz"
moved_back=$(status "$base/readyz")

# --- red: another process holds the database
lock
note_red query_performance 'locked by sqlite3'
is_slow() { [ "$(query 'count(moai_flow_query_duration_seconds{quantile="0.95"} > 0.1)')" ]; }
wait_until 10 is_slow
slow=$(query 'max(moai_flow_query_duration_seconds{quantile="0.95"} > 0.1)')
kill -TERM "$service"
wait "$service"
cat "$work/flow.out" >"$work/console"
start_service
wait_until 10 is_status 503 "$base/startupz"
startup_red=$(status "$base/startupz")
unlock
wait_until 10 is_status 200 "$base/startupz"
startup_green=$(status "$base/startupz")

figure="green live/ready/startup $green_codes, \"$green_line\" exit $green_exit; red (database moved away) live/ready $red_codes, \"$red_line\" exit $red_exit, back to $moved_back; startup $startup_red while the database is locked, then $startup_green"
verdict 2.1 "$figure" test "$green_codes/$green_exit/$red_codes/$red_exit/$moved_back/$startup_red/$startup_green" = \
    "200 200 200/0/200 503/1/200/503/200" -a "$(wc -l <<<"$green_line$red_line")" = 1

# --- red: agents that stall on messages that never end; the disk fills; memory is injected
mkfifo "$DATA_DIR"/inbox/stuck-{a,b,c}
note_red agents 'each reads a pipe without a writer'
agents_live=$(status "$base/livez")
is_metric() { [ "$(metric "$1")" = "$2" ]; }
wait_until 15 is_metric moai_flow_agents_active 0
active_red=$(metric moai_flow_agents_active)
for letter in a b c; do : >"$DATA_DIR/inbox/stuck-$letter"; done
wait_until 10 is_metric moai_flow_agents_active 3
wait_until 10 is_healthy true agents
if [ ${#mounts[@]} -gt 0 ]; then
    free=$(df --output=avail -k "$disk" | tail -n 1)
    dd if=/dev/zero of="$disk/filler" bs=1k count=$((free - 1900)) 2>/dev/null
    disk_fault='tmpfs filled'
else
    curl -s -o /dev/null -X PUT -H "Authorization: Bearer $token" "$base/faults/disk_space?seconds=3"
    disk_fault='injected: no disk of its own can be mounted here'
fi
note_red disk_space "$disk_fault"
rm -f "$disk/filler"
curl -s -o /dev/null -X PUT -H "Authorization: Bearer $token" "$base/faults/memory?seconds=2"
note_red memory injected
back=0
for name in $names; do wait_until 15 is_healthy true "$name" && back=$((back + 1)); done
verdict 2.3 "green $green of 5, red $reds of 5 with healthy, message and details [$red], back to green $back of 5; exit codes of the comprehensive check $green_all_exit and $red_all_exit" \
    test "$green/$reds/$back/$green_all_exit/$red_all_exit" = 5/5/5/0/1 -a \
    "$(grep -c '^✅' <<<"$green_all")/$(grep -c '^❌ database: .*moved' <<<"$red_all")/$(grep -c 'Some health checks failed' <<<"$red_all")" = 6/1/1

# --- the table of thresholds
limits() { # NAME STATE FAULT...: waits until the check has that state.
    if wait_until 15 is_state "$1" "$2"; then levels=$((levels + 1)); fi
    level+="${level:+; }$1 $(check "$1" | jq -r '"\(.state) at \(.observedValue // 0 | tostring | .[0:8])"') ($3)"
}
level='' levels=0
if [ ${#mounts[@]} -gt 0 ]; then
    free=$(df --output=avail -k "$disk" | tail -n 1)
    dd if=/dev/zero of="$disk/filler" bs=1k count=$((free - 3600)) 2>/dev/null
    limits disk_space warn 'filled past 80 %'
    rm -f "$disk/filler"
else
    level+='disk_space not shown: no disk of its own can be mounted here' levels=$((levels + 1))
fi
for number in $(seq 4); do printf '\xff' >"$DATA_DIR/inbox/not-text-$number"; done
limits error_rate fail 'messages that are no text'
limits uptime fail 'time that the faults took'
limits database_size pass 'below the limit'
payload=$(head -c 100000 /dev/zero | tr '\0' x)
for _ in $(seq 20); do post task_completed "$payload"; done
limits database_size fail 'past DATABASE_BYTES_MAX'
limits memory pass 'as it is'
for name in cpu memory; do
    curl -s -o /dev/null -X PUT -H "Authorization: Bearer $token" "$base/faults/$name?seconds=5"
    limits $name fail injected
done
verdict 2.4 "$level" test "$levels" = 8

# --- log rotation while lines are written
mkdir "$work/bin"
printf '#!/bin/sh\n[ "$1 $2" = "reload moai-flow" ] && kill -HUP %s\n' "$service" >"$work/bin/systemctl"
chmod +x "$work/bin/systemctl"
sed -e "s|/var/log/moai-flow|$DATA_DIR/logs|" -e "s|ubuntu ubuntu|$(id -un) $(id -gn)|" $guides/s2.logrotate >"$work/logrotate.conf"
chmod 644 "$work/logrotate.conf"
sqlite3 "$database" '.timeout 5000' "DELETE FROM events WHERE length(payload) > 1000" ''
posted=20
rotations=0
for turn in 1 2 3; do
    for number in $(seq 20); do post user_message "turn $turn, $number" && posted=$((posted + 1)); done
    PATH="$work/bin:$PATH" logrotate --force --state "$work/logrotate.state" "$work/logrotate.conf" >>"$work/logrotate.out" 2>&1 &&
        rotations=$((rotations + 1))
    wait_until 5 test -s "$DATA_DIR/logs/moai-flow.log"
done
post user_message 'after the last rotation' && posted=$((posted + 1))
log="$DATA_DIR/logs/moai-flow.log"
wait_until 5 grep -q 'event stored' "$log"
mode=$(stat -c %a "$log")

# --- metrics under the guide's names, asked of a real Prometheus
events=$(metric 'moai_flow_events_total{event_type="user_message"}')
wait_until 10 has_data 'moai_flow_query_duration_seconds{quantile="0.95",query_type="insert"} >= 0'
p95=$(query 'moai_flow_query_duration_seconds{quantile="0.95",query_type="insert"}')
histogram=$(query 'histogram_quantile(0.95, sum by (le) (rate(moai_flow_query_latency_seconds_bucket[1m])))')
verdict 2.9 "events_total{task_completed} $done_before of 6, {user_message} $events of 61; agents_active $active, $active_red once all stalled; db_size_bytes $size of $real_size" \
    test "$done_before/$events/$active/$active_red/$size" = "6/61/3/0/$real_size"
verdict 2.10 "summary {quantile=\"0.95\"} ${p95:-missing} s, histogram_quantile ${histogram:-missing} s; the guide's condition > 0.1 held at ${slow:-no value} s while locked" \
    test -n "$p95" -a -n "$histogram" -a -n "$slow"

# --- the log, whole, once the service has ended
kill -TERM "$service"
wait "$service"
code=$?
cat "$work/flow.out" >>"$work/console"
for number in 3 2; do [ -f "$log.$number.gz" ] && zcat "$log.$number.gz"; done >"$work/whole"
cat "$log.1" "$log" >>"$work/whole"
stored=$(grep -c '"message":"event stored"' "$work/whole")
verdict 2.8 "$rotations rotations by logrotate with the guide's configuration, $stored of $posted lines kept, mode $mode, $(ls "$DATA_DIR/logs" | wc -l) files" \
    test "$rotations/$stored/$mode" = "3/$posted/644"
fields='["timestamp","level","logger","message","module","function","line"]'
bare=$(jq -c --argjson want "$fields" 'select(($want - keys) != [])' "$work/whole" | wc -l)
users=$(jq -c 'select(.user_id == "user-7" and .agent_id == "agent-9")' "$work/whole" | wc -l)
exceptions=$(jq -c 'select(.exception != null and .agent_id != null and .level == "ERROR")' "$work/whole" | wc -l)
lines=$(wc -l <"$work/whole")
verdict 2.5 "$lines lines, $bare without one of the seven fields; $users with user_id and agent_id, $exceptions errors with exception" \
    test "$bare" = 0 -a "$users" = "$posted" -a "$exceptions" -gt 0
levels=$(jq -r .level "$work/whole" | sort -u | tr '\n' ' ')
verdict 2.6 "levels seen: $levels" test "$levels" = 'CRITICAL DEBUG ERROR INFO WARNING '
nested=$(jq -c 'select(any(.[]; type == "object" or type == "array"))' "$work/whole" | wc -l)
verdict 2.7 "$nested nested values; console and file hold the same $lines lines (exit code $code)" \
    cmp -s <(sort "$work/console") <(sort "$work/whole")
[ "$nested" = 0 ] || fail 2.7 "$nested lines are not flat"
exit $failed
