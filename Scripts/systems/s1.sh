#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The Genesis orchestrator with a real SQLite file, Redis and Prometheus beside it: one line per row, each in green and in
# red state. The faults are real: the database is moved away, Redis is stopped, a plan reads a pipe that nobody
# writes, the disk fills up. Only row 1.16 injects one, since that is what the row is about.
set -uo pipefail
source "$(dirname "$0")/rig.bash"
program=$(binary genesis-orchestrator)
token=a-token-for-the-checks
redis_password=a-password-for-redis

# --- what stands around the service

data=$work/data
mkdir "$data"
disk=
if [ -z "${NO_TMPFS:-}" ] && mount -t tmpfs -o size=128m tmpfs "$data" 2>/dev/null; then
    disk=tmpfs
    mounts+=("$data")
fi
redis_port=$(free_port)
start redis redis-server --bind 127.0.0.1 --port "$redis_port" --requirepass "$redis_password" --save '' --dir "$work"
redis_pid=$child

# genesis NAME [VARIABLE=VALUE...]: starts a service and sets `pid`, and `base`, its address.
genesis() {
    local name=$1
    shift
    rm -f "$work/$name.err"
    start "$name" env PORT=0 INSTRUMENT_TOKEN=$token DATA_DIR="$work/$name" "$@" "$program"
    pid=$child
    wait_until 20 grep -q http "$work/$name.err" || { fail "S1 $name" "no address: $(cat "$work/$name.err")"; exit 1; }
    base=$(grep -o 'http://[0-9.:]*' "$work/$name.err")
    wait_until 20 is_status 200 "$base/health/ready" || { fail "S1 $name" "not ready: $(curl -s "$base/health/ready")"; exit 1; }
}
stop() {
    kill "$1"
    wait "$1"
}

