#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Probes under fire: a hung check, a blocked cooperative pool, ten thousand requests a second, and a kubelet's 100,000
# probes of a service with 1,000 checks. HEALTH_PROBES and HEALTH_BLOCK_SECONDS change the sizes.
set -uo pipefail
cd "$(dirname "$0")/../.."
source Scripts/report.sh
swift build -c release --product HealthRig >/dev/null 2>&1 || { fail health-serving "HealthRig does not build"; exit 1; }
rig=$(swift build -c release --show-bin-path)/HealthRig
work=$(mktemp -d)
pid=
finish() { [ -n "$pid" ] && kill -KILL "$pid" && wait "$pid"; pid=; } 2>/dev/null
trap 'finish; rm -rf "$work"' EXIT
value() { sed -n "s/^$1=//p" "$2" | head -n 1; }
mkfifo "$work/input"

# serve ARGUMENT...: starts a service; $port is where, standard input is $work/input.
serve() {
    : >"$work/serve"
    "$rig" serve "$@" <>"$work/input" >"$work/serve" 2>"$work/error" &
    pid=$!
    for _ in $(seq 300); do grep -q '^ready' "$work/serve" && break; sleep 0.1; done
    port=$(value port "$work/serve")
    [ -n "$port" ] || { fail health-serve "does not start: $(cat "$work/error")"; exit 1; }
}
scrape() { curl -sf --max-time 5 "http://127.0.0.1:$port/metrics"; }
results() { scrape | awk '/^health_check_results_total/ { sum += $NF } END { print sum + 0 }'; }

# 1: one of 20 checks hangs for good, 50 clients.
serve fine=19 hung=1 every=1000
sleep 2
"$rig" kubelet "$port" /readyz 20000 50 >"$work/hung"
p99=$(value p99_us "$work/hung")
outstanding=$(curl -s "http://127.0.0.1:$port/readyz?verbose" | grep -c '^\[-\]hung-0')
verdict health-hung "50 clients: p99 $p99 us, $(value unusable "$work/hung") of $(value probes "$work/hung") unusable, hung check shown $outstanding time" \
    test "${p99:-999999}" -le 5000 -a "$(value unusable "$work/hung")" = 0 -a "$outstanding" = 1

# 3: probes run no check.
before=$(results); start=$(date +%s%N)
ab -q -k -c 20 -t 5 -n 1000000 "http://127.0.0.1:$port/readyz" >"$work/load" 2>&1
after=$(results); elapsed=$(($(date +%s%N) - start))
rate=$(awk '/^Requests per second/ { print int($4) }' "$work/load")
# 19 checks, one run a second each, a tenth of jitter and one run at either end.
most=$(awk -v ns="$elapsed" 'BEGIN { print int(19 * (ns / 1e9 / 0.9 + 1)) }')
verdict health-no-extra-runs "$((after - before)) results (at most $most) under $rate probes a second" \
    test "$((after - before))" -le "$most" -a "${rate:-0}" -ge 10000
finish

# 2: the cooperative pool is blocked by two tasks a core.
seconds=${HEALTH_BLOCK_SECONDS:-30}
serve fine=10 async=10 every=1000 block="$seconds"
echo >"$work/input"
for _ in $(seq 100); do grep -q '^blocked' "$work/serve" && break; sleep 0.05; done
# Rounds of probes from the first to the last second of the block.
until=$((SECONDS + seconds - 3))
while [ $SECONDS -lt $until ]; do
    "$rig" kubelet "$port" /livez 2000 8 >>"$work/blocked"
    lag=$(scrape | awk '/^runtime_pool_lag_seconds/ { print $NF }')
    sleep 0.5
done
p99=$(sed -n 's/^p99_us=//p' "$work/blocked" | sort -n | tail -n 1)
rounds=$(grep -c '^p99_us=' "$work/blocked")
verdict health-blocked-pool "livez p99 $p99 us in the worst of $rounds rounds while the pool was blocked for $seconds s, lag $lag s" \
    awk -v p99="${p99:-999999}" -v lag="${lag:-0}" 'BEGIN { exit !(p99 <= 20000 && lag >= 1) }'
verdict health-blocked-codes "answers $(sed -n 's/^codes=//p' "$work/blocked" | sort | uniq -c | xargs)" \
    test "$(sed -n 's/^codes=//p' "$work/blocked" | sort -u)" = "200:2000"
finish

# A kubelet and 1,000 checks, hung, failing and slow ones among them.
probes=${HEALTH_PROBES:-100000}
serve fine=700 async=190 hung=10 failing=50 slow=50 every=10000
"$rig" kubelet "$port" /readyz "$probes" 8 >"$work/kubelet"
verdict health-kubelet "$(value usable "$work/kubelet") of $(value probes "$work/kubelet") probes usable, 1,000 checks, p99 $(value p99_us "$work/kubelet") us, slowest $(value max_us "$work/kubelet") us" \
    test "$(value usable "$work/kubelet")" = "$probes"
finish
[ "$failed" = 0 ] || cat "$work"/hung "$work"/blocked "$work"/kubelet
exit "$failed"
