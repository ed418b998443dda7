#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The analysis platform: jobs, a pool of database connections and backups, checked as its guide does, in green and in
# red state.
set -uo pipefail
source "$(dirname "$0")/rig.bash"
guides=Scripts/systems/guides

# --- a service with disks of its own for its data and its backups, if this machine lets them be made
for disk in data backups; do
    mkdir "$work/$disk"
    if mount -t tmpfs -o size=16m tmpfs "$work/$disk" 2>/dev/null; then mounts+=("$work/$disk"); fi
done
platform=$(binary analysis-platform)
export PORT DATA_DIR="$work/data/platform" BACKUP_DIR="$work/backups/copies" SOURCE_DIR="$work/source" CLUSTER=guide \
    ENVIRONMENT=staging INSTRUMENT_TOKEN=guide-token STALL_SECONDS=2 CHECK_SECONDS=0.3 BACKUP_SECONDS=1 \
    BACKUP_AGE_MAX_SECONDS=10 SCRAPE_SECONDS=1 QUEUE_MAX=6 POOL_SIZE=2 CACHE_BYTES_MAX=100000
PORT=$(free_port)
base=http://127.0.0.1:$PORT
database="$DATA_DIR/platform.db"
# metric NAME [LABEL...]: its value in a scrape of now; the sum of all series that have the labels.
metric() {
    local name=$1 labels=''
    shift
    for label in "$@"; do labels+=".*$label"; done
    curl -s "$base/metrics" | grep -E "^$name(\{$labels.*\})? " | awk '{ sum += $NF; last = $NF } END { if (NR == 1) print last; else printf "%.15g\n", sum }'
}
is_metric() { local want=$1; shift; [ "$(metric "$@")" = "$want" ]; }
# is_true EXPRESSION: arithmetic with fractions.
is_true() { [ "$(awk "BEGIN { print ($1) ? 1 : 0 }")" = 1 ]; }
check() { curl -s -H "Authorization: Bearer $INSTRUMENT_TOKEN" "$base/health/$1"; }
is_state() { [ "$(check "$1" | jq -r .state)" = "$2" ]; }
# post JSON: asks for a job; prints its number.
post() { curl -s "$base/api/jobs" --data "$1" | jq -r .id; }
job() { curl -s "$base/api/jobs/$1"; }
is_job() { [ "$(job "$1" | jq -r .status)" = "$2" ]; }
# alert NAME: pending or firing in the real Prometheus, or nothing.
alert() { curl -fsS "http://$prometheus/api/v1/query" --data-urlencode "query=ALERTS{alertname=\"$1\"}" | jq -r '[.data.result[].metric.alertstate] | sort | first // empty'; }
is_alert() { [ "$(alert "$1")" = "$2" ]; }
fired=0 alarms=''
fires() { if wait_until 15 is_alert "$1" firing; then fired=$((fired + 1)); fi; alarms+="${alarms:+, }$1 $(alert "$1")"; }
cleared=0
clears() { local name; for name in "$@"; do wait_until 20 is_alert "$name" '' && cleared=$((cleared + 1)); done; }

# Two taxa of different composition, reads of both, points of two classes with some on the wrong side, a file to fetch.
mkdir "$work/inputs" "$SOURCE_DIR"
python3 - "$work/inputs" <<'PYTHON'
import random, sys
random.seed(7)
def bases(weights, count): return "".join(random.choices("ACGT", weights=weights, k=count))
poor, rich = [4, 1, 1, 4], [1, 4, 4, 1]
with open(sys.argv[1] + "/taxa.fasta", "w") as file:
    file.write(f">mesophile\n{bases(poor, 2000)}\n>thermophile\n{bases(rich, 2000)}\n")
with open(sys.argv[1] + "/reads.fasta", "w") as file:
    for number in range(30): file.write(f">read {number}\n{bases(rich if number % 3 else poor, 300)}\n")
with open(sys.argv[1] + "/points.csv", "w") as file:
    for _ in range(400):
        x, y = random.uniform(-1, 1), random.uniform(-1, 1)
        file.write(f"{x:.3f},{y:.3f},{int(x + y + random.gauss(0, 0.3) > 0)}\n")
PYTHON
printf '>broken\nACGT-N\n' >"$work/inputs/broken.fasta"
cp "$work/inputs/reads.fasta" "$SOURCE_DIR/remote.fasta"

start platform "$platform"
service=$child
wait_until 20 is_status 200 "$base/readyz" || { fail 3.1 "not ready after 20 s: $(cat "$work/platform.err")"; exit 1; }

