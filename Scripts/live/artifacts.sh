#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What the demo generates, tried with Prometheus' and Alertmanager's own tools: every alert fires and clears, every query
# of the dashboard has data once the demo works, and the endpoint shows the files to whoever has the token, and nobody else.
set -uo pipefail
source "$(dirname "$0")/../systems/rig.bash"

swift build --product demo >"$work/build.log" 2>&1 || { fail artifacts "the demo does not build"; tail -n 20 "$work/build.log"; exit 1; }
demo=$(swift build --show-bin-path)/demo
port=$(free_port)
base=http://127.0.0.1:$port
token=artifacts-$port-$RANDOM$RANDOM
export INSTRUMENT_TOKEN=$token

# --- written without a running service
files=$work/files
"$demo" artifacts "$files" --port "$port" >"$work/write.log" 2>&1 || { fail artifacts-written "$(cat "$work/write.log")"; exit 1; }
check_artifacts artifacts-written "$files"
for severity in critical warning info; do
    receiver=$(amtool config routes test --config.file="$files/alertmanager.yml" severity=$severity group=service 2>/dev/null)
    verdict "artifacts-route-$severity" "goes to $receiver" [ "$receiver" = $severity ]
done

figure=$(python3 - "$files" 2>&1 <<'PYTHON'
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
start demo "$demo" Sources --port "$port"
demo_pid=$child
wait_until 60 is_status 200 "$base/startupz" || { fail artifacts-served "not started after 60 s"; tail "$work/demo.err"; exit 1; }
fetch_artifacts "$base" "$token" "$work/served"
difference=$(diff -rq "$files" "$work/served" 2>&1)
verdict artifacts-served "$(find "$work/served" -type f | wc -l) files as they are written: ${difference:-no difference}" [ -z "$difference" ]
codes="$(status "$base/artifacts") $(status "$base/artifacts/alerts.yml")"
codes+=" $(status "$base/artifacts/alerts.yml" -H 'Authorization: Bearer wrong')"
codes+=" $(status "$base/artifacts/nothing.yml" -H "Authorization: Bearer $token")"
verdict artifacts-refused "twice without, once with a wrong token, an unknown file with it: $codes" [ "$codes" = "401 401 401 404" ]

# --- a real Prometheus with the generated configuration
start_prometheus "$files/prometheus.yml"
use() {
    while true; do
        for path in '/search?q=import' '/search?q=xyzzy' /search /nowhere; do curl -s -o /dev/null "$base$path"; done
        sleep 0.1
    done
}
start load use
load_pid=$child
all_answered() { missing=$(unanswered "$files/dashboard.json") && [ -z "$missing" ]; }
wait_until 60 all_answered
queries=$(jq '[.panels[].targets // [] | length] | add' "$files/dashboard.json")
verdict artifacts-dashboard "$queries queries, without data:${missing:+ }${missing:- none}" all_answered
kill "$load_pid"

# rules_are HEALTH: how many rules were evaluated with that outcome.
rules_are() { curl -sS "http://$prometheus/api/v1/rules" | jq "[.data.groups[].rules[] | select(.health == \"$1\")] | length"; }
rules=$(grep -c -- '- alert:' "$files/alerts.yml")
all_evaluated() { [ "$(rules_are ok)" = "$rules" ]; }
wait_until 30 all_evaluated
verdict artifacts-evaluated "$(rules_are ok) of $rules rules evaluated, $(rules_are err) with an error" all_evaluated

kill -KILL "$demo_pid"
down() { curl -sS "http://$prometheus/api/v1/alerts" | jq -re '.data.alerts[] | select(.labels.alertname == "ServiceDown") | .state'; }
wait_until 60 down
state=$(down)
verdict artifacts-down "ServiceDown is ${state:-absent} once the demo is gone" [ -n "$state" ]

exit $failed
