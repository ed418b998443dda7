#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What the demo generates, tried with Prometheus' and Alertmanager's own tools: every alert fires and clears, every query
# of the dashboard has data once the demo works, and the endpoint shows the files to whoever has the token, and nobody else.
set -uo pipefail
cd "$(dirname "$0")/../.."
source Scripts/report.sh

work=$(mktemp -d)
demo_pid='' prometheus_pid='' load_pid=''
trap 'kill $demo_pid $prometheus_pid $load_pid 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT

# wait_until SECONDS COMMAND...: polls until the command succeeds.
wait_until() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $deadline ] || return 1
        sleep 0.2
    done
}
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

swift build --product demo >"$work/build.log" 2>&1 || { fail artifacts "the demo does not build"; tail -n 20 "$work/build.log"; exit 1; }
port=$(free_port)
base=http://127.0.0.1:$port
token=artifacts-$port-$RANDOM$RANDOM
export INSTRUMENT_TOKEN=$token

# --- written without a running service
files=$work/files
.build/debug/demo artifacts "$files" --port "$port" >"$work/write.log" 2>&1 || { fail artifacts "$(cat "$work/write.log")"; exit 1; }
# tool NAME FIGURE COMMAND...: a check by a tool of its own, run where the files are; its output is shown when it fails.
tool() {
    local name=$1 figure=$2
    shift 2
    if (cd "$files" && "$@") >"$work/tool.log" 2>&1; then pass "$name" "$figure"; else fail "$name" "$(tail -n 20 "$work/tool.log")"; fi
}
rules=$(grep -c -- '- alert:' "$files/alerts.yml")
tests=$(grep -c 'fires and clears' "$files/alerts.test.yml")
tool artifacts-rules "promtool check rules: $rules rules" promtool check rules alerts.yml
tool artifacts-rule-tests "promtool test rules: $tests of $rules rules fire and clear" promtool test rules alerts.test.yml
verdict artifacts-all-tested "$rules rules, $tests tests" [ "$rules" = "$tests" -a "$rules" -gt 0 ]
tool artifacts-prometheus "promtool check config" promtool check config prometheus.yml
tool artifacts-alertmanager "amtool check-config" amtool check-config alertmanager.yml
for severity in critical warning info; do
    receiver=$(amtool config routes test --config.file="$files/alertmanager.yml" 2>/dev/null severity=$severity group=service)
    verdict "artifacts-route-$severity" "goes to $receiver" [ "$receiver" = $severity ]
done

figure=$(python3 - "$files" <<'PYTHON'
import json, os, sys, yaml

class Unique(yaml.SafeLoader):
    """Refuses a key that stands twice."""
    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=deep) for key, _ in node.value]
        assert len(keys) == len(set(keys)), f"duplicate key in {keys}"
        return super().construct_mapping(node, deep)

folder, parsed = sys.argv[1], []
for name in sorted(os.listdir(folder)):
    text = open(os.path.join(folder, name), encoding="utf-8").read()
    if name.endswith(".json"):
        dashboard = json.loads(text)
        ids = [panel["id"] for panel in dashboard["panels"]]
        assert len(ids) == len(set(ids)), "panel ids"
        cells = set()
        for panel in dashboard["panels"]:
            place = panel["gridPos"]
            assert place["x"] + place["w"] <= 24, panel["title"]
            for x in range(place["x"], place["x"] + place["w"]):
                for y in range(place["y"], place["y"] + place["h"]):
                    assert (x, y) not in cells, f"{panel['title']} covers another panel"
                    cells.add((x, y))
        assert dashboard["templating"]["list"][0]["type"] == "datasource"
        assert dashboard["schemaVersion"] >= 30 and dashboard["uid"] and dashboard["title"]
    elif name.endswith(".yml"):
        document = yaml.load(text, Loader=Unique)
        if name == "kubernetes.yml":
            container, = document["spec"]["template"]["spec"]["containers"]
            for probe in ("livenessProbe", "readinessProbe", "startupProbe"):
                assert container[probe]["httpGet"]["path"].startswith("/"), probe
                assert container[probe]["periodSeconds"] >= 1, probe
    else:
        assert "HEALTHCHECK " in text, name
    parsed.append(name)
