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

# session NAME [COMMAND]: an agent, which is a process that waits, and its session file.
session() {
    sleep 600 &
    children+=("$!")
    printf 'pid=%d\ncommand=%s\n' "$!" "${2:-}" >"$sessions/$1.session"
}
for name in planner coder tester reviewer; do session "$name" 'sleep 600'; done
session guest
session_pid() { sed -n 's/^pid=//p' "$sessions/$1.session"; }
# What the monitor starts again is its child, and ends with this script as well.
end_agents() { sed -n 's/^pid=//p' "$sessions"/*.session 2>/dev/null | grep -vx $$ | xargs -r kill 2>/dev/null; }
trap 'end_agents; clean_up' EXIT

# monitor [VARIABLE=VALUE...]: starts one whose minutes are shorter: 30 s are 0.3 s, 15 min are 9 s.
monitor() {
    start monitor env PORT=0 DATA_DIR="$data" LOG_DIR="$work/log" MONITOR_CYCLE_SECONDS=0.5 SCHEDULE_DIVISOR=100 \
        INSTRUMENT_TOKEN=$token "$@" "$program"
    service=$child
    wait_until 30 grep -q http "$work/monitor.err" || { fail S4 "no address: $(cat "$work/monitor.err")"; exit 1; }
    base=$(grep -o 'http://[0-9.:]*' "$work/monitor.err")
    port=${base##*:}
}
restart() {
    kill "$service"
    wait "$service"
    monitor "$@"
}
# moved NAME: a text of the guide, moved to where things are here.
moved() {
    sed -e "s|localhost:8080|127.0.0.1:$port|g; s|/var/log/tmux-orchestrator|$work/log|g; s|/var/lib/tmux-orchestrator|$data|g" \
        "$guides/$1"
}
# guide NAME: runs a script of the guide, which may follow a log for ever. Its tmux and tmux-orc are not here.
guide() { moved "$1" >"$work/$1" && PATH="$work/bin:$PATH" timeout 2 stdbuf -oL bash "$work/$1" 2>/dev/null; }

all_components() { curl -s "$base/health/components"; }
is_color() { [ "$(all_components | jq -r .color)" = "$1" ]; }
state() { curl -s "$base/health/$1" | jq -r .state; }
is_state() { [ "$(state "$1")" = "$2" ]; }
value() { curl -s -H "Authorization: Bearer $token" "$base/health/$1" | jq -r "${2:-.observedValue}"; }
told() { jq -rs --arg name "$1" 'map(select(.subject == $name)) | last | .severity // "nothing"' "$data/notifications.jsonl"; }
is_told() { [ "$(told "$1")" = "$2" ]; }
logged() { grep -c "$1" "$work/log/monitoring.log"; }
by_hand() { status -X POST -H "Authorization: Bearer $token" "$base/components/$1/restart"; }

# look NAME: what the guide's scripts and the probes say now, into $work/NAME.*
look() {
    guide s4.health-check.sh >"$work/$1.script"
    guide s4.health.sh >"$work/$1.health"
    all_components >"$work/$1.components"
    for path in health health/components health/agent_monitor; do status "$base/$path"; echo; done | paste -sd ' ' >"$work/$1.codes"
}
alarms() { grep -c 'ALERT: Component health check failed' "$work/$1.script"; }
word() { grep -c healthy "$work/$1.components"; }
colour() { jq -r .color "$work/$1.components"; }
codes() { cat "$work/$1.codes"; }

monitor
wait_until 30 is_color green || fail S4 "not green: $(all_components)"
wait_until 15 is_metric agents_idle 5

# What is generated for it, and a Prometheus that works with that.
PORT=$port DATA_DIR=$work/unused LOG_DIR=$work/unused "$program" artifacts "$work/artifacts"
start_prometheus_of "$work/artifacts" "$guides/s4.alert_rules.yml" 1s
(artifacts_hold "$work/artifacts"; printf '%d %s\n' $? "$artifacts_figure" >"$work/held") &
judge=$!
# alert NAME STATE: whether Prometheus has such an alert in that state.
alert() { has_data "ALERTS{alertname=\"$1\",alertstate=\"$2\"}"; }
alerts() { curl -fsS "http://$prometheus/api/v1/alerts" | jq -r '[.data.alerts[] | .labels.alertname + " " + .labels.severity + " " + .state] | unique | join(", ")'; }

# --- green
look green
figures_green="cycle $(metric monitoring_cycle_duration) s, component_health $(metric 'component_health{component="agent_monitor"}'), detection errors $(metric agent_detection_errors), agents $(metric agents_total)/$(metric agents_healthy)/$(metric agents_idle), $(metric monitoring_agents_per_second) a second"
first_cycle=$(curl -s "$base/metrics" | grep cycle_duration | tail -1)
names() { curl -s "$base/metrics" | grep -v '^#' | sed 's/ [^ ]*$//'; }
names >"$work/order.1"
# runs: how often the checks of the four rhythms have run.
runs() {
    curl -s "$base/metrics" >"$work/scrape"
    for check in agent_monitor memory cycle_time state_integrity; do
        awk -v name="health_check_results_total{check=\"$check\"" 'index($1, name) == 1 { sum += $2 } END { print sum + 0 }' "$work/scrape"
    done
}
runs >"$work/runs.1"
sleep 9.5
runs >"$work/runs.2"
turns=$(paste "$work/runs.1" "$work/runs.2" | awk '{ print $2 - $1 }' | paste -sd ' ')
names >"$work/order.2"
alerts_green=$(alerts)
ring_green=$(curl -s "$base/api/history" | jq length)
open_incidents() { curl -s "$base/health/incidents" | jq -r 'map(select(.open).check) | join(",")'; }
calm() { [ -z "$(open_incidents)" ]; }
wait_until 15 calm
incidents_green=$(open_incidents)
loop_green=$(state component_restarts)
targets_green="$(state memory) $(state cpu) $(state state_file) $(state state_integrity)"
targets_figures="memory $(value memory | cut -d. -f1) MB, CPU $(value cpu | cut -c 1-4) %, state file $(value state_file .details.bytes) bytes and $(value state_file .details.age_seconds | cut -c 1-4) s old, valid"
cycle_green="$(state cycle_time) $(state cycle_baseline)"
cycle_figures="$(value cycle_time | cut -c 1-5) ms of $(metric agents_total) agents"

# --- yellow: the notifier has nowhere to write, which is no critical component
# The monitor makes the file anew whenever it is not there.
until mkdir "$data/notifications.jsonl" 2>/dev/null; do rm -f "$data/notifications.jsonl"; done
wait_until 15 is_color yellow
look yellow
wait_until 15 alert ComponentFailing pending
alerts_yellow=$(alerts)
rmdir "$data/notifications.jsonl"
wait_until 15 is_state notifier pass

# --- red: the sessions are gone, which is the agent monitor's failure
mv "$sessions" "$work/elsewhere"
wait_until 15 is_color red
guide s4.logs.sh >"$work/errors" &
look red
component_red=$(metric 'component_health{component="agent_monitor"}')
wait_until 10 is_told agent_monitor critical
critical_told=$(told agent_monitor)
wait_until 15 is_state error_rate warn
error_rate_red="$(state error_rate) ($(value error_rate | cut -d. -f1) a minute)"
incidents_red=$(open_incidents)
suppressed=$(all_components | jq -r '.components | to_entries | map(select(.value.marks | index("suppressed"))) | map(.key) | join(",")')
wait_until 15 alert ComponentFailing firing
alerts_red=$(alerts)
restart_red=$(by_hand agent_monitor)
hooks=$(($(logged '"component restart".*agent_monitor') - 1))
mv "$work/elsewhere" "$sessions"
wait_until 15 is_state agent_monitor pass

verdict 4.1 "/health, /health/components, /health/agent_monitor: green $(codes green), red $(codes red); one that is not there $(status "$base/health/nothing")" \
    test "$(codes green) $(codes red) $(status "$base/health/nothing")" = "200 200 200 503 503 503 404"
verdict 4.2 "$(colour green), $(colour yellow) when the notifier fails, $(colour red) when the agent monitor fails" \
    test "$(colour green) $(colour yellow) $(colour red)" = "green yellow red"
verdict 4.3 "the guide's script: $(alarms green) alarms when green, $(alarms yellow) when yellow, $(alarms red) when red; lines with the word: $(word green), $(word yellow), $(word red) (its comparison of a metric's line with \"0.5\" always warns, by its own fault)" \
    test "$(alarms green) $(alarms yellow) $(alarms red) $(word green) $(word yellow) $(word red)" = "0 0 1 1 1 0"
# 9.5 s hold 31 turns of 0.3 s, 8 of 1.2 s, 3 of 3 s and 1 of 9 s, each a tenth more or less.
verdict 4.4 "turns within 9.5 s of 30 s, 2 min, 5 min and 15 min, each a hundredth: $turns" \
    awk -v turns="$turns" 'BEGIN { split(turns, n, " "); exit !(n[1] >= 20 && n[1] <= 40 && n[2] >= 6 && n[2] <= 11 && n[3] >= 2 && n[3] <= 5 && n[4] >= 1 && n[4] <= 2) }'

# --- agents end: one is started again, one cannot be, one ends each time, which is a failure until its session goes
victim=$(session_pid coder)
kill "$victim"
renewed() { [ "$(session_pid coder)" != "$victim" ] && kill -0 "$(session_pid coder)"; }
wait_until 15 renewed
recovered=$(logged '"agent restarted".*"coder"')
kill "$(session_pid guest)"
wait_until 15 is_metric agents_healthy 4
healthy_red=$(metric agents_healthy)
rm "$sessions/guest.session"
session hopeless false
kill "$(session_pid hopeless)"
wait_until 15 is_state recovery_manager fail
hopeless="$(state recovery_manager) after $(logged '"agent restarted".*"hopeless"') starts"
rm "$sessions/hopeless.session"
wait_until 15 is_state recovery_manager pass

# --- restarts in a loop
for _ in 1 2 3; do restart_green=$(by_hand crash_detector); done
wait_until 15 is_state component_restarts warn
loop_red="$(state component_restarts) at $(value component_restarts)"

# --- a spoilt session is information, and fewer than 95 % a warning that is told when it has lasted
printf 'pid=nobody\n' >"$sessions/broken.session"
wait_until 15 is_state detection_accuracy warn
began=$(date +%s%3N)
detection_errors_red=$(metric agent_detection_errors)
told_early=$(told detection_accuracy)

# --- meanwhile a state file that does not read back is set aside, and written anew
head -c 40 "$data/state/state.json" >"$work/cut" && cp "$work/cut" "$data/state/state.json"
set_aside() { compgen -G "$data/state/*.old" >/dev/null; }
wait_until 30 set_aside
touch -d '8 days ago' "$data/state/last-week.old"
guide s4.state.sh >/dev/null
kept_old=$(compgen -G "$data/state/*.old" | wc -l)

wait_until 30 is_told detection_accuracy warning
told_after=$(($(date +%s%3N) - began))
information="$(logged '"level":"INFO".*"agent_detection failed".*"broken') in the log, $(grep -c broken "$data/notifications.jsonl") told"
guide s4.agent-problems.sh >"$work/agent-problems"
rm "$sessions/broken.session"
wait_until 15 is_state detection_accuracy pass
wait_until 30 is_state state_integrity pass
cut_red=$(curl -s "$base/health/history" | jq 'map(select(.name == "state_integrity" and .to == "fail")) | length')
cut_green="$(state state_integrity) with $(jq '.agents | length' "$data/state/state.json") agents"

dependencies=$(all_components | jq -r '.components | to_entries | map(select(.value.dependsOn != []) | "\(.key) on \(.value.dependsOn[0])") | join(", ")')
verdict 4.11 "dependencies: $dependencies (suppressed when red: $suppressed); hook: $hooks restarts of agent_monitor; by hand $restart_green, and $restart_red while its folder is gone; loop: $loop_green, then $loop_red; agents started again: $recovered, one that ends each time: $hopeless; the state cut: $cut_red failure, then $cut_green" \
    test "$restart_green $restart_red $loop_green ${loop_red%% *} $recovered $cut_red ${cut_green%% *}" = "204 500 pass warn 1 1 pass" \
    -a "$hopeless" = "fail after 3 starts" -a "$hooks" -ge 1 -a "$suppressed" = crash_detector,recovery_manager,state_store,state_file,state_integrity
verdict 4.8 "green: $figures_green; $(curl -s "$base/metrics" | awk '/^# TYPE agent_detection_errors / { print $4 }'); red: component_health $component_red, detection errors $detection_errors_red, $healthy_red of 5 agents healthy" \
    test "$component_red $healthy_red" = "0 4" -a "${detection_errors_red:-0}" -gt 0 -a "$(curl -s "$base/metrics" | grep -c '^# TYPE agent_detection_errors unknown\|^# TYPE agent_detection_errors untyped')" = 1 \
    -a -z "${figures_green##*component_health 1, detection errors 0, agents 5/5/5, [0-9]*}"
verdict 4.13 "two scrapes name $(wc -l <"$work/order.1") series in the same order; the guide's grep cycle_duration | tail -1: $first_cycle" \
    test "$(wc -l <"$work/order.1")" -ge 50 -a "${first_cycle%% *}" = monitoring_cycle_duration -a "$(guide s4.performance.sh | tail -1 | cut -d ' ' -f 1)" = monitoring_cycle_duration \
    -a -z "$(diff <(grep -Fxf "$work/order.1" "$work/order.2") "$work/order.1")"
history_red=$(curl -s "$base/health/history" | jq 'map(select(.subject == "check")) | length')
incidents_closed=$(curl -s "$base/health/incidents" | jq 'map(select(.open | not)) | length')
verdict 4.10 "ring: $ring_green cycles; active alerts: green [$incidents_green], red [$incidents_red]; history: $history_red events, $incidents_closed incidents that closed" \
    test "$ring_green" -ge 15 -a -z "$incidents_green" -a "$history_red" -gt 4 -a "$incidents_closed" -ge 1 -a -z "${incidents_red##*agent_monitor*}"
verdict 4.7 "critical at once: $critical_told; warning: $told_early at first, $(told detection_accuracy) after $told_after ms (15 min, a hundredth); information: $information; errors: $error_rate_red; alerts: green [$alerts_green], yellow [$alerts_yellow], red [$alerts_red]" \
    test "$critical_told $told_early $(told detection_accuracy) ${error_rate_red%% *}" = "critical nothing warning warn" -a "$told_after" -ge 8000 -a "${information#[1-9]* in the log, }" = "0 told" \
    -a -z "$alerts_green" -a "$(grep -c 'ComponentFailing critical' <<<"$alerts_yellow") $(grep -c 'ComponentFailing critical firing' <<<"$alerts_red")" = "0 1"
wait "$judge"
read -r held artifacts_figure <"$work/held"
lost=$(unanswered "$work/artifacts/dashboard.json")
verdict "4.7 as rules" "$artifacts_figure; as in the guide: $(rules guide.yml .name | paste -sd ' '); panels of [$(jq -r '[.panels[] | select(.type == "row").title] | join(", ")' "$work/artifacts/dashboard.json")] without data: [$lost]" \
    test $held = 0 -a -z "$lost" -a "$(rules guide.yml .name | wc -l)" = 3 -a -z "$(missing_rules .name,.query,.duration,.labels.severity,.annotations.summary)"

# --- logs are rotated while lines are written; `systemctl reload` is the signal that systemd would send
printf '#!/usr/bin/env bash\n[ "$1" = reload ] && kill -HUP %d\n' "$service" >"$work/bin/systemctl"
chmod +x "$work/bin/systemctl"
chmod 755 "$work/log"
moved s4.logrotate | sed "/daily/i\\    su $(id -un) $(id -gn)" >"$work/logrotate.conf"
chmod 644 "$work/logrotate.conf"
# What the guide's fluentd reads, as its plugin reads it: by name, from the start, and the new file after a rotation.
# shellcheck disable=SC2046
tail -F -q -n +1 $(moved s4.fluentd.conf | awk '$1 == "path" { print $2 }') >"$work/tailed" 2>/dev/null &
children+=("$!")
wait_until 15 test -s "$work/tailed"
# rotated COUNT: whether the monitor has reopened its file so often, and written into the new one.
rotated() { is_metric log_reopens_total "$1" && [ -s "$work/log/monitoring.log" ]; }
for number in 1 2 3; do
    # A day has passed since the last time.
    printf 'logrotate state -- version 2\n"%s/monitoring.log" 2020-1-1-0:0:0\n' "$work/log" >"$work/logrotate.state"
    PATH="$work/bin:$PATH" logrotate --state "$work/logrotate.state" "$work/logrotate.conf" >>"$work/logrotate.out" 2>&1
    wait_until 15 rotated "$number"
    sleep 0.7
done
kinds=$(cd "$work/log" && ls | sed -E 's/monitoring\.log//' | paste -sd ' ')
cycles() { jq -s 'map(select(.message == "cycle complete").cycle)'; }
gaps() { jq '[., .[1:]] | transpose | map(select(.[1] != null and .[1] - .[0] != 1)) | length'; }
kept=$(for number in 3.gz 2.gz 1 ''; do zcat -f "$work/log/monitoring.log${number:+.$number}"; done | cycles)
tailed=$(cycles <"$work/tailed")
verdict 4.12 "three turns of the guide's configuration leave [monitoring.log:$kinds]; gaps between cycles: $(gaps <<<"$kept") of $(jq length <<<"$kept") in the files, $(gaps <<<"$tailed") of $(jq length <<<"$tailed") in the tail; reopened $(metric log_reopens_total) times; the guide's lines print $(grep -c '"level":"ERROR"' "$work/errors") errors and $(grep -c agent_detection "$work/agent-problems") detection failures" \
    test "$kinds" = " .1 .2.gz .3.gz" -a "$(gaps <<<"$kept") $(gaps <<<"$tailed")" = "0 0" -a "$(jq length <<<"$tailed")" -ge 50 -a "$(grep -ci error "$work/logrotate.out")" = 0 \
    -a "$(grep -c ERROR "$work/errors")" -ge 1 -a "$(grep -c agent_detection "$work/agent-problems")" -ge 1

# --- one session grows without bounds: slow for five agents, in order for a hundred; then the state is too large, too
bloat() { { printf 'pid=%d\ncommand=\nnote=' "$(session_pid planner)"; head -c "$1" /dev/zero | tr '\0' x; echo; } >"$work/bloated" && mv "$work/bloated" "$sessions/planner.session"; }
bloat 3000000
wait_until 30 is_state cycle_time fail
wait_until 30 is_state cycle_baseline fail
cycle_red="$(state cycle_time) $(state cycle_baseline)"
cycle_figures+=", $(value cycle_time | cut -d. -f1) ms of $(metric agents_total)"
for number in $(seq 120); do printf 'pid=%d\n' $$ >"$sessions/more-$number.session"; done
wait_until 30 is_state cycle_time pass
cycle_many=$(state cycle_time)
cycle_figures+=", $(value cycle_time | cut -d. -f1) ms of $(metric agents_total)"
rm "$sessions"/more-*
verdict 4.5 "$cycle_figures: by the table and the baseline $cycle_green, $cycle_red; by the table for so many $cycle_many" \
    test "$cycle_green $cycle_red $cycle_many" = "pass pass fail fail pass"
bloat 60000000
# is_caught CHECK: whether it fails; $work/CHECK.json is what it said. Requests add to the CPU time on a busy machine.
is_caught() { curl -s -H "Authorization: Bearer $token" "$base/health/$1" >"$work/$1.json" && jq -e '.state == "fail"' "$work/$1.json"; }
caught() { jq -r '"\(.state) at \(.observedValue | floor) \(.observedUnit)"' "$work/$1.json"; }
start requests ab -q -t 60 -n 10000000 -c 8 "$base/metrics"
requests=$child
for check in state_file memory cpu; do wait_until 40 is_caught $check; done
kill "$requests"
verdict 4.6 "green: $targets_figures; red: memory $(caught memory), CPU $(caught cpu), state file $(caught state_file), one that was cut: $cut_red failure; the guide's find leaves $kept_old of 2 old ones" \
    test "$targets_green $(caught memory | cut -d ' ' -f 1) $(caught cpu | cut -d ' ' -f 1) $(caught state_file | cut -d ' ' -f 1)" = "pass pass pass pass fail fail fail" -a "$cut_red $kept_old" = "1 1"
printf 'pid=%d\n' $$ >"$sessions/planner.session"

# --- the switches
kept_cycles() { curl -s "$base/api/history" | jq length; }
has_cycles() { [ "$(kept_cycles)" -ge "$1" ]; }
restart PROMETHEUS_EXPORT_ENABLED=false
wait_until 15 has_cycles 2
export_off="$(status "$base/metrics") and $(has_cycles 2 && echo cycles)"
restart ENABLE_METRICS_COLLECTION=false
sleep 1
collection_off="$(status "$base/metrics") and $(kept_cycles) cycles"
# 0.05 minutes hold six cycles of half a second.
restart METRICS_RETENTION_MINUTES=0.05 ENABLE_METRICS_COLLECTION=true PROMETHEUS_EXPORT_ENABLED=true
wait_until 15 has_cycles 5
sleep 2
retention=$(kept_cycles)
export_on="$(status "$base/metrics") and at most $retention"
env METRICS_RETENTION_MINUTES=none PORT=0 "$program" >/dev/null 2>"$work/refused"
verdict 4.9 "export off: $export_off; collection off: $collection_off; on, for 3 s: $export_on cycles; a bad one: $(cat "$work/refused")" \
    test "$export_off;$collection_off;${export_on%% *}" = "404 and cycles;404 and 0 cycles;200" -a "$retention" -ge 4 -a "$retention" -le 7 \
    -a "$(cat "$work/refused")" = 'tmux-monitor: environment variable METRICS_RETENTION_MINUTES: got "none", expected 0.01...1440.0'
exit $failed
