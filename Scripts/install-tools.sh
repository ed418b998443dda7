#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what the live checks use: Debian packages and four parsers from PyPI. The package itself needs none of it.
set -euo pipefail

packages=(
    curl jq python3 python3-pip                 # driving and reading
    prometheus prometheus-alertmanager          # prometheus, promtool, amtool
    apache2-utils wrk slowhttptest              # ab, wrk and slow clients
    logrotate redis-server sqlite3              # the real neighbours of a service
    libsqlite3-dev libhiredis-dev               # what the example systems link
)
missing=()
for package in "${packages[@]}"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
    apt-get update -q
    # No service may start by itself: the checks start their own, on ports of their own.
    if [ ! -e /usr/sbin/policy-rc.d ]; then
        printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
        chmod +x /usr/sbin/policy-rc.d
        trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    fi
    DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
fi
python3 -c 'import google.protobuf, h11, prometheus_client, yaml' 2>/dev/null || python3 -m pip install --quiet --disable-pip-version-check \
    --root-user-action=ignore h11 prometheus_client protobuf pyyaml ||
    python3 -m pip install --quiet --disable-pip-version-check --break-system-packages h11 prometheus_client protobuf pyyaml
