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
    QUERY_WINDOW_SECONDS=3 DATABASE_BYTES_MAX=2000000
PORT=$(free_port)
DETAILS_PORT=$(free_port)
base=http://127.0.0.1:$PORT
details=http://127.0.0.1:$DETAILS_PORT
database="$DATA_DIR/swarm.db"
log="$DATA_DIR/logs/moai-flow.log"
start_service() { start flow "$flow"; service=$child; }

# check NAME: what /health/NAME tells in full.
check() { curl -s "$details/health/$1"; }
is_healthy() { [ "$(check "$2" | jq .healthy)" = "$1" ]; }
# is_state NAME STATE: pass, warn or fail.
is_state() { [ "$(check "$1" | jq -r .state)" = "$2" ]; }
# told NAME: whether its answer has the three things that the guide's result has.
told() { check "$1" | jq -e '(.healthy | type == "boolean") and (.message | type == "string") and (.details | type == "object")' >/dev/null; }
# post TYPE PAYLOAD: stores an event.
post() {
    curl -fsS -o /dev/null "$base/events" --data "{\"event_type\":\"$1\",\"agent_id\":\"agent-9\",\"user_id\":\"user-7\",\"payload\":\"$2\"}"
}
# note_scrape STATE: how /metrics is answered, and what it tells of the process beside what the kernel does.
scrapes='' processes='' good_scrapes=0 good_processes=0
note_scrape() {
    local file="$work/scrape" type complaints resident cpu kernel_resident kernel_cpu
    type=$(curl -s -o "$file" -w '%{http_code} %{content_type}' "$base/metrics")
    read -r kernel_resident kernel_cpu < <(awk -v hertz="$(getconf CLK_TCK)" -v page="$(getconf PAGESIZE)" \
        '{ print $24 * page, ($14 + $15) / hertz }' "/proc/$service/stat")
    # The names of node_exporter are as they are.
    complaints=$(promtool check metrics <"$file" 2>&1 | grep -v '^node_memory_MemTotal_bytes')
    scrapes+="${scrapes:+; }$1 \"$type\", promtool: ${complaints:-no complaints}"
    [[ -z $complaints && $type == '200 text/plain;'* ]] && good_scrapes=$((good_scrapes + 1))
    read -r resident cpu < <(awk '$1 == "process_resident_memory_bytes" { bytes = $2 }
        $1 == "process_cpu_seconds_total" { seconds = $2 } END { print bytes + 0, seconds + 0 }' "$file")
    processes+="${processes:+; }$1 $resident bytes and $cpu s, the kernel says $kernel_resident and $kernel_cpu"
    awk -v a="$resident" -v b="$kernel_resident" -v c="$cpu" -v d="$kernel_cpu" \
        'BEGIN { exit !(a > b * 0.7 && a < b * 1.3 && c > 0 && c < d + 0.1 && c > d - 0.5) }' &&
        good_processes=$((good_processes + 1))
}

start_service
wait_until 20 is_status 200 "$base/readyz" || { fail "2.1" "not ready after 20 s: $(cat "$work/flow.err")"; exit 1; }

# Prometheus runs with what the service has generated, every second instead of every 15, and the guide's rules.
artifacts="$work/artifacts"
fetch_artifacts "$base" "$token" "$artifacts" || { fail "2.12" "no artifacts at $base/artifacts"; exit 1; }
start_prometheus_of "$artifacts" $guides/s2.alert_rules.yml 1s

# timings FILE: what a manifest says about each probe.
timings() { awk '/Probe:/ { probe = $1 } $1 ~ /(Seconds|Threshold):$/ { print probe $1 $2 }' "$1"; }
# run_probe NAME: runs a probe of the generated manifest as the kubelet would, within the guide's shortest timeout.
run_probe() {
    local words
    mapfile -t words < <(awk -v probe="$1:" '$1 == probe { found = 1; next } found && /Seconds:/ { exit }
        found && $1 == "-" { print $2 }' "$artifacts/kubernetes.yml" | tr -d "'")
    [ "${words[0]:-}" = /app/moai-flow ] && timeout 5 "$flow" "${words[@]:1}" >/dev/null
}
# probe_codes: the exit codes of the three.
probe_codes() { local probe; for probe in liveness readiness startup; do run_probe ${probe}Probe; printf '%s ' $?; done; }
# alert NAME: the state of one of the generated alerts, or nothing when it is not even pending.
alert() { curl -fsS "http://$prometheus/api/v1/query" --data-urlencode "query=ALERTS{alertname=\"$1\",group!=\"\"}" | jq -r '.data.result[0].metric.alertstate // empty'; }
is_alert() { [ "$(alert "$1")" = "$2" ]; }

# --- green
names='database disk_space memory query_performance agents'
green=0
for name in $names; do wait_until 5 is_healthy true "$name" && told "$name" && green=$((green + 1)); done
green_codes="$(status "$base/livez") $(status "$base/readyz") $(status "$base/startupz")"
green_line=$("$flow" health)
green_exit=$?
green_all=$("$flow" health --all)
green_all_exit=$?
green_probes=$(probe_codes)
# The table of thresholds before anything goes wrong. CPU counts once it has lasted for a minute.
wait_until 10 is_state uptime pass
targets_green="$(check error_rate | jq -r .state) $(check uptime | jq -r .state) $(check query_performance | jq -r .state) $(check disk_space | jq -r .state) $(check cpu | jq -r .state)"

# Work: messages in the inbox.
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
note_scrape green

# --- the alerts and the dashboard, read by a real Prometheus beside the guide's
artifacts_hold "$artifacts"
hold=$?
has_rules() { [ -n "$(rules guide.yml .name)" ] && [ -n "$(rules alerts.yml .name)" ]; }
panels() { jq -c '.. | objects | select(.targets?) | [.title, .targets[0].expr]' "$1" | sort; }
# Brackets that change nothing are left out of the expressions.
fields='.name, (.query | gsub("[() ]"; "")), .duration, .labels.severity, (.annotations | tojson)'
wait_until 10 has_rules
lost_rules=$(missing_rules "$fields")
guide_rules=$(rules guide.yml .name | wc -l)
missing_panels=$(comm -23 <(panels $guides/s2.dashboard.json) <(panels "$artifacts/dashboard.json"))
all_answered() { [ -z "$(unanswered "$artifacts/dashboard.json")" ]; }
wait_until 20 all_answered
silent_green=$(unanswered "$artifacts/dashboard.json")
calm_alert=$(alert HighQueryLatency)
target() { curl -fsS "http://$prometheus/api/v1/targets" | jq -r '.data.activeTargets[0].health'; }
target_green=$(target)

# --- red: the database is moved away
mv "$database" "$database.away"
wait_until 5 is_status 503 "$base/readyz"
red_codes="$(status "$base/livez") $(status "$base/readyz")"
red_line=$("$flow" health ready)
red_exit=$?
red_all=$("$flow" health --all)
red_all_exit=$?
red_probes=$(probe_codes)
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
lock EXCLUSIVE "$database"
note_red query_performance 'locked by sqlite3'
is_slow() { [ "$(query 'count(moai_flow_query_duration_seconds{quantile="0.95"} > 0.1)')" ]; }
wait_until 10 is_slow
note_scrape red
silent_red=$(unanswered "$artifacts/dashboard.json")
wait_until 10 is_alert HighQueryLatency pending
latency_alert=$(alert HighQueryLatency)
slow=$(query 'max(moai_flow_query_duration_seconds{quantile="0.95"} > 0.1)')
kill -TERM "$service"
wait "$service"
cat "$work/flow.out" >"$work/console"
quiet=$(grep -c '"level":"DEBUG"' "$work/console")
export LOG_LEVEL=debug
start_service
wait_until 10 is_status 503 "$base/startupz"
startup_red=$(status "$base/startupz")
locked_probes=$(probe_codes)
unlock
wait_until 10 is_status 200 "$base/startupz"
startup_green=$(status "$base/startupz")

verdict 2.11 "$processes" test "$good_processes" = 2
timings=$(timings "$artifacts/kubernetes.yml" | paste -sd ' ')
verdict 2.2 "$(wc -w <<<"$timings") timings of kubernetes.yml are the guide's; exit codes of its live, ready and startup commands: green ${green_probes% }, red $red_probes(database moved away) and $locked_probes(locked while it starts)" \
    test "$timings" = "$(timings $guides/s2.deployment.yml | paste -sd ' ')" -a "$(wc -w <<<"$timings")" = 12 -a \
    "$green_probes/$red_probes/$locked_probes" = '0 0 0 /0 1 0 /0 1 1 '

# --- red: agents that stall on messages that never end; the disk fills; memory is injected
mkfifo "$DATA_DIR"/inbox/stuck-{a,b,c}
note_red agents 'each reads a pipe without a writer'
agents_live=$(status "$base/livez")
wait_until 15 is_metric moai_flow_agents_active 0
active_red=$(metric moai_flow_agents_active)
figure="green live/ready/startup $green_codes, \"$green_line\" exit $green_exit; red (database moved away) live/ready $red_codes, \"$red_line\" exit $red_exit, back to $moved_back; live $agents_live once all agents stalled; startup $startup_red while the database is locked, then $startup_green"
verdict 2.1 "$figure" test "$green_codes/$green_exit/$red_codes/$red_exit/$moved_back/$agents_live/$startup_red/$startup_green" = \
    "200 200 200/0/200 503/1/200/503/503/200" -a -n "$green_line" -a -n "$red_line" -a "$(wc -l <<<"$green_line$red_line")" = 1
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
curl -s -o /dev/null -X PUT -H "Authorization: Bearer $token" "$base/faults/memory?seconds=5"
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
for number in $(seq 40); do printf '\xff' >"$DATA_DIR/inbox/not-text-$number"; done
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
verdict 2.4 "green: error_rate, uptime, query_performance, disk_space, cpu $targets_green; $level" test "$levels/$targets_green" = '8/pass pass pass pass pass'

# --- log rotation while lines are written
mkdir "$work/bin"
cat >"$work/bin/systemctl" <<SH
#!/bin/sh
[ ! -e "$work/reload-fails" ] && [ "\$*" = "reload moai-flow" ] && kill -HUP $service
SH
chmod +x "$work/bin/systemctl"
sed -e "s|/var/log/moai-flow|$DATA_DIR/logs|" -e "s|ubuntu ubuntu|$(id -un) $(id -gn)|" $guides/s2.logrotate >"$work/logrotate.conf"
chmod 644 "$work/logrotate.conf"
rotate() {
    # What is thrown away today is kept for the count.
    if [ -e "$log.7.gz" ]; then zcat "$log.7.gz" >>"$work/whole"; fi
    PATH="$work/bin:$PATH" logrotate --force --state "$work/logrotate.state" "$work/logrotate.conf" >>"$work/logrotate.out" 2>&1
}
: >"$work/whole"
posted=20 rotations=0 failed_rotations=0
talk() { for number in 1 2 3 4 5 6 7 8; do post user_message "$1, $number" && posted=$((posted + 1)); done; }
for turn in 1 2 3 4 5 6 7 8 9; do
    talk "turn $turn"
    [ $turn != 4 ] || : >"$work/reload-fails"
    if rotate; then
        rotations=$((rotations + 1))
    else
        # Nobody told the service: it goes on in the renamed file until it hears of it.
        failed_rotations=$((failed_rotations + 1))
        before=$(wc -l <"$log.1")
        talk 'after the reload that failed'
        wait_until 5 eval "[ \$(wc -l <'$log.1') -ge $((before + 8)) ]"
        kept_in_old=$(($(wc -l <"$log.1") - before)) in_new=$(wc -l <"$log")
        rm "$work/reload-fails"
        PATH="$work/bin:$PATH" systemctl reload moai-flow
    fi
    # The health check's own lines come first, if it has any.
    post user_message "turn $turn is over" && posted=$((posted + 1))
    wait_until 5 test -s "$log"
done
mode=$(stat -c %a "$log")
files=$(cd "$DATA_DIR/logs" && echo *)

# --- metrics under the guide's names, asked of a real Prometheus
events=$(metric 'moai_flow_events_total{event_type="user_message"}')
wait_until 10 has_data 'moai_flow_query_duration_seconds{quantile="0.95",query_type="insert"} >= 0'
p95=$(query 'moai_flow_query_duration_seconds{quantile="0.95",query_type="insert"}')
histogram=$(query 'histogram_quantile(0.95, sum by (le) (rate(moai_flow_query_latency_seconds_bucket[1m])))')
verdict 2.9 "events_total{task_completed} $done_before of 6, {user_message} $events of $((posted - 20)); agents_active $active, $active_red once all stalled; db_size_bytes $size of $real_size" \
    test "$done_before/$events/$active/$active_red/$size" = "6/$((posted - 20))/3/0/$real_size"
verdict 2.10 "summary {quantile=\"0.95\"} ${p95:-missing} s, histogram_quantile ${histogram:-missing} s; the guide's condition > 0.1 held at ${slow:-no value} s while locked" \
    awk -v p95="$p95" -v histogram="$histogram" -v slow="$slow" 'BEGIN { exit !(p95 != "" && histogram + 0 > 0 && slow > 0.1 && p95 + 0 < slow + 0) }'

# --- the log, whole, once the service has ended
kill -TERM "$service"
wait "$service"
code=$?
cat "$work/flow.out" >>"$work/console"
wait_until 10 is_alert ServiceDown pending
down_alert=$(alert ServiceDown)
target_red=$(target)
verdict 2.13 "$scrapes; Prometheus calls its target $target_green, and $target_red once it has ended" \
    test "$good_scrapes/$target_green/$target_red" = 2/up/down
queries=$(jq -r '.. | objects | .expr? // empty' "$artifacts/dashboard.json" | sort -u | wc -l)
verdict 2.12 "$artifacts_figure; the guide's $guide_rules are among them${lost_rules:+ but for $lost_rules}; the guide's 7 panels are there${missing_panels:+ but for $missing_panels}; $queries queries of the dashboard, without data green: ${silent_green:-none}, red: ${silent_red:-none}; HighQueryLatency ${calm_alert:-quiet}, ${latency_alert:-quiet} while locked; ServiceDown ${down_alert:-quiet} once it has ended" \
    test "$hold/$guide_rules/$lost_rules$missing_panels$silent_green$silent_red/$calm_alert/$latency_alert/$down_alert" = 0/7///pending/pending
for number in 7 6 5 4 3 2; do zcat "$log.$number.gz"; done >>"$work/whole"
cat "$log.1" "$log" >>"$work/whole"
stored=$(grep -c '"message":"event stored"' "$work/whole")
verdict 2.8 "$rotations rotations by logrotate with the guide's configuration, then there are $files, mode $mode; one whose reload failed: $kept_in_old lines went on into the renamed file, $in_new into the new one; $stored of $posted lines in all" \
    test "$rotations/$failed_rotations/$stored/$mode/$((kept_in_old >= 8))/$in_new/$files" = \
    "8/1/$posted/644/1/0/moai-flow.log moai-flow.log.1 $(echo moai-flow.log.{2..7}.gz)"
# Requests and changes of health are the package's lines: no line of the service's source made them.
own='["timestamp","level","logger","message","module","function","line"]'
bare=$(jq -c --argjson own "$own" 'select(.logger == "moai_flow" and $own - keys != [] or $own[:4] - keys != [])' "$work/whole" | wc -l)
placed=$(jq -c 'select(.logger == "moai_flow.endpoint" and (has("module") or has("function") or has("line")))' "$work/whole" | wc -l)
users=$(jq -c 'select(.user_id == "user-7" and .agent_id == "agent-9")' "$work/whole" | wc -l)
exceptions=$(jq -c 'select(.exception != null and .agent_id != null and .level == "ERROR")' "$work/whole" | wc -l)
calm=$(jq -c 'select(.exception != null and .level != "ERROR")' "$work/whole" | wc -l)
lines=$(wc -l <"$work/whole")
verdict 2.5 "$lines lines, $bare without one of their fields; $users with user_id and agent_id, $exceptions errors with exception, $calm other lines with one" \
    test "$bare/$placed/$users/$calm" = "0/0/$posted/0" -a "$exceptions" -gt 0
levels=$(jq -r .level "$work/whole" | sort -u | paste -sd " ")
verdict 2.6 "levels seen: $levels; DEBUG lines before LOG_LEVEL=debug: $quiet" \
    test "$levels/$quiet" = 'CRITICAL DEBUG ERROR INFO WARNING/0'
nested=$(jq -c 'select(any(.[]; type == "object" or type == "array"))' "$work/whole" | wc -l)
cmp -s <(sort "$work/console") <(sort "$work/whole")
verdict 2.7 "$nested nested values; console and file hold the same $lines lines (exit code $code)" \
    test "$?/$nested/$code" = 0/0/0
exit $failed