# --- what the machine does, before anybody else scrapes
ticks() { awk '/^cpu / { idle = $5 + $6; for (i = 2; i <= 9; i++) total += $i; print total - idle, total }' /proc/stat; }
cpu() { # SECONDS: the service's figure and ours, over the same time.
    local before after figure
    metric system_cpu_usage_percent >/dev/null
    before=$(ticks)
    sleep "$1"
    figure=$(metric system_cpu_usage_percent)
    after=$(ticks)
    awk -v f="$figure" -v a="$before" -v b="$after" 'BEGIN { split(a, x); split(b, y); printf "%.0f %.0f", f, 100 * (y[1] - x[1]) / (y[2] - x[2]) }'
}
read -r cpu_green cpu_green_real <<<"$(cpu 0.5)"
for _ in $(seq "$(nproc)"); do timeout 1 sh -c 'while :; do :; done' & done
read -r cpu_red cpu_red_real <<<"$(cpu 0.8)"
memory=$(metric system_memory_usage_bytes)
memory_real=$(awk '/^MemTotal/ { t = $2 } /^MemAvailable/ { a = $2 } END { printf "%.0f", (t - a) * 1024 }' /proc/meminfo)
disk_used() { df --output=used -B1 "$DATA_DIR" | tail -n 1 | tr -d ' '; }

artifacts="$work/artifacts"
fetch_artifacts "$base" "$INSTRUMENT_TOKEN" "$artifacts" || { fail 3.8 "no artifacts at $base/artifacts"; exit 1; }
start_prometheus "$artifacts/prometheus.yml"
# The unit tests of the rules need half a minute of one core: beside the rest.
(artifacts_hold "$artifacts"; code=$?; printf '%s' "$artifacts_figure" >"$work/rules.figure"; exit $code) &
rules=$!