print(", ".join(parsed))
PYTHON
)
verdict artifacts-parse "$figure" [ $? -eq 0 ]

# --- served by the running service
.build/debug/demo Sources --port "$port" >"$work/log" 2>"$work/addresses" &
demo_pid=$!
wait_until 60 curl -fsS "$base/startupz" || { fail artifacts "the demo is not started after 60 s"; tail "$work/addresses"; exit 1; }
differing='' served=0
for name in $(curl -fsS -H "Authorization: Bearer $token" "$base/artifacts" | jq -r '.[].name'); do
    curl -fsS -H "Authorization: Bearer $token" "$base/artifacts/$name" | cmp -s - "$files/$name" || differing+=" $name"
    served=$((served + 1))
done
written=$(find "$files" -type f | wc -l)
verdict artifacts-served "$served files served, $written written, different:${differing:- none}" \
    [ -z "$differing" -a "$served" = "$written" -a "$served" -gt 0 ]
status() { curl -s -o /dev/null -w '%{http_code}' "$@"; }
codes="$(status "$base/artifacts") $(status "$base/artifacts/alerts.yml") $(status -H 'Authorization: Bearer wrong' "$base/artifacts/alerts.yml")"
codes+=" $(status -H "Authorization: Bearer $token" "$base/artifacts/nothing.yml")"
verdict artifacts-refused "without, without, wrong token: and with it an unknown file: $codes" [ "$codes" = "401 401 401 404" ]

# --- a real Prometheus with the generated configuration
prometheus_port=$(free_port)
prometheus --config.file="$files/prometheus.yml" --storage.tsdb.path="$work/data" \
    --web.listen-address="127.0.0.1:$prometheus_port" >"$work/prometheus.log" 2>&1 &
prometheus_pid=$!
api=http://127.0.0.1:$prometheus_port/api/v1
(
    while true; do
        for query in import xyzzy ''; do curl -s -o /dev/null "$base/search?q=$query"; done
        curl -s -o /dev/null "$base/nowhere"
        sleep 0.1
    done
) &
load_pid=$!
jq -r '.panels[] | .title as $title | .targets[]? | [$title, .expr] | @tsv' "$files/dashboard.json" >"$work/queries"
# unanswered: the dashboard's queries that have no data, or fail.
unanswered() {
    while IFS=$'\t' read -r title expression; do
        expression=$(printf '%b' "$expression")
        count=$(curl -sS "$api/query" --data-urlencode "query=$expression" | jq '.data.result | length' 2>/dev/null)
        [ "${count:-0}" -gt 0 ] || printf '%s: %s\n' "$title" "$expression"
    done <"$work/queries"
}
all_answered() { unanswered >"$work/unanswered"; ! [ -s "$work/unanswered" ]; }
queries=$(wc -l <"$work/queries")
if wait_until 60 all_answered; then
    pass artifacts-dashboard "all $queries queries have data"
else
    fail artifacts-dashboard "$(wc -l <"$work/unanswered") of $queries queries have none: $(head -n 20 "$work/unanswered")"
fi
unhealthy() { curl -sS "$api/rules" | jq -r '.data.groups[].rules[] | select(.health != "ok") | .name + ": " + .lastError'; }
evaluated() { [ "$(curl -sS "$api/rules" | jq '[.data.groups[].rules[] | select(.health == "ok")] | length')" = "$rules" ]; }
wait_until 30 evaluated
verdict artifacts-evaluated "$rules rules evaluated without error: $(unhealthy | head -n 5)" evaluated
kill $load_pid; load_pid=''

kill -KILL $demo_pid
wait $demo_pid 2>/dev/null
demo_pid=''
down() { curl -sS "$api/alerts" | jq -re '.data.alerts[] | select(.labels.alertname == "ServiceDown") | .state'; }
wait_until 60 down
state=$(down)
verdict artifacts-down "ServiceDown is ${state:-absent} once the demo is gone" [ -n "$state" ]

exit $failed
