#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The one command before a commit: format lint, strict build, tests, docs. Needs the toolchain alone.
set -uo pipefail
shopt -s nullglob
cd "$(dirname "$0")/.."
source Scripts/report.sh
logs=${CHECK_LOGS:-$(mktemp -d)}

lint() {
    local places=(Package.swift Sources Tests Examples Benchmarks/Package.swift)
    [ -d Benchmarks/Sources ] && places+=(Benchmarks/Sources)
    swift format lint --recursive --strict --parallel "${places[@]}"
}

# The explicit import check keeps the arrows between the modules; warnings are errors.
strict_build() {
    swift build --build-tests -Xswiftc -warnings-as-errors --explicit-target-dependency-import-check error
}

# The same flags, so that nothing is built twice.
run_tests() {
    swift test -Xswiftc -warnings-as-errors --explicit-target-dependency-import-check error
}

docs() {
    local graphs=.build/docs/graphs module status=0
    rm -rf .build/docs && mkdir -p "$graphs"
    swift package dump-symbol-graph --minimum-access-level public >/dev/null || return 1
    for module in Instrument StructuredLog HealthProbes InstrumentHTTP; do
        mkdir -p "$graphs/$module"
        cp .build/*/symbolgraph/"$module"{,@*}.symbols.json "$graphs/$module/" || return 1
        docc convert "Sources/$module/$module.docc" --warnings-as-errors \
            --fallback-display-name "$module" --fallback-bundle-identifier "instrument.$module" \
            --additional-symbol-graph-dir "$graphs/$module" --output-dir ".build/docs/$module.doccarchive" || status=1
    done
    return $status
}

step lint "$logs/lint.log" lint
step build "$logs/build.log" strict_build
step tests "$logs/tests.log" run_tests
step docs "$logs/docs.log" docs
# A caller that keeps the logs prints the test runner's summary itself.
[ -n "${CHECK_LOGS:-}" ] || grep -h 'Test run with' "$logs/tests.log"
exit $failed
