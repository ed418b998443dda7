#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The reliability checks of the log at full size, one after the other; about a quarter of an hour.
set -uo pipefail
status=0
for script in "$(dirname "$0")"/../log-*.sh; do LOG_FULL=1 bash "$script" || status=1; done
exit $status