api() {
    local path=$1
    shift
    curl -s -H "Authorization: Bearer $token" "$base$path" "$@"
}
# run JSON: posts a plan of these steps and prints the answer's status.
run() { api /api/orchestrations -o "$work/answer" -w '%{http_code}' -d "{\"name\":\"check\",\"steps\":[$1]}"; }
state() { api "/health/$1" | jq -r .state; }
is_state() { [ "$(state "$1")" = "$2" ]; }
# reach CHECK STATE: waits for it and prints it, or the state that the check is in when it is too late.
reach() { if wait_until 20 is_state "$1" "$2"; then echo "$2"; else state "$1"; fi; }
# scrape [GROUP...]: the metrics of these groups, or of all three.
scrape() {
    [ $# -gt 0 ] || set -- application business security
    curl -fsS "${@/#/$base/api/metrics/}"
}
# metric SERIES [GROUP...]: its value.
metric() {
    local name=$1
    shift
    scrape "$@" | awk -v name="$name" '$1 == name { print $2 }'
}
objective() { api /api/monitoring/sla | jq -r ".objectives[] | select(.name == \"$1\") | $2"; }
incidents() { api /api/monitoring/incidents | jq -r "[.[] | select($1)] | length"; }
above() { awk -v have="$1" -v want="$2" 'BEGIN { exit !(have + 0 > want + 0) }'; }
# load COUNT CONCURRENCY: posts that many small plans.
load() {
    printf '{"name":"load","steps":[{"kind":"text_statistics","text":"to be or not to be"},{"kind":"checksum","text":"that is"}]}' >"$work/plan"
    ab -q -n "$1" -c "$2" -p "$work/plan" -T application/json -H "Authorization: Bearer $token" "$base/api/orchestrations" >"$work/ab" 2>&1
}
# warned CHECK: how many of its results were warnings.
warned() { metric "health_check_results_total{check=\"$1\",result=\"warn\"}" | grep . || echo 0; }

# tested NAME...: how many alerts of these names (regular expressions) are among those that promtool makes fire and clear.
tested() {
    local name
    for name; do grep "name: '\?$name .*fires and clears" "$work/artifacts/alerts.test.yml"; done | wc -l
}
# fires NAME: whether Prometheus itself fires it.
fires() { has_data "ALERTS{alertname=\"$1\",alertstate=\"firing\"}"; }

# --- a second instance for rows that take long: a plan of six seconds, and one of eleven

genesis slow CHECK_INTERVAL_SECONDS=0.5
slow=$base slow_pid=$pid
health_green="$(api /api/monitoring/health | jq -r .status) $(status "$base/api/monitoring/health")"
mkfifo "$work/slow/inputs/pipe-6" "$work/slow/inputs/pipe-11"
load 10 2
slow_green="$(state latency_p95) $(state failure_rate)"
late_green=$(objective latency '"\(.badEvents) of \(.events)"')
available_green=$(objective availability .badEvents)
for seconds in 6 11; do
    (sleep $seconds && echo "late input" >"$work/slow/inputs/pipe-$seconds") &
    api /api/orchestrations -o /dev/null -d "{\"name\":\"slow\",\"steps\":[{\"kind\":\"checksum\",\"file\":\"pipe-$seconds\"}]}" &
    sleep 0.3
done

# The generated files, before the service runs: Prometheus waits for it with them.
port=$(free_port)
variables=(PORT="$port" CHECK_INTERVAL_SECONDS=0.5 FORECAST_INTERVAL_SECONDS=0.1 ANOMALY_INTERVAL_SECONDS=0.1
    STALL_SECONDS=3 BREAKER_COOLDOWN_SECONDS=2 ESCALATION_SECONDS=2,6,3600,7200 SLA_REPORT_SECONDS=2
    LOG_BYTES_MAX=65536 CACHE_BYTES_MAX=20000000 MEMORY_BYTES_MAX=1e9 DB_CONNECTION=sqlite
    REDIS_HOST=127.0.0.1 REDIS_PORT="$redis_port" REDIS_PASSWORD=$redis_password
    AUTOMATION_WEBHOOK_URL=http://127.0.0.1:9/webhooks)
env INSTRUMENT_TOKEN=$token DATA_DIR="$data" "${variables[@]}" "$program" artifacts "$work/artifacts"
(check_artifacts "S1 alerts" "$work/artifacts"; exit $failed) >"$work/checked" &
checking=$!
children+=("$checking")
start_prometheus "$work/artifacts/prometheus.yml"

genesis data "${variables[@]}"
database=$data/genesis_orchestrator.db

# --- green

probes="$(status "$base/health/ready") $(status "$base/health/live")"
operational=$(curl -fsS "$base/health/metrics" | jq -r '.[] | select(.name == "genesis_orchestrations_total").samples[0].value')
complaints=$(for group in application business security; do scrape $group | promtool check metrics 2>&1; done)
families() { scrape "$1" | awk '/^# TYPE/ { print $3 }' | grep -v '^instrument_' | sort; }
shared=$(cat <(families application) <(families business) <(families security) | sort | uniq -d | wc -l)
sla_green=$(api /api/monitoring/sla | jq -r '[.objectives[].name] | join(" ")')
incidents_green=$(incidents .open)
stability_green=$(metric genesis_stability_score business)
promises=$(api /api/monitoring/sla | jq -c '[.objectives[] | [.name, .target, (10 * (1 - .target) * .windowHours * 60 + 0.5 | floor / 10)]]')

# --- 1.5: the budget of failures is one in a hundred; failures are plans whose input is missing

load 1200 4
consumed() { objective reliability .budgetConsumed; }
budget_green="$(state budget_reliability) at $(consumed)"
fail_until() {
    local limit=$1 answer
    until above "$(consumed)" "$limit"; do
        answer=$(run '{"kind":"checksum","file":"missing.txt"}')
        [ "$answer" = 500 ] || { echo "a plan without its input was answered $answer"; return 1; }
    done
}
fail_until 0.5
budget_half="$(reach budget_reliability warn) at $(consumed)"
fail_until 0.8
budget_critical="$(reach budget_reliability fail) at $(consumed)"
burn=$(metric 'objective_burn_rate{objective="reliability",window="1h"}' business)
logged=$(jq -r 'select(.message == "error budget" and .budget == "budget_reliability") | .status' "$data/logs/sla_monitor.log" | uniq | paste -sd ' ')

# --- red: the database is moved away

refused_before=$(metric 'genesis_authentications_total{route="/api/orchestrations",outcome="refused"}' security)
answers="$(status "$base/api/orchestrations" -d '{}') $(status "$base/api/orchestrations" -H 'Authorization: Bearer wrong-token' -d '{}') $(run '{"kind":"run_history"}') $(run '{"kind":"no such work"}')"
refused=$(metric 'genesis_authentications_total{route="/api/orchestrations",outcome="refused"}' security)
failures_before=$(metric genesis_orchestration_failures_total application)
breaker_green=$(metric 'genesis_circuit_breaker{genesis_circuit_breaker="closed"}')
mv "$database" "$data/away.db"
wait_until 20 is_status 503 "$base/health/ready"
probes_red="$(status "$base/health/ready") $(status "$base/health/live")"
outage() { api /api/monitoring/incidents | jq -r "[.[] | select(.check == \"database\")][-1] | $1"; }
is_escalated() { [ "$(outage .escalation)" = "$1" ]; }
for _ in 1 2 3 4; do lost="${lost:-}$(run '{"kind":"run_history"}') "; done
breaker_red=$(metric 'genesis_circuit_breaker{genesis_circuit_breaker="open"}')
load 300 4
failures=$(metric genesis_orchestration_failures_total application)
operational_red=$(curl -fsS "$base/health/metrics" | jq -r '.[] | select(.name == "genesis_orchestrations_total").samples[0].value')
plans=$(metric genesis_orchestrations_total application)
stability_red=$(metric genesis_stability_score business)
component=$(metric 'component_health{component="database"}' application)
for check in circuit_breaker failure_rate; do reach $check fail >/dev/null; done
marks=$(for check in circuit_breaker failure_rate; do api "/health/$check" | jq -r '"\(.state) \(.marks | join(" "))"'; done | paste -sd, -)
incidents_red=$(api /api/monitoring/incidents | jq -r '[.[] | select(.open) | .check] | map(select(startswith("budget_") | not)) | join(" ")')
health_red="$(api /api/monitoring/health | jq -r .status) $(status "$base/api/monitoring/health")"
wait_until 20 is_escalated "senior engineer"
escalation="$(outage '"\(.open) \(.ageSeconds) \(.escalation)"')"
mv "$data/away.db" "$database"
wait_until 20 is_status 200 "$base/health/ready"
probes_after="$(status "$base/health/ready") $(status "$base/health/live")"
# One plan is let through after each cooldown.
closes() { run '{"kind":"run_history"}' && [ "$(metric 'genesis_circuit_breaker{genesis_circuit_breaker="closed"}')" = 1 ]; }
wait_until 20 closes
breaker_after=$(metric 'genesis_circuit_breaker{genesis_circuit_breaker="closed"}')
closed=$(outage '"open: \(.open)"')
# The incident's log lines, one for each level.
told=$(cat "$data"/logs/incident_response.log* | jq -rs "sort_by(.timestamp)[] | select(.incident == $(outage .id) and (.message | test(\"transition|escalation\")) and .to == \"fail\") | .escalation" | paste -sd ,)

figure="green $probes, red $probes_red (database moved away), again $probes_after; /health/metrics told $operational plans, then $operational_red of $plans"
verdict 1.1 "$figure" test "$probes $probes_red $probes_after $operational $operational_red" = "200 200 503 200 200 200 0 $plans" -a "$plans" -gt 1500
figure="three paths without complaint from promtool${complaints:+ but $complaints} and $shared families in common; red: component_health of the database $component, failures $failures_before to $failures, refused requests ${refused_before:-0} to $refused, stability ${stability_green:-none} to $stability_red"
verdict 1.2 "$figure" test -z "$complaints" -a "$shared" = 0 -a "$component" = 0 -a "$((failures - failures_before))" = 304 -a "$((refused - ${refused_before:-0}))" = 2 -a "$stability_green $stability_red" = "1 0"
figure="sla: $sla_green; incidents $incidents_green, then $incidents_red; health $health_green, then $health_red"
verdict 1.3 "$figure" test "$sla_green|$incidents_green|$incidents_red|$health_green|$health_red" = "availability latency reliability|0|database|pass 200|fail 503"
figure="in the log: $told; open, seconds old, whose: $escalation; $closed once the database is back"
verdict 1.11 "$figure" grep -qE '^automated,on-call engineer,senior engineer\|true ([6-9]|[1-9][0-9]) senior engineer\|open: false$' <<<"$told|$escalation|$closed"
# The same among alerts, by Alertmanager with the generated configuration.
alertmanager=127.0.0.1:$(free_port)
start alertmanager prometheus-alertmanager --config.file="$work/artifacts/alertmanager.yml" --storage.path="$work/alertmanager" \
    --web.listen-address="$alertmanager" --cluster.listen-address= --log.level=error
wait_until 20 is_status 200 "http://$alertmanager/-/ready"
tell() { amtool --alertmanager.url="http://$alertmanager" alert add alertname="$1" severity="$2" job=genesis-orchestrator instance=a; }
alert() { curl -s "http://$alertmanager/api/v2/alerts" | jq -r ".[] | select(.labels.alertname == \"$1\") | .status.state"; }
is_alert() { [ "$(alert "$1")" = "$2" ]; }
tell HighFailureRate warning
wait_until 20 is_alert HighFailureRate active
alerts=$(alert HighFailureRate)
tell GenesisOrchestratorDown critical
wait_until 20 is_alert HighFailureRate suppressed
alerts="$alerts, $(alert HighFailureRate) once $(alert GenesisOrchestratorDown) GenesisOrchestratorDown"
figure="open incidents: $incidents_green, then $incidents_red alone; circuit_breaker, failure_rate: $marks; alert HighFailureRate: $alerts"
verdict 1.12 "$figure" test "$incidents_green $incidents_red" = "0 database" -a "$marks" = "fail suppressed,fail suppressed" -a "$alerts" = "active, suppressed once active GenesisOrchestratorDown"

# --- 1.10: the breaker, and what the recovery hooks do

mkfifo "$data/inputs/pipe"
stalled=$(run '{"kind":"checksum","file":"pipe"}')
reach worker pass >/dev/null
worker="$stalled, then $(run '{"kind":"checksum","text":"again"}'), restarts $(metric genesis_worker_restarts_total)"
memory_green=$(reach memory_usage_anomaly pass)
memory_warned=$(warned memory_usage_anomaly)
forecasts_warned=$(warned memory_forecast)
for number in $(seq 30); do
    { printf '{"name":"large","steps":[{"kind":"checksum","text":"%d' "$number"; head -c 900000 /dev/zero | tr '\0' x; printf '"}]}'; } |
        api /api/orchestrations -o /dev/null --data-binary @-
done
memory_red=$(($(warned memory_forecast) - forecasts_warned))
memory_anomalies=$(($(warned memory_usage_anomaly) - memory_warned))
# recovered WHAT FIELD: the sum of that field over all recoveries of that kind.
recovered() { cat "$data"/logs/incident_response.log* | jq -rs "[.[] | select(.message == \"recovery: $1\") | $2] | add // empty"; }
reach cache pass >/dev/null
cache="$(recovered "cache cleared" .results) results, $(metric genesis_cache_bytes) bytes left"

breaker="$breaker_green/$breaker_red/$breaker_after"

# --- 1.9 and 1.8: readings are taken ten times a second here, so usual is what the last seconds were

steady() {
    local end=$((SECONDS + $1))
    while [ $SECONDS -lt $end ]; do run '{"kind":"checksum","text":"steady"}' >/dev/null; done
}
steady 4
rate_green=$(reach request_rate_anomaly pass)
before=$(warned request_rate_anomaly)
load 2000 8
tokens_red=$(reach tokens_forecast warn)
rate_anomalies=$(($(warned request_rate_anomaly) - before))
steady 2
time_green=$(reach response_time_anomaly pass)
before=$(warned response_time_anomaly)
strayed() { above "$(warned response_time_anomaly)" "$before"; }
# On a machine so busy that two seconds are not unusual, the usual comes back between the plans.
for _ in 1 2 3; do
    (sleep 2 && echo "late input" >"$data/inputs/pipe") &
    run '{"kind":"checksum","file":"pipe"}' >/dev/null
    wait_until 2 strayed && break
    steady 3
done
time_anomalies=$(($(warned response_time_anomaly) - before))
figure="request rate $rate_green, then $rate_anomalies readings beyond 3 deviations in a burst; response time $time_green, then $time_anomalies beyond 2 (a plan of two seconds); memory $memory_green, then $memory_anomalies unusual readings while 27 MB were cached; $(tested RequestRateAnomaly ResponseTimeAnomaly MemoryUsageAnomaly) rules tested"
verdict 1.9 "$figure" test "$(tested RequestRateAnomaly ResponseTimeAnomaly MemoryUsageAnomaly)" = 3 -a "$rate_green $time_green $memory_green" = "pass pass pass" -a "$rate_anomalies" -gt 0 -a "$time_anomalies" -gt 0 -a "$memory_anomalies" -gt 0

forecasts_green="$(reach disk_forecast pass) $(reach memory_forecast pass) $(reach tokens_forecast pass)"
# On a file system of our own little is enough; elsewhere it takes more to head for its end.
chunk=${disk:+200000}
for _ in $(seq 15); do
    head -c "${chunk:-10000000}" /dev/zero >>"$data/growing"
    sleep 0.1
done
disk_red="$(reach disk_forecast warn), $(api /health/disk_forecast | jq -r .message)"
rm "$data/growing"
rotated() { [ -n "$(recovered "logs rotated" .bytes_freed)" ]; }
if [ -n "$disk" ]; then
    # The disk fills up beyond its limit, but for what the log files take that were set aside.
    read -r size used < <(df --output=size,used -B1 "$data" | tail -n 1)
    head -c $((size * 906 / 1000 - used)) /dev/zero >"$data/ballast"
    wait_until 20 rotated
    logs="disk_space $(reach disk_space warn), $(recovered "logs rotated" .bytes_freed) bytes removed"
    rm "$data/ballast"
    logs="$logs, then $(reach disk_space pass)"
else
    # No file system of our own to fill: the limit comes down instead, and it starts below it.
    main=$base main_pid=$pid main_data=$data data=$work/full
    mkdir -p "$data/logs"
    head -c 65536 /dev/zero >"$data/logs/orchestrator.log.20260101T000000Z.1"
    genesis full CHECK_INTERVAL_SECONDS=0.5 DISK_PERCENT_MAX=1
    wait_until 20 rotated
    logs="disk_space $(state disk_space) at a limit of 1 percent, $(recovered "logs rotated" .bytes_freed) bytes removed"
    stop "$pid"
    base=$main pid=$main_pid data=$main_data
fi
figure="green $forecasts_green; red disk $disk_red; memory $memory_red warnings; tokens $tokens_red; $(tested {DiskSpace,Memory,TokenBudget}ExhaustionPredicted) rules tested"
verdict 1.8 "$figure" test "$(tested {DiskSpace,Memory,TokenBudget}ExhaustionPredicted)" = 3 -a "$forecasts_green|${disk_red%%,*}|$tokens_red" = "pass pass pass|warn|warn" -a "$memory_red" -gt 0
figure="breaker closed/open/closed $breaker; stalled worker: $worker; cache cleared: $cache; low disk: $logs"
verdict 1.10 "$figure" grep -qE '^1/1/1\|503, then 201, restarts [1-9]\|[1-9][0-9]* results.*\|disk_space (warn, [1-9].*, then pass|fail at a limit of 1 percent, [1-9].*)$' <<<"$breaker|$worker|$cache|$logs"

# --- 1.14: who may ask, and what the environment decides

redis_green=$(state redis)
kill "$redis_pid"
redis_red="$(reach redis fail), ready $(status "$base/health/ready")"
without=$(env -u INSTRUMENT_TOKEN PORT=0 DATA_DIR="$work/none" "$program" 2>&1) && without="started"
other=$(INSTRUMENT_TOKEN=$token DATA_DIR="$work/none" DB_CONNECTION=mysql "$program" 2>&1) && other="started"
secrets=$({ cat "$data"/logs/* "$work"/*.err; api /health; api /api/monitoring/incidents; scrape; } | grep -cE "$token|$redis_password")
figure="without, wrong and right token and with a plan of no known work $answers; Redis $redis_green, then $redis_red; no token: \"$without\"; mysql: \"$other\"; secrets in logs and answers: $secrets"
verdict 1.14 "$figure" grep -qE '^401 401 201 400\|pass\|fail, ready 200\|genesis: INSTRUMENT_TOKEN.*\|genesis: DB_CONNECTION.*\|0$' <<<"$answers|$redis_green|$redis_red|$without|$other|$secrets"

# --- 1.16: a fault that is injected

restarts=$(metric genesis_worker_restarts_total)
api /api/test/faults/worker -X PUT -d '{"status":"fail","seconds":60}' -o /dev/null
fault="$(reach worker fail) $(api /health/worker | jq -r '.marks | join(" ")') $(status "$base/health/ready") $(incidents '.open and .check == "worker" and .test')"
api /api/test/faults/worker -X DELETE -o /dev/null
fault="$fault, $(reach worker pass) $(status "$base/health/ready"), restarts by it $(($(metric genesis_worker_restarts_total) - restarts)), unknown check $(api /api/test/faults/nothing -X DELETE -o /dev/null -w '%{http_code}')"
verdict 1.16 "$fault" test "$fault" = "fail test 503 1, pass 200, restarts by it 0, unknown check 404"

# --- 1.5, and what Prometheus made of all this

wait_until 20 fires ErrorBudgetConsumed
fired=$(query 'count(ALERTS{alertname="ErrorBudgetConsumed",objective="reliability",alertstate="firing"})')
figure="green $budget_green, then $budget_half, then $budget_critical; burn rate $burn; sla_monitor.log: $logged; Prometheus fires $fired alerts of the budget; $(tested 'ErrorBudget[A-Za-z]*') rules of it tested"
verdict 1.5 "$figure" grep -qE '^pass .*\|warn .*\|fail .*\|1\|warn fail\|2\|6$' <<<"$budget_green|$budget_half|$budget_critical|$(above "$burn" 0 && echo 1)|$logged|$fired|$(tested 'ErrorBudget[A-Za-z]*')"
refused_files=$(status "$base/artifacts/alerts.yml")
fetch_artifacts "$base" $token "$work/served"
served="without a token $refused_files, with it $(diff -r "$work/artifacts" "$work/served" >/dev/null && echo the same files || echo other files)"
silent=$(for file in "$work"/artifacts/dashboard*.json; do unanswered "$file"; done)
queries=$(jq -r '.. | objects | .expr? // empty' "$work"/artifacts/dashboard*.json | sort -u | wc -l)
figure="$(ls "$work"/artifacts/dashboard*.json | wc -l) dashboards, $queries queries; without data: ${silent:-none}; below /artifacts $served"
verdict "S1 dashboards" "$figure" test "$served" = "without a token 401, with it the same files" -a -z "$silent" -a "$queries" -gt 50
scrapes=$(query 'min(count_over_time(up{job="genesis-orchestrator"}[5m]))')
intervals=$(curl -fsS "http://$prometheus/api/v1/targets" | jq -r '[.data.activeTargets[].scrapeInterval] | unique | join(" ")')

# --- 1.6: two restarts, one after a crash; the checks hardly ever run from then on

events() { api /api/monitoring/sla | jq -c '[.objectives[] | select(.name == "reliability") | .events, .badEvents]'; }
restart() { genesis data PORT="$port" CHECK_INTERVAL_SECONDS=3600 FORECAST_INTERVAL_SECONDS=3600 ANOMALY_INTERVAL_SECONDS=3600 STALL_SECONDS=3; }
before=$(events)
touch "$work/now"
wait_until 20 test "$data/objectives.json" -nt "$work/now"
{ kill -KILL "$pid"; wait "$pid"; } 2>/dev/null
restart
crashed=$(events)
run '{"kind":"checksum","file":"missing.txt"}' >/dev/null
stop "$pid"
code=$?
restart
after=$(events)
text=$(api "/api/monitoring/sla?format=text" | grep '^reliability')
consumed=$(consumed)
figure="events and bad ones $before; after kill -9 and a restart $crashed; after one more failure, SIGTERM (exit $code) and a restart $after, budget consumed $consumed; as text: $text"
verdict 1.6 "$figure" test "$crashed|$code|$after" = "$before|0|$(jq -c 'map(. + 1)' <<<"$before")" -a "${text/of $(jq .[0] <<<"$after") events/}" != "$text"

# --- 1.13: scrapes run no check

check_runs() { scrape | awk '/^health_check_results_total/ && !/"(worker|cooperative_pool)"/ { sum += $2 } END { print sum }'; }
# Each has looked once, at the start.
looked() { scrape | awk '/^health_check_results_total/ && !/"(worker|cooperative_pool)"/ && $2 > 0 { seen[$1] } END { exit length(seen) < 17 }'; }
wait_until 20 looked
before=$(check_runs)
ab -q -n 1000 -c 4 "$base/api/metrics/application" >"$work/ab" 2>&1
scraped=$(awk '/^Complete requests/ { print $3 } /^Non-2xx/ { print "of which failed " $3 }' "$work/ab")
mv "$database" "$data/away.db"
ab -q -n 1000 -c 4 "$base/api/metrics/application" >"$work/ab" 2>&1
ready=$(status "$base/health/ready")
mv "$data/away.db" "$database"
scraped="$scraped and $(awk '/^Complete requests/ { print $3 } /^Non-2xx/ { print "of which failed " $3 }' "$work/ab")"
figure="check runs before $scraped scrapes (the second time without the database) $before, afterwards $(check_runs); ready $ready since no check has looked; Prometheus scraped it every ${intervals:-?}, $scrapes times so far"
verdict 1.13 "$figure" test "$(check_runs)|$scraped|$ready|$intervals" = "$before|1000 and 1000|200|5s" -a "$scrapes" -ge 3

# --- 1.15: a file for each concern

concern() { jq -r "select(.logger != \"$1\" or (.message | test(\"$2\") | not)) | .message" "$data/logs/$1.log"* | head -n 3; }
strangers=$(concern sla_monitor '^(error budget|service level)$'; concern incident_response '^(health |recovery: |circuit breaker )')
strangers+=$(jq -r 'select((.logger == "orchestrator" | not) or (.message | test("^(error budget|service level|recovery: |circuit breaker )"))) | .message' "$data/logs/orchestrator.log"* | head -n 3)
missing=$(for logger in orchestrator sla_monitor incident_response; do [ -s "$data/logs/$logger.log" ] || echo "$logger.log"; done)
unread=$(for file in "$data"/logs/*; do jq -e . "$file" >/dev/null 2>&1 || basename "$file"; done)
outage=$(cat "$data"/logs/incident_response.log* | jq -r 'select(.check == "budget_reliability" or .check == "disk_space") | .check' | sort -u | paste -sd ' ')
figure="orchestrator.log, sla_monitor.log and incident_response.log: missing ${missing:-none}; not to be parsed: ${unread:-none}; lines of another concern: ${strangers:-none}; incidents logged, among others: $outage"
verdict 1.15 "$figure" test -z "$missing$unread$strangers" -a -n "$outage"
stop "$pid"

# --- 1.4 and 1.7: the slow instance; its plans of six and eleven seconds have ended by now

base=$slow pid=$slow_pid
latency_seen=$(jq -r 'select(.check == "latency_p95") | .to' "$work/slow/logs/incident_response.log" | uniq | paste -sd ' ')
late=$(objective latency '"\(.badEvents) of \(.events), \(.level)"')
load 150 4
latency_after=$(reach latency_p95 pass)
fail_count() { for _ in $(seq "$1"); do run '{"kind":"checksum","file":"missing.txt"}' >/dev/null; done; }
fail_count 12
rate="$(reach failure_rate warn) $(api /health/failure_rate | jq -r .message)"
fail_count 30
rate="$rate; $(reach failure_rate fail) $(api /health/failure_rate | jq -r .message)"
stability="$(state stability) at $(metric genesis_stability_score)"
load 1200 4
rate="$slow_green; $rate; $(reach failure_rate pass)"
mv "$work/slow/genesis_orchestrator.db" "$work/slow/away.db"
wait_until 20 is_status 503 "$base/health/ready"
unavailable() { above "$(objective availability .badEvents)" 0; }
wait_until 20 unavailable
mv "$work/slow/away.db" "$work/slow/genesis_orchestrator.db"
wait_until 20 is_status 200 "$base/health/ready"
budget=$(reach budget_availability fail)
down=$(objective availability '"\(.badEvents) of \(.events) samples, attained \(.attained)"')
figure="minutes a month: $promises; late plans $late_green, then $late; unavailable $available_green, then $down, budget_availability $budget"
verdict 1.4 "$figure" test "$promises|$late_green|$late|$available_green|$budget" = '[["availability",0.999,43.2],["latency",0.95,2160],["reliability",0.99,432]]|0 of 10|2 of 12, exhausted|0|fail'
rules=$(tested GenesisOrchestratorDown SLAAvailabilityBreach {High,Critical}{FailureRate,OrchestrationLatency})
figure="p95 of latency: $latency_seen, then $latency_after; failure and latency $rate; stability $stability; $rules rules tested"
verdict 1.7 "$figure" grep -qE '^6\|warn fail\|pass\|pass pass; warn .*; fail .*; pass\|warn' <<<"$rules|$latency_seen|$latency_after|$rate|$stability"


wait "$checking" || failed=1
cat "$work/checked"
exit $failed
