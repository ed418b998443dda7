#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The tmux orchestrator's monitor over real processes: one line per row, each in green and in red state. Sessions are
# moved away, bloated and spoilt, the state file is cut, agents are killed; nothing is injected. The guide's scripts run as
# they are, but for ports and folders.
set -uo pipefail
source "$(dirname "$0")/rig.bash"
guides=Scripts/systems/guides
program=$(binary tmux-monitor)
token=token-for-the-checks
data=$work/data
sessions=$data/sessions
mkdir -p "$sessions" "$work/log" "$work/bin"

# session NAME [NOTE]: an agent, which is a process that waits, and its session file.
session() {
    sleep 600 &
    children+=("$!")
    printf 'pid=%d\ncommand=sleep 600\nnote=%s\n' "$!" "${2:-}" >"$sessions/$1.session"
}
for name in planner coder tester reviewer writer; do session "$name"; done
# What the monitor starts again is its child, and ends with this script as well.
end_agents() { sed -n 's/^pid=//p' "$sessions"/*.session 2>/dev/null | xargs -r kill 2>/dev/null; }
trap 'end_agents; clean_up' EXIT

# monitor [VARIABLE=VALUE...]: starts one whose minutes are shorter: 30 s are 0.3 s, 15 min are 9 s.
monitor() {
    start monitor env PORT=0 DATA_DIR="$data" LOG_DIR="$work/log" MONITOR_CYCLE_SECONDS=0.5 SCHEDULE_DIVISOR=100 \
        INSTRUMENT_TOKEN=$token "$@" "$program"
    service=$child
    wait_until 20 grep -q http "$work/monitor.err" || { fail S4 "no address: $(cat "$work/monitor.err")"; exit 1; }
    base=$(grep -o 'http://[0-9.:]*' "$work/monitor.err")
    port=${base##*:}
}
restart() {
    kill "$service"
    wait "$service"
    monitor "$@"
}
# guide NAME: runs a script of the guide, moved to where things are here.
guide() {
    sed -e "s|localhost:8080|127.0.0.1:$port|g; s|/var/log/tmux-orchestrator|$work/log|g; s|/var/lib/tmux-orchestrator|$data|g" \
        "$guides/$1" >"$work/$1"
    PATH="$work/bin:$PATH" bash "$work/$1" 2>/dev/null
}
color() { curl -s "$base/health/components" | jq -r .color; }
is_color() { [ "$(color)" = "$1" ]; }
state() { curl -s "$base/health/$1" | jq -r .state; }
is_state() { [ "$(state "$1")" = "$2" ]; }
value() { curl -s -H "Authorization: Bearer $token" "$base/health/$1" | jq "${2:-.observedValue}"; }
metric() { curl -s "$base/metrics" | awk -v series="$1" '$1 == series { print $2 }'; }
is_metric() { [ "$(metric "$1")" = "$2" ]; }
told() { jq -rs --arg name "$1" 'map(select(.subject == $name)) | last | .severity // "nothing"' "$data/notifications.jsonl"; }
is_told() { [ "$(told "$1")" = "$2" ]; }
codes() { printf '%s %s %s' "$(status "$base/health")" "$(status "$base/health/components")" "$(status "$base/health/agent_monitor")"; }
# runs CHECK: how often it has run.
runs() { curl -s "$base/metrics" | awk -v name="health_check_results_total{check=\"$1\"" 'index($1, name) == 1 { sum += $2 } END { print sum + 0 }'; }
alarm() { guide s4.health-check.sh | grep -c 'ALERT: Component health check failed'; }

monitor
wait_until 20 is_color green || fail S4 "not green: $(curl -s "$base/health/components")"

# --- green
codes_green=$(codes)
colors=$(color)
alarm_green=$(alarm)
body_green=$(curl -s "$base/health/components" | grep -c healthy)
names_green="cycle $(metric monitoring_cycle_duration) s, component_health $(metric 'component_health{component="state_store"}'), detection errors $(metric agent_detection_errors), agents $(metric agents_total)/$(metric agents_healthy)/$(metric agents_idle), $(metric monitoring_agents_per_second) agents/s"
type_green=$(curl -s "$base/metrics" | awk '/^# TYPE agent_detection_errors / { print $4 }')
first_cycle=$(curl -s "$base/metrics" | grep cycle_duration | tail -1)
guide_cycle=$(guide s4.performance.sh)
curl -s "$base/metrics" | grep -v '^#' | sed 's/ [^ ]*$//' >"$work/order.1"
sleep 1
curl -s "$base/metrics" | grep -v '^#' | sed 's/ [^ ]*$//' >"$work/order.2"
ticks_before="$(runs agent_monitor) $(runs memory) $(runs cycle_time) $(runs state_integrity)"
sleep 9.5
ticks_after="$(runs agent_monitor) $(runs memory) $(runs cycle_time) $(runs state_integrity)"
ticks=$(paste -d ' ' <(tr ' ' '\n' <<<"$ticks_before") <(tr ' ' '\n' <<<"$ticks_after") | awk '{ printf "%s%d", sep, $2 - $1; sep = " " }')
history_green=$(curl -s "$base/api/history" | jq length)
incidents_green=$(curl -s "$base/health/incidents" | jq length)
targets_green="memory $(state memory) ($(value memory | cut -d. -f1) MB), CPU $(state cpu) ($(value cpu | cut -c 1-4) %), state file $(state state_file) ($(value state_file .details.bytes) bytes, $(value state_file .details.age_seconds) s old), valid $(state state_integrity)"
cycle_green="$(state cycle_time) at $(value cycle_time | cut -c 1-5) ms of $(metric agents_total) agents, baseline $(state cycle_baseline)"
dependencies=$(curl -s "$base/health/components" | jq -r '.components | to_entries | map(select(.value.dependsOn != []) | "\(.key) on \(.value.dependsOn[0])") | join(", ")')

# --- yellow: the notifier has nowhere to write, which is no critical component
mv "$data/notifications.jsonl" "$work/notifications.before" && mkdir "$data/notifications.jsonl"
wait_until 5 is_color yellow
colors+=" $(color)"
alarm_yellow=$(alarm)
body_yellow=$(curl -s "$base/health/components" | grep -c healthy)
rmdir "$data/notifications.jsonl"
wait_until 5 is_state notifier pass
verdict_log=$(grep -c '"level":"INFO".*agent_detection' "$work/log/monitoring.log")

# --- red: the sessions are gone, which is the agent monitor's failure
mv "$sessions" "$work/elsewhere"
wait_until 5 is_color red
colors+=" $(color)"
codes_red=$(codes)
alarm_red=$(alarm)
body_red=$(curl -s "$base/health/components" | grep -c healthy)
component_red=$(metric 'component_health{component="agent_monitor"}')
wait_until 3 is_told agent_monitor critical
critical_told=$(told agent_monitor)
incidents_red=$(curl -s "$base/health/incidents" | jq -r 'map(select(.open)) | map(.check) | join(",")')
suppressed=$(curl -s "$base/health/components" | jq -r '.components | map_values(.marks | index("suppressed")) | to_entries | map(select(.value != null).key) | join(",")')
wait_until 10 is_state error_rate warn
error_rate_red="$(state error_rate) ($(value error_rate | cut -d. -f1) a minute)"
attempts=0
# The hook has run; more by hand make a loop of it.
by_hand() { curl -s -o /dev/null -w '%{http_code}' -X POST -H "Authorization: Bearer $token" "$base/components/$1/restart"; }
restart_red=$(by_hand agent_monitor)
mv "$work/elsewhere" "$sessions"
wait_until 10 is_state agent_monitor pass
for _ in 1 2 3; do restart_green=$(by_hand crash_detector); done
wait_until 3 is_state component_restarts warn
loop_red="$(state component_restarts) ($(value component_restarts) restarts)"
hooks=$(grep -c '"component restart".*agent_monitor' "$work/log/monitoring.log")

verdict 4.1 "/health, /health/components, /health/agent_monitor: green $codes_green, red $codes_red; an unknown one $(status "$base/health/nothing")" \
    test "$codes_green $codes_red $(status "$base/health/nothing")" = "200 200 200 503 503 503 404"
verdict 4.2 "$colors: all is well, the notifier fails, the agent monitor fails" test "$colors" = "green yellow red"
verdict 4.3 "the guide's script: $alarm_green alarms when green, $alarm_yellow when yellow, $alarm_red when red; lines with the word: $body_green, $body_yellow, $body_red (its comparison of a metric's line with \"0.5\" always warns, by its own fault)" \
    test "$alarm_green $alarm_yellow $alarm_red $body_green $body_yellow $body_red" = "0 0 1 1 1 0"
# 9.5 s hold 31 turns of 0.3 s, 8 of 1.2 s, 3 of 3 s and 1 of 9 s, each a tenth more or less.
verdict 4.4 "turns within 9.5 s of 30 s, 2 min, 5 min and 15 min, each a hundredth: $ticks" \
    awk -v turns="$ticks" 'BEGIN { split(turns, n, " "); exit !(n[1] >= 24 && n[1] <= 37 && n[2] >= 6 && n[2] <= 10 && n[3] >= 2 && n[3] <= 5 && n[4] >= 1 && n[4] <= 2) }'

# --- agents crash and are started again; one that crashes always is given up
victim=$(sed -n 's/^pid=//p' "$sessions/coder.session")
kill "$victim"
renewed() { local pid; pid=$(sed -n 's/^pid=//p' "$sessions/coder.session"); [ "$pid" != "$victim" ] && kill -0 "$pid"; }
wait_until 5 renewed
recovered=$(renewed && grep -c '"agent restarted".*coder' "$work/log/monitoring.log")

# --- a spoilt session is information, a spoilt state a critical failure that is cured
printf 'pid=nobody\n' >"$sessions/broken.session"
wait_until 5 is_state detection_accuracy warn
errors_red=$(metric agent_detection_errors)
accuracy_red="$(state detection_accuracy) ($(value detection_accuracy | cut -d. -f1) %)"
info_lines=$(grep -c '"level":"INFO".*agent_detection failed' "$work/log/monitoring.log")
wait_until 14 is_told detection_accuracy warning
warning_told=$(told detection_accuracy)
warning_after=$(jq -rs 'map(select(.subject == "detection_accuracy")) | last | .time' "$data/notifications.jsonl")
began=$(curl -s "$base/health/history" | jq -r 'map(select(.name == "detection_accuracy" and .to == "warn")) | last | .time')
delay=$(($(date -d "$warning_after" +%s) - $(date -d "$began" +%s)))
rm "$sessions/broken.session"
wait_until 5 is_state detection_accuracy pass

head -c 40 "$data/state/state.json" >"$work/cut" && cp "$work/cut" "$data/state/state.json"
set_aside() { compgen -G "$data/state/*.old" >/dev/null; }
wait_until 15 set_aside
integrity_red=$(curl -s "$base/health/history" | jq -r 'map(select(.name == "state_integrity" and .to == "fail")) | length')
wait_until 15 is_state state_integrity pass
integrity_green="$(state state_integrity), $(jq '.agents | length' "$data/state/state.json") agents in the new file, $(compgen -G "$data/state/*.old" | wc -l) set aside"
guide_find=$(guide s4.state.sh | wc -l)
verdict 4.11 "dependencies: $dependencies (suppressed when red: $suppressed); hook: $hooks restarts of agent_monitor, by hand $restart_green, $restart_red while its folder is gone; loop: $loop_red; agents started again: $recovered; state: $integrity_green" \
    test "$restart_green $restart_red ${loop_red%% *} $recovered ${integrity_green%%,*} $integrity_red" = "204 500 warn 1 pass 1" -a "$hooks" -ge 2 -a "$suppressed" = crash_detector,state_store

verdict 4.8 "green: $names_green; $type_green; red: component_health $component_red, detection errors $errors_red" \
    test "$component_red $type_green" = "0 untyped" -a "${errors_red:-0}" -gt 0
verdict 4.13 "two scrapes name $(wc -l <"$work/order.1") series in the same order; grep cycle_duration | tail -1: $first_cycle" \
    test "$(comm -12 <(sort "$work/order.1") <(sort "$work/order.2") | wc -l)" -ge 50 -a "${first_cycle%% *}" = monitoring_cycle_duration -a -z "$(diff <(grep -Fxf "$work/order.1" "$work/order.2") "$work/order.1")" -a -n "$guide_cycle"
history_red=$(curl -s "$base/health/history" | jq 'map(select(.subject == "check")) | length')
incidents_closed=$(curl -s "$base/health/incidents" | jq 'map(select(.open | not)) | length')
verdict 4.10 "ring: $history_green cycles; active alerts: green $incidents_green, red $incidents_red; history: $history_red events, $incidents_closed incidents that closed" \
    test "$history_green" -ge 15 -a "$incidents_green" = 0 -a "$history_red" -gt 4 -a "$incidents_closed" -ge 1 -a "${incidents_red#*agent_monitor}" != "$incidents_red"
verdict 4.7 "critical at once: $critical_told; warning: $warning_told after $delay s (15 min, a hundredth); information: $info_lines lines in the log alone; errors: $error_rate_red" \
    test "$critical_told $warning_told ${error_rate_red%% *}" = "critical warning warn" -a "$delay" -ge 8 -a "$info_lines" -gt 0 -a "$(told agent_detection)" = nothing

# --- logs are rotated while lines are written; `systemctl reload` is the signal that systemd would send
printf '#!/usr/bin/env bash\n[ "$1" = reload ] && kill -HUP %d\n' "$service" >"$work/bin/systemctl"
chmod +x "$work/bin/systemctl"
chmod 755 "$work/log"
sed -e "s|/var/log/tmux-orchestrator|$work/log|" -e "/daily/i\\    su $(id -un) $(id -gn)" "$guides/s4.logrotate" >"$work/logrotate.conf"
chmod 644 "$work/logrotate.conf"
tail -F -n +1 "$work/log/monitoring.log" >"$work/tailed" 2>/dev/null &
children+=("$!")
for number in 1 2 3; do
    # A day has passed since the last time.
    printf 'logrotate state -- version 2\n"%s/monitoring.log" 2020-1-1-0:0:0\n' "$work/log" >"$work/logrotate.state"
    PATH="$work/bin:$PATH" logrotate --state "$work/logrotate.state" "$work/logrotate.conf" >>"$work/logrotate.out" 2>&1
    wait_until 5 test -s "$work/log/monitoring.log"
    sleep 1.2
done
kinds=$(cd "$work/log" && ls | sed -E 's/monitoring\.log//' | paste -sd ' ')
gaps() { jq -s 'map(select(.message == "cycle complete").cycle) | [., .[1:]] | transpose | map(select(.[1] != null and .[1] - .[0] != 1)) | length'; }
kept_gaps=$(for number in 3.gz 2.gz 1 ''; do zcat -f "$work/log/monitoring.log${number:+.$number}"; done | gaps)
tail_gaps=$(gaps <"$work/tailed")
verdict 4.12 "three turns of the guide's configuration leave [monitoring.log:$kinds]; $(grep -c . "$work/tailed") lines tailed as JSON; gaps between cycles: $kept_gaps in the files, $tail_gaps in the tail; reopened $(metric log_reopens_total) times" \
    test "$kinds" = " .1 .2.gz .3.gz" -a "$kept_gaps" = 0 -a "$tail_gaps" = 0 -a "$(metric log_reopens_total)" -ge 3

# --- one session grows without bounds: slow for five agents, in order for a hundred; then the state is too large, too
bloat() { { printf 'pid=%d\ncommand=\nnote=' "$(sed -n 's/^pid=//p' "$sessions/planner.session")"; head -c "$1" /dev/zero | tr '\0' x; echo; } >"$work/bloated" && mv "$work/bloated" "$sessions/planner.session"; }
bloat "${BLOAT:-3000000}"
wait_until 12 is_state cycle_time fail
cycle_red="$(state cycle_time) at $(value cycle_time | cut -d. -f1) ms of $(metric agents_total) agents, baseline $(state cycle_baseline)"
printf 'pid=%d\n' $$ >"$work/one"
for number in $(seq 120); do cp "$work/one" "$sessions/more-$number.session"; done
wait_until 12 is_state cycle_time pass
cycle_many="$(state cycle_time) at $(value cycle_time | cut -d. -f1) ms of $(metric agents_total) agents"
rm "$sessions"/more-*
verdict 4.5 "green: $cycle_green; red: $cycle_red; with more agents the same is $cycle_many" \
    test "${cycle_green%% *} ${cycle_red%% *} ${cycle_many%% *}" = "pass fail pass" -a "${cycle_green##* }" = pass -a "${cycle_red##* }" = fail
bloat 60000000
wait_until 20 is_state state_file fail
file_red="$(state state_file) ($(value state_file | cut -d. -f1) bytes)"
wait_until 20 is_state memory fail
memory_red="$(state memory) ($(value memory | cut -d. -f1) MB)"
wait_until 10 is_state cpu fail
cpu_red="$(state cpu) ($(value cpu | cut -d. -f1) %)"
verdict 4.6 "green: $targets_green; red: memory $memory_red, CPU $cpu_red, state file $file_red, one that was cut: failed $integrity_red times" \
    test "${memory_red%% *} ${cpu_red%% *} ${file_red%% *} $(grep -o pass <<<"$targets_green" | wc -l)" = "fail fail fail 4"
printf 'pid=%d\n' $$ >"$sessions/planner.session"

# --- the switches
restart PROMETHEUS_EXPORT_ENABLED=false
export_off="$(status "$base/metrics") with $(curl -s "$base/api/history" | jq length) cycles kept"
restart ENABLE_METRICS_COLLECTION=false
collection_off="$(status "$base/metrics") with $(curl -s "$base/api/history" | jq length)"
restart METRICS_RETENTION_MINUTES=1 ENABLE_METRICS_COLLECTION=true PROMETHEUS_EXPORT_ENABLED=true
export_on="$(status "$base/metrics") with $(curl -s "$base/api/history" | jq length)"
env METRICS_RETENTION_MINUTES=none PORT=0 "$program" >/dev/null 2>"$work/refused"
verdict 4.9 "export off: $export_off; collection off: $collection_off; both on: $export_on; a bad one: $(cat "$work/refused")" \
    grep -qE '^404 with [1-9].*;404 with 0;200 with [1-9].*;tmux-monitor: environment variable METRICS_RETENTION_MINUTES: got "none"' <<<"$export_off;$collection_off;$export_on;$(cat "$work/refused")"
exit $failed
