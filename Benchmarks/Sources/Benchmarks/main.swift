// SPDX-License-Identifier: Apache-2.0

import Foundation
import Harness

// One file for each subject, one line for each file.
let suite = Suite(filter: CommandLine.arguments.dropFirst().first ?? "")
try CounterBenchmarks.run(suite)
try LogBenchmarks.run(suite)
try HistogramBenchmarks.run(suite)
try LookupBenchmarks.run(suite)
try ExpositionBenchmarks.run(suite)
if ProcessInfo.processInfo.environment["BENCHMARK_PEERS"] != "0" { MetricPeers.run(suite) }
exit(suite.finish() ? 0 : 1)
