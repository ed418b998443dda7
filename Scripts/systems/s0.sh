#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Pleiotropy with a real Redis and a web server beside it: one line per row, each in green and in red state. Redis is
# stopped and made to hang, agents get sequences that keep them busy, disks fill up; only a lack of memory is a drill.
# The guide's scripts run as they are, but for ports and folders.
set -uo pipefail
source "$(dirname "$0")/rig.bash"
guides=Scripts/systems/guides
program=$(binary pleiotropy)
token=token-for-the-checks

# --- the neighbours, and a small disk of the service's own
disk=$work/data
mkdir "$disk" "$work/bin" "$work/log"
disk_kind='a directory'
if mount -t tmpfs -o size=16m tmpfs "$disk" 2>/dev/null; then
    disk_kind=tmpfs
    mounts+=("$disk")
fi
redis_port=$(free_port)
start_redis() { start redis redis-server --bind 127.0.0.1 --port "$redis_port" --save '' --maxmemory 256mb --dir "$work"; redis_pid=$child; }
redis() { redis-cli -p "$redis_port" "$@"; }
start_redis
web_port=$(free_port)
start web python3 -m http.server --bind 127.0.0.1 --directory "$work/bin" "$web_port"
web_pid=$child
# `docker exec CONTAINER redis-cli ...` runs the inner command.
cat >"$work/bin/docker" <<SHIM
#!/usr/bin/env bash
[ "\$1 \$3" = "exec redis-cli" ] || exit 64
shift 3
exec redis-cli -p $redis_port "\$@"
SHIM
chmod +x "$work/bin/docker"
wait_until 20 redis ping || { fail "S0" "Redis does not start"; exit 1; }

# --- the service
export PORT=0 DATA_DIR=$disk LOG_DIR=$work/log REDIS_PORT=$redis_port WEB_UI_PORT=$web_port AGENT_COUNT=2 \
    EXTERNAL_AGENTS=python_visualizer AGENT_HEARTBEAT_SECONDS=1 AGENT_HEARTBEAT_TOLERANCE_SECONDS=0.3 CHECK_SECONDS=0.3 \
    SUSTAINED_SECONDS=2 INSTRUMENT_TOKEN=$token
