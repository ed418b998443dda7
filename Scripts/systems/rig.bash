# SPDX-License-Identifier: Apache-2.0
# Sourced by the checks of the example systems: a folder of their own, free ports, started programs that are stopped at
# the end, and questions to a Prometheus that has scraped them.

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

# unanswered FILE: the queries of a dashboard that give no data, one a line.
unanswered() {
    local expression
    jq -r '.. | objects | .expr? // empty' "$1" | sort -u | while IFS= read -r expression; do
        has_data "$expression" || printf '%s\n' "$expression"
    done
}

# check_artifacts ROW FOLDER: rules and their tests by promtool, Alertmanager's configuration by amtool.
check_artifacts() {
    local log="$work/artifacts.log" rules tests
    if promtool check rules "$2/alerts.yml" >"$log" 2>&1 && promtool test rules "$2/alerts.test.yml" >>"$log" 2>&1 &&
        amtool check-config "$2/alertmanager.yml" >>"$log" 2>&1 && promtool check config "$2/prometheus.yml" >>"$log" 2>&1; then
        rules=$(grep -c -- '- alert:' "$2/alerts.yml")
        tests=$(grep -c 'alertname:' "$2/alerts.test.yml")
        pass "$1" "promtool accepts $rules alert rules and $tests tests of them fire and clear; amtool and promtool accept both configurations"
    else
        fail "$1" "$(tail -n 20 "$log")"
    fi
}