# --- green: uploads, then jobs of every family
for file in taxa.fasta reads.fasta broken.fasta points.csv; do curl -fsS -T "$work/inputs/$file" "$base/api/datasets/$file"; done >/dev/null
taxonomic='{"kind":"analysis","type":"taxonomic","dataset":"reads.fasta","reference":"taxa.fasta"}'
composition='{"kind":"analysis","type":"composition","dataset":"reads.fasta"}'
last=0
# run JSON [STATUS]: asks for a job and waits for its end; adds up what was sent and received.
run() { curl -s "$base/api/jobs" --data "$1" >"$work/accepted"; last=$(jq -r .id "$work/accepted"); body=$((body + ${#1})); answers=$((answers + $(wc -c <"$work/accepted"))); wait_until 10 is_job "$last" "${2:-success}" || fail 3.2 "job $last: $(job "$last")"; }
body=0 answers=0
run "$taxonomic"
taxa=$(job "$last" | jq -r '.outcome | fromjson | .taxa | "\(.mesophile) and \(.thermophile)"')
run "$composition"
run "$taxonomic"
run '{"kind":"training","type":"logistic","dataset":"points.csv","run":"first","epochs":30}'
trained=$(job "$last" | jq -r '.outcome | fromjson | "\(.accuracy) \(.loss)"')
run '{"kind":"download","dataset":"remote.fasta"}'
fetched=$(metric download_bytes_total)
green_jobs="$(metric analysis_runs_total 'analysis_type="taxonomic"' 'status="success"') $(metric analysis_runs_total 'analysis_type="composition"' 'status="success"') $(metric training_runs_total 'status="success"') $(metric download_jobs_total 'status="success"')"
sequences=$(metric analysis_sequences_processed_total)
learnt="$(metric training_accuracy 'run="first"') $(metric training_loss 'run="first"')"
hits="$(metric cache_hits_total)/$(metric cache_misses_total)"

# Every metric of the guide's list is there with the guide's type; prometheus_client writes counters with _total.
missing=''
listed=0
curl -s "$base/metrics" >"$work/scrape"
while IFS=$'\t' read -r name type; do
    listed=$((listed + 1))
    grep -qE "^# TYPE ${name%_total}(_total)? ${type,,}$" "$work/scrape" || missing+=" $name"
done < <(sed -nE 's/^- `([a-z_]+)` \(([A-Za-z]+)\).*/\1\t\2/p' $guides/s3.metrics.md)
# database_tables_count is the guide's own name.
complaints=$(promtool check metrics <"$work/scrape" 2>&1 | grep -v '^database_tables_count ')

# --- green: requests
sent=$body
status_count() { metric http_requests_total 'method="POST"' 'endpoint="/api/jobs"' "status=\"$1\""; }
accepted=$(status_count 202)
durations=$(metric http_request_duration_seconds_count 'method="POST"' 'endpoint="/api/jobs"')
request_bytes=$(metric http_request_size_bytes_sum 'method="POST"' 'endpoint="/api/jobs"')
received=$answers
response_bytes=$(metric http_response_size_bytes_sum 'method="POST"' 'endpoint="/api/jobs"')
quantiles=$(grep -cE '^http_re(quest|sponse)_size_bytes\{.*endpoint="/api/jobs".*quantile=' "$work/scrape")

# --- green: the database, its pool and its backups
pool_green="$(metric database_connections_active)/$(metric database_connections_limit)"
queries=$(metric database_query_duration_seconds_count 'query_type="insert"')
inserted=$(sqlite3 -readonly "$database" 'SELECT count(*) FROM jobs')
size=$(metric database_size_bytes)
real_size=$(sqlite3 -readonly "$database" 'SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()')
tables=$(metric database_tables_count)
real_tables=$(sqlite3 -readonly "$database" "SELECT count(*) FROM sqlite_schema WHERE type = 'table'")
newest() { find "$BACKUP_DIR" -name 'platform-*.db' 2>/dev/null | sort | tail -n 1; }
curl -fsS -X POST -H "Authorization: Bearer $INSTRUMENT_TOKEN" "$base/api/backups" >"$work/backup.json"
unpaid=$(status -X POST "$base/api/backups")
copy=$(newest)
backup_green="$(metric backup_success) $(metric backup_size_bytes) $(check backup | jq -r .state)"
backup_real="1 $(stat -c %s "$copy") pass"
stamp=$(metric backup_last_success_timestamp)
stamp_age=$(awk -v s="$stamp" -v m="$(stat -c %.Y "$(newest)")" 'BEGIN { printf "%.1f", s - m }')
restored=$(sqlite3 -readonly "$copy" 'SELECT count(*) FROM jobs')

# --- green: labels, dashboards, alerts
bare=$(grep -v '^#' "$work/scrape" | grep -vc 'cluster="guide",environment="staging"')
series=$(grep -vc '^#' "$work/scrape")
all_answered() { local file; for file in "$artifacts"/dashboard*.json; do [ -z "$(unanswered "$file")" ] || return 1; done; }
wait_until 20 all_answered
silent_green=$(for file in "$artifacts"/dashboard*.json; do unanswered "$file"; done)
calm=0
for name in BackupFailed BackupTooOld DatabaseDown WorkerStalled JobsRejected SeriesOverflow DatabaseConnectionsExhausted; do [ -z "$(alert $name)" ] && calm=$((calm + 1)); done

# --- red: jobs that fail, and manual records as the guide makes them
run '{"kind":"analysis","type":"composition","dataset":"broken.fasta"}' failure
run '{"kind":"download","dataset":"not-there"}' failure
run '{"kind":"training","type":"perceptron","dataset":"reads.fasta"}' failure
red_jobs="$(metric analysis_runs_total 'status="failure"') $(metric training_runs_total 'status="failure"') $(metric download_jobs_total 'status="failure"')"
before="$(metric analysis_runs_total 'analysis_type="taxonomic"' 'status="success"') $(metric analysis_duration_seconds_sum 'analysis_type="taxonomic"') $(metric analysis_sequences_processed_total 'analysis_type="taxonomic"')"
for outcome in success failure; do
    recorded=$(status "$base/api/analyses" --data "{\"type\":\"taxonomic\",\"seconds\":123.45,\"sequences\":1000,\"status\":\"$outcome\"}")
done
refused=$(status "$base/api/analyses" --data '{"type":"unheard-of","seconds":1,"sequences":1,"status":"success"}')
after="$(metric analysis_runs_total 'analysis_type="taxonomic"' 'status="success"') $(metric analysis_duration_seconds_sum 'analysis_type="taxonomic"') $(metric analysis_sequences_processed_total 'analysis_type="taxonomic"')"
grown=$(awk -v a="$before" -v b="$after" 'BEGIN { split(a, x); split(b, y); printf "%d %.1f %d", y[1] - x[1], y[2] - x[2], y[3] - x[3] }')
failures=$(metric analysis_runs_total 'analysis_type="taxonomic"' 'status="failure"')
set -- $grown
verdict 3.6 "tracked functions: $green_jobs successes and $red_jobs failures counted; recorded by hand (123.45 s and 1000 sequences, once each way): +$1 success, +$failures failure, +$2 s, +$3 sequences; an unknown type $refused" \
    test "$green_jobs/$red_jobs/$grown/$failures/$recorded/$refused" = '1 1 1 1/1 1 1/1 246.9 2000/1/204/400'

# --- red: workers that stall on files that never end, a queue that fills
mkfifo "$SOURCE_DIR"/stuck-{a,b}
for letter in a b; do post "{\"kind\":\"download\",\"dataset\":\"stuck-$letter\"}" >/dev/null; done
wait_until 5 is_metric 2 download_active_jobs
active_red="$(metric download_active_jobs) $(metric queue_workers_busy)"
for _ in $(seq 8); do status "$base/api/jobs" --data "$composition" >>"$work/posted"; done
rejected="$(metric queue_length) $(metric queue_rejected_jobs_total)"
fires WorkerStalled
fires JobsRejected
stalled="$(check worker-1 | jq -r .state) $(check worker-2 | jq -r .state) $(check queue | jq -r .state)"
for letter in a b; do cat "$work/inputs/reads.fasta" >"$SOURCE_DIR/stuck-$letter"; done
wait_until 10 is_metric 0 queue_length
wait_until 10 is_state worker-1 pass && wait_until 10 is_state worker-2 pass
clears WorkerStalled
active_green="$(metric download_active_jobs) $(metric queue_workers_busy)"
bytes=$(wc -c <"$work/inputs/reads.fasta")
figure="green: taxonomic, composition, training, download $green_jobs, $sequences sequences ($taxa of two taxa), $fetched of $bytes bytes, accuracy and loss $learnt, the job's own $trained; cache $hits;"
figure+=" red: failures $red_jobs; two downloads without an end: active and busy $active_red, waiting and refused $rejected, workers and queue $stalled, then active and busy $active_green"
verdict 3.2 "$figure" test "$green_jobs/$sequences/$taxa/$fetched/$learnt/$hits/$red_jobs/$active_red/$rejected/$stalled/$active_green" = \
    "1 1 1 1/60/10 and 20/$bytes/$trained/1/2/1 1 1/2 2/6 2/fail fail fail/0 0"

# --- red: another process holds the database
lock IMMEDIATE "$database"
wait_until 5 is_state database fail
errors_before=$(metric database_errors_total)
pool_red=0
# busiest COUNT: notes how many connections are in use at most, while requests wait for the lock.
busiest() {
    local now
    now=$(metric database_connections_active)
    [ "$now" -gt $pool_red ] && pool_red=$now
    [ $pool_red -ge "$1" ]
}
for _ in 1 2 3; do
    seekers=()
    for _ in $(seq 5); do status "$base/api/jobs" --data "$composition" >>"$work/locked" & seekers+=($!); done
    wait_until 2 busiest 2
    wait "${seekers[@]}"
    [ $pool_red -lt 2 ] || break
done
lost=$(grep -o 500 "$work/locked" | wc -l)
errors=$(($(metric database_errors_total) - errors_before))
timeouts=$(metric database_pool_timeouts_total)
slow=$(metric database_query_duration_seconds_count 'query_type="insert"')
slow=$((slow - $(metric database_query_duration_seconds_bucket 'query_type="insert"' 'le="0.5"')))
fires DatabaseDown
fires DatabaseConnectionsExhausted
red_ready=$(status "$base/readyz")
unlock
wait_until 10 is_status 200 "$base/readyz"
ready_again=$(status "$base/readyz")
clears DatabaseDown
verdict 3.3 "green: active/limit $pool_green, $queries inserts timed of $inserted rows, $size of $real_size bytes, $tables of $real_tables tables; red (locked by sqlite3): $pool_red active, $timeouts without a connection, $errors failed, $slow slower than 0.5 s, readyz $red_ready then $ready_again" \
    test "$pool_green/$queries/$size/$tables/$pool_red/$red_ready/$ready_again" = "0/2/$inserted/$real_size/$real_tables/2/503/200" -a "$timeouts" -gt 0 -a "$errors" -gt 0 -a "$slow" -gt 0

failed_requests=$(status_count 500)
reds="$(status_count 503) $failed_requests"
verdict 3.1 "green: $accepted of 5 accepted, $durations timed, $request_bytes of $sent bytes sent and $response_bytes of $received received, $quantiles quantiles of two summaries; red: 503 and 500 counted $reds (queue full, database locked); promtool: ${complaints:-no complaints}; the guide's list: $((listed - $(wc -w <<<"$missing"))) of $listed${missing:+, without$missing}" \
    test "$accepted/$durations/$request_bytes/$response_bytes/$quantiles" = "5/5/$sent/$received/8" -a "${reds%% *}" = 2 -a "$failed_requests" = "$lost" -a "$lost" -ge 5 -a -z "$complaints$missing"

# --- red: the disk of the backups is full, then that of the data
fill() { dd if=/dev/zero of="$1/filler" bs=1k count=$(($(df --output=avail -k "$1" | tail -n 1) - $2)) 2>/dev/null; }
if [ ${#mounts[@]} = 2 ]; then
    fault='disk full'
    fill "$work/backups" 0
else
    fault='folder moved away'
    mv "$BACKUP_DIR" "$BACKUP_DIR.away" && touch "$BACKUP_DIR"
fi
wait_until 5 is_metric 0 backup_success
wait_until 3 is_state backup warn
first=$(check backup | jq -r .state)
fires BackupFailed
# Success and recency: what failed only warns until the newest copy is too old.
wait_until 10 is_state backup fail
second=$(check backup | jq -r .state)
fires BackupTooOld
kept=$(sqlite3 "file:$(find "$work/backups" -name 'platform-*.db' | sort | tail -n 1)?immutable=1" 'PRAGMA quick_check')
rm -f "$work/backups/filler"
if [ "$fault" != 'disk full' ]; then rm "$BACKUP_DIR" && mv "$BACKUP_DIR.away" "$BACKUP_DIR"; fi
wait_until 10 is_state backup pass
clears BackupFailed BackupTooOld
backup_again="$(metric backup_success) $(check backup | jq -r .state)"
runs=$(metric backup_duration_seconds_count)
near() { is_true "$1 > $2 - $3 && $1 < $2 + $3"; }
near "$stamp_age" 0 2 || fail 3.5 "the timestamp is $stamp_age s off"
verdict 3.5 "green: success, bytes, check $backup_green, $restored jobs in the copy, timestamp $stamp_age s after the file's, without a token $unpaid; red ($fault): check $first, then $second when too old, the newest copy still $kept; then $backup_again, $runs runs timed" \
    test "$backup_green/$restored/$unpaid/$first/$second/$kept/$backup_again" = "$backup_real/$inserted/401/warn/fail/ok/1 pass"

disk_green=$(metric system_disk_usage_bytes)
disk_green_real=$(disk_used)
disk_green_state=$(check disk_space | jq -r .state)
if [ ${#mounts[@]} = 2 ]; then
    slack=1 want='pass then fail'
    fill "$work/data" 300
    wait_until 5 is_state disk_space fail
    disk_red=$(metric system_disk_usage_bytes)
    disk_red_real=$(disk_used)
    disk_states="$disk_green_state then $(check disk_space | jq -r .state)"
    fires DiskSpaceCritical
    rm -f "$work/data/filler"
    wait_until 5 is_state disk_space pass
    clears DiskSpaceCritical
    filled="$disk_red of $disk_red_real"
else
    # Others write to this disk, too, and nobody fills it.
    slack=1000000000 want=$disk_green_state disk_red=0 disk_red_real=0 disk_states=$disk_green_state
    filled='not shown: no disk of its own can be mounted here'
fi
if near "$cpu_green" "$cpu_green_real" 20 && near "$cpu_red" "$cpu_red_real" 20 && is_true "$cpu_red >= 60" &&
    near "$memory" "$memory_real" 400000000 && near "$disk_green" "$disk_green_real" $slack &&
    near "$disk_red" "$disk_red_real" $slack && [ "$disk_states" = "$want" ]; then verdict=pass; else verdict=fail; fi
$verdict 3.4 "CPU $cpu_green % of $cpu_green_real, busy $cpu_red % of $cpu_red_real; memory $memory of $memory_real bytes; disk $disk_green of $disk_green_real bytes, filled $filled; its check $disk_states"

# --- red: names without end from outside
for number in $(seq 60); do
    printf '{"kind":"training","type":"perceptron","dataset":"points.csv","run":"run-%s","epochs":1}' "$number" >"$work/train"
    until [ "$(status "$base/api/jobs" --data @"$work/train")" = 202 ]; do sleep 0.05; done
    curl -s -o /dev/null "$base/wander/$number" -o /dev/null "$base/api/jobs/$((900000 + number))"
done
wait_until 10 is_metric 0 queue_length
curl -s "$base/metrics" >"$work/scrape"
runs=$(grep -c '^training_accuracy{' "$work/scrape")
overflow=$(metric instrument_series_overflow_total 'family="training_accuracy"')
endpoints=$(grep -oP '^http_requests_total\{.*endpoint="\K[^"]*' "$work/scrape" | sort -u | wc -l)
unmatched=$(metric http_requests_total 'endpoint="unmatched"')
fires SeriesOverflow
# Buckets fit when the observations spread over several, and none lies beyond the last bound.
buckets='' unfit=''
for name in http_request analysis training download database_query backup; do
    fit=$(awk -v n="${name}_duration_seconds_bucket{" 'index($0, n) == 1 {
            match($0, /le="[^"]*"/); le = substr($0, RSTART + 4, RLENGTH - 5); if (!(le in count)) bounds[++size] = le; count[le] += $NF }
        END { for (i = 1; i <= size; i++) { here = count[bounds[i]] - (i > 1 ? count[bounds[i - 1]] : 0); if (here > 0) used++; if (bounds[i] == "+Inf") beyond = here }
            printf "%d %d", used, beyond }' "$work/scrape")
    buckets+="${buckets:+, }$name ${fit% *}"
    [ "${fit% *}" -ge 2 ] && [ "${fit#* }" = 0 ] || unfit+=" $name ($fit)"
done
verdict 3.10 "60 names of runs give $runs series (40 and the overflow), $overflow refused and alerted; $unmatched stray paths and 60 ids give $endpoints endpoints; $series series before, $(grep -vc '^#' "$work/scrape") now; buckets used: $buckets, beyond the last: ${unfit:-none}" \
    test "$runs" = 41 -a "$overflow" -gt 0 -a "$unmatched" = 60 -a "$endpoints" -lt 20 -a -z "$unfit"

# --- alerts and dashboards, as a real Prometheus has them
silent_red=$(for file in "$artifacts"/dashboard*.json; do unanswered "$file"; done)
panels=$(jq -s '[.[] | .. | objects | select(.targets?)] | length' "$artifacts"/dashboard*.json)
boards=$(jq -r .title "$artifacts"/dashboard*.json | paste -sd ,)
verdict 3.9 "$(ls "$artifacts"/dashboard*.json | wc -l) dashboards ($boards), $panels panels; without an answer: green ${silent_green:-none}, red ${silent_red:-none}" \
    test "$(ls "$artifacts"/dashboard*.json | wc -l)" = 6 -a -z "$silent_green$silent_red"
wait $rules
hold=$?
alerts() { curl -fsS "http://$prometheus/api/v1/rules" | jq -r "[.data.groups[].rules[] | select(.labels.group | IN(\"system\", \"database\", \"cache\", \"queue\", \"application\", \"backup\"))] | $1"; }
families=$(alerts 'map(.labels.group) | unique | length')
count=$(alerts length)
severities=$(alerts 'group_by(.labels.severity) | map("\(length) \(.[0].labels.severity)") | join(", ")')
unhealthy=$(alerts 'map(select(.health != "ok")) | length')
expected=$((${#mounts[@]} == 2 ? 8 : 7))
verdict 3.8 "$count alerts in $families families ($severities), $unhealthy with errors in a real Prometheus; $(cat "$work/rules.figure"); green: $calm of 7 calm; red: $alarms; $cleared cleared" \
    test "$hold/$families/$unhealthy/$calm/$fired" = "0/6/0/7/$expected" -a "$count" -ge 30 -a "$cleared" = $((expected - 3)) -a \
    "$(alerts 'map(.labels.severity) | unique | join(" ")')" = 'critical info warning'

# --- labels of another installation
kill -TERM "$service"
wait "$service"
code=$?
export CLUSTER=other ENVIRONMENT=production
start platform "$platform"
wait_until 20 is_status 200 "$base/readyz"
other=$(curl -s "$base/metrics" | grep -v '^#' | grep -vc 'cluster="other",environment="production"')
asked() { [ "$(query 'count(count by (cluster, environment) (count_over_time(backup_success[5m])))')" = "$1" ]; }
wait_until 10 asked 2
both=$(query 'count(count by (cluster, environment) (count_over_time(backup_success[5m])))')
verdict 3.7 "$bare of $series series without cluster and environment, $other after a restart as another installation (exit $code); Prometheus tells $both apart" \
    test "$bare/$other/$both/$code" = 0/0/2/0
exit $failed