start service "$program"
service=$child
wait_until 20 grep -q http "$work/service.err" || { fail S0 "no address: $(cat "$work/service.err")"; exit 1; }
base=$(grep -o 'http://[0-9.:]*' "$work/service.err")
port=${base##*:}
# What is generated for it, and a Prometheus that works with that.
PORT=$port DATA_DIR=$work/unused LOG_DIR=$work/unused "$program" artifacts "$work/artifacts"
start_prometheus_of "$work/artifacts" "$guides/s0.alert_rules.yml" 2s
(artifacts_hold "$work/artifacts"; printf '%d %s\n' $? "$artifacts_figure" >"$work/held") &
judge=$!
# The agent elsewhere beats once a second.
beat() { curl -fsS -o /dev/null -X POST "$base/api/agents/python_visualizer/heartbeat"; }
beating() { while beat; do sleep 1; done; }
beating 2>/dev/null &
beating_pid=$!
children+=("$beating_pid")

# guide NAME: runs a script of the guide, moved to where things are here.
moved() {
    sed -e "s|localhost:8080|127.0.0.1:$port|g; s|localhost:3000|127.0.0.1:$web_port|g; s|/var/log/pleiotropy|$work/log|g" \
        "$guides/$1"
}
guide() { moved "$1" >"$work/$1" && PATH="$work/bin:$PATH" bash "$work/$1" 2>&1; }

detail() { curl -s -H "Authorization: Bearer $token" "$base/health/$1"; }
state() { curl -s "$base/health/$1" | jq -r .state; }
is_state() { [ "$(state "$1")" = "$2" ]; }
value() { detail "$1" | jq .observedValue; }
is_agent() { [ "$(curl -s "$base/api/agents/status" | jq -r --arg name "$1" '.[] | select(.name == $name) | .status')" = "$2" ]; }
# What the machine does besides is not this service's state.
outcome() { curl -s "$base/healthz?exclude=cpu&exclude=cpu_sustained" | head -n 1; }
is_outcome() { [[ $(outcome) = "$1"* ]]; }
drill() { curl -fsS -o /dev/null -X "$1" -H "Authorization: Bearer $token" "$base/api/drills/$2"; }
# sequences COUNT BASES K: puts random sequences into the queue through the API.
sequences() {
    python3 - "$1" "$2" >"$work/body" <<'PYTHON'
import random, sys

random.seed(1)
for number in range(int(sys.argv[1])):
    print(f">s{number}\n" + "".join(random.choices("ACGT", k=int(sys.argv[2]))))
PYTHON
    curl -fsS --data-binary "@$work/body" "$base/api/sequences?k=$3"
}
# seen ROW GREEN EXPECTED RED EXPECTED FIGURE: whether both states were as expected.
seen() { if [ "$2" = "$3" ] && [ "$4" = "$5" ]; then pass "$1" "$6"; else fail "$1" "green $2, expected $3; red $4, expected $5; $6"; fi; }

wait_until 30 is_outcome ok || fail S0 "not green: $(curl -s "$base/health" | jq -c '.checks | map_values(.[0].state)')"
wait_until 20 is_agent python_visualizer active

# --- green
health_green=$(status -f "$base/health")
jq_line='.[] | select(.status == "active")'
agents_green=$(curl -s "$base/api/agents/status" | jq -e "$jq_line" | jq -r .name | wc -l)
shape_green=$(curl -s "$base/api/agents/status" | jq -r 'type + " of " + (.[0] | keys | join(","))')
outcome_green=$(outcome)
script_green=$(guide s0.health-check.sh)
neighbours_green="$(state redis) $(state redis_port) $(state web_ui)"
panel_green="$(metric 'health_status{kind="readiness"}') $(metric system_active_components)"
uptime_green=$(metric system_uptime_seconds)
uptime_kernel=$(ps -o etimes= -p "$service" | tr -d ' ')
load_green=$(metric system_load1)
read -r load_kernel _ </proc/loadavg
commands_before=$(redis info stats | awk -F: '/^total_commands_processed/ { print $2 + 0 }')
guide_ab=$(moved s0.benchmarking.sh | grep '^ab ')
$guide_ab >"$work/ab.green" 2>&1
commands_after=$(redis info stats | awk -F: '/^total_commands_processed/ { print $2 + 0 }')
guide s0.log-analysis.sh >"$work/analysis.green"
probe_green=$(env -i PORT="$port" "$program" health)
probe_green_code=$?
heartbeat_age() { awk -v beat="$(metric "agent_last_heartbeat_timestamp{agent_name=\"$1\"}")" -v now="$(date +%s.%N)" 'BEGIN { printf "%.1f", now - beat }'; }
heartbeat_green=$(heartbeat_age analyzer-1)

# --- agents at their limits: the queue grows, nobody beats
sequences 1 550000 32 >/dev/null && sequences 1 550000 32 >/dev/null && kill "$beating_pid"
beat; beat
early=$(is_agent python_visualizer early && state python_visualizer)
sequences 160 600 8 >"$work/queued"
all_missing() { curl -s "$base/api/agents/status" | jq -e 'all(.status == "missing")' >/dev/null; }
wait_until 20 all_missing
agents_red=$(curl -s "$base/api/agents/status" | jq -r '[.[].status] | join(",")')
heartbeat_red=$(heartbeat_age python_visualizer)
script_warn=$(guide s0.health-check.sh)
outcome_warn=$(outcome | head -c 8)
wait_until 20 is_state queue_length warn
queue_red="$(state queue_length) ($(redis llen task_queue) tasks)"
beating 2>/dev/null &
beating_pid=$!
children+=("$beating_pid")
wait_until 60 is_state queue_length pass
queue_green="$(state queue_length) ($(redis llen task_queue) tasks)"
all_active() { curl -s "$base/api/agents/status" | jq -e 'all(.status == "active")' >/dev/null; }
wait_until 60 all_active
agents_again=$(curl -s "$base/api/agents/status" | jq -r '[.[].status] | join(",")')

verdict 0.2 "an array of name, last_seen and status: $agents_green match the guide's jq line in green; red: $agents_red" \
    test "$agents_green" -ge 2 -a "$shape_green" = "array of last_seen,name,status" -a "$agents_red" = missing,missing,missing
verdict 0.6 "1 s +- 0.3 s: green $agents_again; red: two beats at once are early ($early), busy agents and a silent one are $agents_red" \
    test "$agents_again" = active,active,active -a "$early" = warn -a "$agents_red" = missing,missing,missing

# --- one busy agent: the other does all the work
processed_before=$(metric 'tasks_processed_total{agent_name="analyzer-1"}')
sequences 1 300000 32 >/dev/null
sleep 0.3
sequences 60 600 4 >/dev/null
wait_until 20 is_state workload_balance warn
balance_red="$(state workload_balance): $(detail workload_balance | jq -r .message)"
sleep 1
balanced() { sequences 60 600 4 >/dev/null; sleep 0.5; is_state workload_balance pass; }
wait_until 20 balanced
balance_green=$(state workload_balance)
rate=$(awk -v a="$processed_before" -v b="$(metric 'tasks_processed_total{agent_name="analyzer-1"}')" 'BEGIN { print b - a }')
verdict 0.7 "queue: green $queue_green, red $queue_red; balance: green $balance_green, red $balance_red; analyzer-1 processed $rate meanwhile" \
    test "${queue_green%% *}" = pass -a "${queue_red%% *}" = warn -a "$balance_green" = pass -a "${balance_red%%:*}" = warn -a "$rate" -gt 0

# --- both directions: hits and connections
lookup() { curl -s -o /dev/null "$base/api/results/$1?[1-$2]"; }
known=$(sequences 1 600 4 | jq -r '.ids[0]')
wait_until 30 is_status 200 "$base/api/results/$known"
lookup "$known" 200
wait_until 20 is_state hit_ratio pass
hits_green="$(state hit_ratio) ($(value hit_ratio) %)"
connections_green="$(state redis_connections) ($(value redis_connections))"
lookup unknown 40
wait_until 20 is_state hit_ratio warn
hits_red="$(state hit_ratio) ($(value hit_ratio) %)"
start crowd python3 -c "import socket, time; kept = [socket.create_connection(('127.0.0.1', $redis_port)) for _ in range(120)]; time.sleep(60)"
wait_until 20 is_state redis_connections warn
connections_red="$(state redis_connections) ($(value redis_connections))"
kill "$child"
wait_until 20 is_state redis_connections pass
verdict 0.9 "hit ratio below 90 %: green $hits_green, red $hits_red; connections above 100: green $connections_green, red $connections_red, then $(state redis_connections)" \
    test "${hits_green%% *} ${hits_red%% *} ${connections_green%% *} ${connections_red%% *}" = "pass warn pass warn"

# --- limits that last, and the table of two levels
failure_green="$(state failure_rate)"
for number in $(seq 30); do printf "LPUSH task_queue '{\"bases\":\"NNN\",\"id\":\"%d\",\"kMax\":3,\"name\":\"bad\"}'\n" "$number"; done | redis >/dev/null
wait_until 20 is_state failure_rate warn
failure_red="$(state failure_rate) ($(value failure_rate) %)"
wait_until 20 is_state failure_rate pass
failure_green="$failure_green, $(state failure_rate) again"
response_green="$(state response_time) ($(value response_time) s)"
# paused MILLISECONDS: requests that wait for a Redis that answers nobody for so long; the quantile looks back a minute.
paused() {
    local callers=() number
    redis client pause "$1" all >/dev/null
    for number in $(seq 30); do curl -s -o /dev/null "$base/api/results/$known" & callers+=($!); done
    wait "${callers[@]}"
}
paused 900
wait_until 20 is_state response_time warn
response_warn="$(state response_time) ($(value response_time | cut -c 1-4) s)"
paused 2600
paused 2600
wait_until 20 is_state response_time fail
response_red="$(state response_time) ($(value response_time | cut -c 1-4) s)"
restarts_green=$(state restarts)
restart() {
    rm -f "$work/restarted.err"
    start restarted env DATA_DIR="$work/restarted" LOG_DIR="$work/restarted" EXTERNAL_AGENTS= "$program"
    wait_until 20 grep -q http "$work/restarted.err"
}
for number in 1 2 3 4; do restart; kill "$child"; wait "$child"; done
restart
restarted() { curl -s "$(grep -o 'http://.*' "$work/restarted.err")/health/restarts" | jq -r .state; }
has_restarted() { [ "$(restarted)" = warn ]; }
wait_until 20 has_restarted
restarts_red=$(restarted)
kill "$child"
wait "$child"
burners=()
# judged CHECK WARN FAIL: whether its state is the one that the table has for its value, however much else runs here.
judged() {
    detail "$1" | jq -r --argjson warn "$2" --argjson fail "$3" '(if .observedValue > $fail then "fail" elif .observedValue > $warn then "warn" else "pass" end) as $want
        | "\(.state == $want) \(.state) at \(.observedValue | floor) %"'
}
cpu_judged=$(judged cpu 70 90)
memory_judged=$(judged memory 80 95)
for number in $(seq "$(nproc)"); do (while :; do :; done) & burners+=($!); done
children+=("${burners[@]}")
wait_until 20 is_state cpu_sustained warn
sustained_red=$(state cpu_sustained)
wait_until 20 is_state cpu fail
cpu_red=$(state cpu)
kill "${burners[@]}"
wait "${burners[@]}" 2>/dev/null
# Others may keep the machine busy; then there is no green state to be seen, and the line says so.
busy_percent() {
    local before
    before=$(head -n 1 /proc/stat)
    sleep 2
    { echo "$before"; head -n 1 /proc/stat; } | awk '{ idle = $5 + $6 - idle; total = -total; for (i = 2; i <= 9; i++) total += $i } END { printf "%d", 100 - 100 * idle / total }'
}
sustained_green=pass sustained_as=pass
if ! wait_until 20 is_state cpu_sustained pass; then
    others=$(busy_percent)
    if [ "$others" -ge 75 ]; then sustained_green="hidden (others take $others %)"; else sustained_green=$(state cpu_sustained) sustained_as=$sustained_green; fi
fi
memory_green="$(state memory_alert) ($(value memory_alert | cut -d. -f1) %)"
drill POST memory_alert && drill POST memory
wait_until 20 is_state memory_alert fail
memory_red="$(state memory_alert), marks $(detail memory_alert | jq -c .marks)"
memory_table_red=$(state memory)
drill DELETE memory_alert && drill DELETE memory
memory_clears() { ! is_state memory fail; }
wait_until 20 memory_clears
memory_again=$(judged memory 80 95)
fill() { head -c "$1" /dev/zero >"$disk/filler"; }
disk_states="$(state disk)"
if [ "$disk_kind" = tmpfs ]; then
    fill 13900k
    wait_until 20 is_state disk warn
    disk_states+=" $(state disk) ($(value disk | cut -d. -f1) %)"
    fill 16100k 2>/dev/null
    wait_until 20 is_state disk fail
    disk_states+=" $(state disk) ($(value disk | cut -d. -f1) %)"
    rm "$disk/filler"
    wait_until 20 is_state disk pass
    disk_states+=" $(state disk)"
else
    drill POST disk
    wait_until 20 is_state disk fail
    disk_states+=" drill $(state disk)"
    drill DELETE disk
fi
verdict 0.10 "CPU: ${cpu_judged#* }, $cpu_red under load; memory: ${memory_judged#* }, drill $memory_table_red, then ${memory_again#* }; disk ($disk_kind): $disk_states; response: $response_green, $response_warn, $response_red" \
    grep -qxE 'true fail true fail true, pass (warn \((8[0-9]|9[0-5]) %\) fail \((9[5-9]|100) %\) pass|drill fail), pass .* warn .* fail .*' \
    <<<"${cpu_judged%% *} $cpu_red ${memory_judged%% *} $memory_table_red ${memory_again%% *}, $disk_states, $response_green $response_warn $response_red"

# --- the web server is gone: a check of no weight
kill "$web_pid"
wait_until 20 is_state web_ui fail
web_red="$(state web_ui), $(status "$base/health")"

# --- Redis hangs: a request never waits for it
kill -STOP "$redis_pid"
wait_until 30 is_status 503 "$base/health"
$guide_ab >"$work/ab.red" 2>&1
kill -CONT "$redis_pid"
wait_until 30 is_status 200 "$base/health"
# What ab calls a failed request may be a body of another length: checks change meanwhile.
ab_figure() {
    awk '/^Complete requests/ { done = $3 } /^ *\(Connect:/ { gsub(/[^0-9 ]/, ""); failed = $1 + $2 + $4 } /^Non-2xx/ { other = $3 } /^Requests per second/ { rate = $4 }
        END { printf "%d done, %d failed, %d not 2xx, %d/s", done, failed, other, rate }' "$work/ab.$1"
}
verdict 0.13 "guide's ab line: green $(ab_figure green); Redis answered $((commands_after - commands_before)) commands meanwhile, the agents' and checks' own; red (Redis hangs) $(ab_figure red)" \
    test "$(ab_figure green | cut -d, -f1-3)" = "1000 done, 0 failed, 0 not 2xx" -a "$(ab_figure red | cut -d, -f1-3)" = "1000 done, 0 failed, 1000 not 2xx" -a $((commands_after - commands_before)) -lt 300

# --- Redis is stopped
kill "$redis_pid"
wait "$redis_pid" 2>/dev/null
wait_until 30 is_status 503 "$base/health"
health_red=$(status -f "$base/health")
curl -f -s -o /dev/null "$base/health"
curl_red=$?
wait_until 20 is_state redis_port fail
outcome_red=$(outcome)
script_red=$(guide s0.health-check.sh)
neighbours_red="$(state redis) $(state redis_port)"
panel_red="$(metric 'health_status{kind="readiness"}') $(metric system_active_components)"
uptime_red=$(metric system_uptime_seconds)
probe_red=$(env -i PORT="$port" "$program" health)
probe_red_code=$?
wait_until 20 grep -q 'ERROR.*queue not reached' "$work/log/coordinator.log"
guide s0.log-analysis.sh >"$work/analysis.red"
last_error=$(tail -n 1 "$work/analysis.red")

verdict 0.1 "green $health_green, red $health_red and curl -f ends with $curl_red (Redis stopped)" \
    test "$health_green $health_red $curl_red" = "200 503 22"
lines() { grep -E '✅|❌|⚠️' <<<"$1" | sed -E 's/^([^ ]+) +([A-Za-z ]+): (.*)$/\2 \3/' | paste -sd ';'; }
verdict 0.3 "the guide's health-check.sh: green [$(lines "$script_green")], busy agents $outcome_warn [$(lines "$script_warn")], Redis stopped $outcome_red [$(lines "$script_red")]" \
    test "$outcome_green ${outcome_warn%% *} ${outcome_red%% *} $(grep -c ✅ <<<"$script_green") $(grep -c 'CHECK REQUIRED' <<<"$script_warn") $(grep -c ': UNHEALTHY' <<<"$script_red")" = "ok degraded failed 4 1 3"
seen 0.4 "$neighbours_green" "pass pass pass" "$neighbours_red ${web_red%%,*}" "fail fail fail" \
    "Redis PING, TCP and HTTP: green $neighbours_green; red (Redis stopped, web server gone) $neighbours_red $web_red"
overview() {
    [ "${panel_green%% *} ${panel_red%% *}" = "1 0" ] && [ "${panel_red##* }" -lt "${panel_green##* }" ] &&
        awk -v up="$uptime_green" -v kernel="$uptime_kernel" -v later="$uptime_red" -v load="$load_green" -v average="$load_kernel" \
            'BEGIN { exit !(up > 0 && up < kernel + 1 && up > kernel - 3 && later > up && load != "" && load < average + 1 && load > average - 1) }'
}
verdict 0.5 "up and components: green $panel_green, red $panel_red; uptime $uptime_green s of $uptime_kernel, later $uptime_red; load $load_green of $load_kernel" overview
heartbeats() { grep -c 'agent_heartbeat' "$work/analysis.$1"; }
errors() { grep -v agent_heartbeat "$work/analysis.$1" | grep -c 'ERROR'; }
verdict 0.14 "the guide's lines: green $(heartbeats green) heartbeats and $(errors green) errors; red $(errors red) errors, and awk prints \"$last_error\"" \
    test "$(heartbeats green)" -ge 1 -a "$(errors green)" = 0 -a "$(errors red)" -ge 1 -a -n "$(grep -E '^(.*:)?[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:.]+ [^ ]+$' <<<"$last_error")"
verdict 0.16 "a self-probe without curl: green exit $probe_green_code \"$probe_green\", red exit $probe_red_code \"$probe_red\"" \
    test "$probe_green_code $probe_red_code" = "0 1"

# --- back again: logs are rotated while lines are written
start_redis
wait_until 30 is_status 200 "$base/health"
# Its postrotate restarts a container; there is none, and the service needs nothing of the kind.
printf '#!/usr/bin/env bash\nexit 0\n' >"$work/bin/docker-compose"
chmod +x "$work/bin/docker-compose"
moved s0.logrotate | sed "1a\\    su $(id -un) $(id -gn)" >"$work/logrotate.conf"
chmod 644 "$work/logrotate.conf"
chmod 755 "$work/log"
rotate() {
    # A day has passed since the last time.
    printf 'logrotate state -- version 2\n"%s/log/coordinator.log" 2020-1-1-0:0:0\n' "$work" >"$work/logrotate.state"
    PATH="$work/bin:$PATH" logrotate --state "$work/logrotate.state" "$work/logrotate.conf" >>"$work/logrotate.out" 2>&1
}
for number in 1 2 3; do
    rotate
    beat
    wait_until 20 test -s "$work/log/coordinator.log"
    sleep 1.2
done
logged() { curl -s "$base/metrics" | awk '/^log_events_total/ { sum += $2 } END { print sum }'; }
kinds=$(cd "$work/log" && ls | sed -E 's/coordinator\.log//' | paste -sd ' ')
least=$(logged)
sleep 0.3
total=$(zcat -f "$work"/log/* | grep -c .)
most=$(logged)
verdict 0.15 "daily, keep 30, the service runs on: three turns leave [coordinator.log:$kinds]; $total lines in all, $least to $most were logged" \
    test "$kinds" = " .1 .2.gz .3.gz" -a "$total" -ge "$least" -a "$total" -le "$most" -a "$(grep -ci error "$work/logrotate.out")" = 0

# --- the guide's loop, one turn: its health check, its benchmark, its question to Prometheus
mkdir "$work/loop"
moved s0.health-check.sh >"$work/loop/health-check.sh"
printf '#!/bin/bash\n%s\n' "$guide_ab" >"$work/loop/performance-check.sh"
printf '#!/bin/bash\ncurl -s "http://%s/api/v1/query?query=up"\n' "$prometheus" >"$work/loop/alert-check.sh"
chmod +x "$work"/loop/*.sh
cp "$guides/s0.comprehensive-monitor.sh" "$work/loop/"
# timeout ends the loop's sleep with the loop.
start turn env PATH="$work/bin:$PATH" timeout 60 bash -c "cd '$work/loop' && bash ./s0.comprehensive-monitor.sh"
wait_until 30 grep -q '"status":"success"' "$work/turn.out"
kill "$child"
verdict "0.1 in a loop" "comprehensive-monitor.sh: $(lines "$(cat "$work/turn.out")"); $(grep -o 'Complete requests: *[0-9]*' "$work/turn.out" | tr -s ' '); Prometheus: $(tail -n 1 "$work/turn.out" | jq -r .status)" \
    grep -q '✅ Agents.*Complete requests: *1000.*"job":"pleiotropy"' <(tr '\n' ' ' <"$work/turn.out")

# --- what Prometheus has seen of all this, until the service is stopped
answered=0
while IFS= read -r expression; do has_data "$expression" && answered=$((answered + 1)); done < <(grep -v '^#' "$guides/s0.queries.promql" | grep .)
verdict 0.11 "Prometheus answers $answered of the guide's 3 queries; the newest heartbeat: green $heartbeat_green s ago, red $heartbeat_red s" \
    awk -v answered="$answered" -v green="$heartbeat_green" -v red="$heartbeat_red" 'BEGIN { exit !(answered == 3 && green <= 1.3 && red > 1.3) }'
sustained() {
    rules alerts.yml .name,.duration,.labels.severity,.query |
        grep -cxE 'HighCPUUsage 300 warning .* > 0\.8|HighMemoryUsage 120 critical .* > 85|FrequentRestarts 0 warning changes\(.*\[1h\]\) > 3|HighFailureRate 120 warning .* > 0\.05|HighResponseTime 300 warning histogram_quantile\(.* > 1'
}
verdict 0.8 "CPU > 80 % for 2 s here: $sustained_red under load, $sustained_green after it; memory > 85 %: green $memory_green, drill $memory_red; restarts > 3: green $restarts_green, red $restarts_red; failures > 5 %: green $failure_green, red $failure_red; response > 1 s: green $response_green, red $response_red; $(sustained) of 5 alerts with the guide's limits" \
    test "$sustained_red $sustained_as ${memory_green%% *} ${memory_red%%,*} $restarts_green $restarts_red ${failure_green} ${failure_red%% *} ${response_green%% *} ${response_red%% *} $(sustained)" \
    = "warn pass pass fail pass warn pass, pass again warn pass fail 5"
panels() { jq '[.. | objects | select(.targets?)] | length' "$work/artifacts/dashboard.json"; }
sections=$(jq -r '[.panels[] | select(.type == "row").title] | join(", ")' "$work/artifacts/dashboard.json")
lost=$(unanswered "$work/artifacts/dashboard.json")
verdict 0.17 "$(panels) panels in [$sections]; without data: [$lost]" \
    test -z "$lost" -a "$sections" = "System Overview, Service Health, Agent Activity, Resource Utilization, Redis Performance"
served=$(curl -s -H "Authorization: Bearer $token" "$base/artifacts/alerts.yml" | diff - "$work/artifacts/alerts.yml" && echo "the same")
down='ALERTS{alertname="ServiceDown",job="pleiotropy"}'
down_green=$(query "$down")
kill "$service"
wait_until 20 has_data "$down"
wait "$judge"
read -r held artifacts_figure <"$work/held"
verdict 0.12 "$artifacts_figure; as in the guide: $(rules guide.yml .name | paste -sd ' '); served to token holders: ${served:-not}; ServiceDown: green ${down_green:-clear}, stopped $(query "$down")" \
    test $held = 0 -a -z "$(missing_rules .name,.duration,.labels.severity)" -a "$(rules guide.yml .name | wc -l)" = 4 -a "$served" = "the same" \
    -a "$(rules guide.yml .query | grep heartbeat)" = "$(rules alerts.yml .query | grep heartbeat)" -a "${down_green:-clear} $(query "$down")" = "clear 1"
exit $failed
