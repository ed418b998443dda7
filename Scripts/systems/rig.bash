# SPDX-License-Identifier: Apache-2.0
# Sourced by the checks of the example systems: a folder of their own, free ports, started programs that are stopped at
# the end, and questions to a Prometheus that has scraped them.
#
#   work        the folder; it goes when the script ends
#   child       the process that `start` has started last; all of them are stopped when the script ends
#   mounts      what the script has mounted; unmounted when it ends
#   base        the address of the service, set by the script
#   prometheus  host and port of the Prometheus that `start_prometheus` has started
#
# Nothing waits for a fixed time: `wait_until` asks again and again, and what is printed is what was answered.

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source Scripts/report.sh
work=$(mktemp -d)
children=()
mounts=()
clean_up() {
    # A background child that is killed before it becomes its program would run this too.
    [ "$BASHPID" = $$ ] || return
    local child mount
    for child in "${children[@]}"; do kill -CONT "$child" 2>/dev/null; kill "$child" 2>/dev/null; done
    wait 2>/dev/null
    for mount in "${mounts[@]}"; do umount "$mount"; done
    rm -rf "$work"
}
trap clean_up EXIT

# binary PRODUCT: where its debug build is; Scripts/systems.sh has built it.
binary() { printf '%s/%s' "$(swift build --package-path Examples/Systems --show-bin-path)" "$1"; }

# free_port: one below those that the kernel gives to outgoing connections, so that none of them takes it before the
# program that it is for has bound it.
free_port() {
    python3 - <<'PYTHON'
import random, socket
while True:
    with socket.socket() as server:
        try:
            server.bind(("127.0.0.1", random.randrange(20000, 32000)))
            print(server.getsockname()[1])
            break
        except OSError:
            pass
PYTHON
}

# wait_until SECONDS COMMAND...: repeats the command until it succeeds.
wait_until() {
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $end ] || return 1
        sleep 0.1
    done
}

# start NAME COMMAND...: runs a program in the background into $work/NAME.out and $work/NAME.err; sets `child`. Descriptor
# 7 is for what a script keeps open for itself alone.
start() {
    local name=$1
    shift
    # The redirection happens in the child: nobody must take an earlier program's output for this one's.
    rm -f "$work/$name.out" "$work/$name.err"
    "$@" >"$work/$name.out" 2>"$work/$name.err" 7>&- &
    child=$!
    children+=("$child")
}

# status URL [CURL OPTION...]: the status of the answer, 000 without one.
status() { curl -s -o /dev/null -w '%{http_code}' "$@"; }

# is_status CODE URL: whether the answer has that status.
is_status() { [ "$(status "$2")" = "$1" ]; }

# metric SERIES: its value in a scrape of now, of the service at `base`.
metric() { curl -s "$base/metrics" | awk -v series="$1" '$1 == series { print $2 }'; }

# is_metric SERIES VALUE: whether it has that value.
is_metric() { [ "$(metric "$1")" = "$2" ]; }

# start_prometheus CONFIGURATION: sets `prometheus`, its address.
start_prometheus() {
    prometheus=127.0.0.1:$(free_port)
    start prometheus prometheus --config.file="$1" --storage.tsdb.path="$work/prometheus" \
        --web.listen-address="$prometheus" --log.level=warn
}

# query EXPRESSION: the first value of the answer, or nothing.
query() {
    curl -fsS "http://$prometheus/api/v1/query" --data-urlencode "query=$1" | jq -r '.data.result[0].value[1] // empty'
}

# has_data EXPRESSION: whether the answer holds a series.
has_data() { [ -n "$(query "$1")" ]; }

# start_prometheus_of FOLDER GUIDE INTERVAL: one that works with the generated files of the folder, scrapes that often, and
# has loaded the guide's own rules as well.
start_prometheus_of() {
    cp "$2" "$1/guide.yml"
    sed -E "s|^(rule_files:)|\1\n  - guide.yml|; s|(_interval:) .*|\1 $3|" "$1/prometheus.yml" >"$1/with-guide.yml"
    start_prometheus "$1/with-guide.yml"
}

# rules FILE FIELDS: the alert rules that Prometheus has read from a file, one a line, by names of jq's.
rules() {
    curl -fsS "http://$prometheus/api/v1/rules?type=alert" |
        jq -r --arg file "$1" ".data.groups[] | select(.file | endswith(\$file)) | .rules[] | [$2] | join(\" \")" | sort -u
}

# missing_rules FIELDS: the guide's rules that the generated ones do not contain.
missing_rules() { comm -23 <(rules guide.yml "$1") <(rules alerts.yml "$1"); }

# unanswered FILE: the queries of a dashboard that give no data, one a line.
unanswered() {
    python3 - "$prometheus" "$1" <<'PYTHON'
import json, sys, urllib.parse, urllib.request

def expressions(value):
    if isinstance(value, list):
        for item in value:
            yield from expressions(item)
    elif isinstance(value, dict):
        if "expr" in value:
            yield value["expr"]
        for item in value.values():
            yield from expressions(item)

for expression in sorted(set(expressions(json.load(open(sys.argv[2]))))):
    form = urllib.parse.urlencode({"query": expression}).encode()
    try:
        answer = json.load(urllib.request.urlopen(f"http://{sys.argv[1]}/api/v1/query", form, timeout=10))
        if not answer["data"]["result"]:
            print(expression)
    except OSError as error:
        print(f"{expression}: {error}")
PYTHON
}

# fetch_artifacts BASE TOKEN FOLDER: the files that a service generates for its token's holder.
fetch_artifacts() {
    local file header="Authorization: Bearer $2"
    mkdir -p "$3"
    for file in $(curl -fsS -H "$header" "$1/artifacts" | jq -r '.[].name'); do
        curl -fsS -H "$header" -o "$3/$file" "$1/artifacts/$file" || return 1
    done
    [ -s "$3/alerts.yml" ]
}

# artifacts_hold FOLDER: asks promtool and amtool; sets `artifacts_figure`, which tells what came of it.
artifacts_hold() {
    local log="$work/artifacts.log" rules tests
    if ! { promtool check rules "$1/alerts.yml" && promtool test rules "$1/alerts.test.yml" &&
        amtool check-config "$1/alertmanager.yml" && promtool check config "$1/prometheus.yml"; } >"$log" 2>&1; then
        artifacts_figure=$(tail -n 20 "$log")
        return 1
    fi
    rules=$(grep -c -- '- alert:' "$1/alerts.yml")
    tests=$(grep -c -- '- name: .* fires and clears' "$1/alerts.test.yml")
    artifacts_figure="promtool sees $tests of $rules alerts fire and clear, amtool and promtool accept both configurations"
    [ "$tests" = "$rules" ]
}

# check_artifacts ROW FOLDER: the same as a line of its own.
check_artifacts() {
    if artifacts_hold "$2"; then pass "$1" "$artifacts_figure"; else fail "$1" "$artifacts_figure"; fi
}
