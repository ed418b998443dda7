// SPDX-License-Identifier: Apache-2.0

import Harness
import Instrument

/// Observations and closures timed, by 1, 2 and 4 threads on one series.
enum HistogramBenchmarks {
    /// 12 bounds, as in the peers' measurements.
    static let twelveBounds = HistogramBuckets([0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30])
    /// Values that fall all over the bounds; a power of two of them.
    static let values: [Double] = (0..<1_024).map { Double(($0 * 7_919) % 1_024) / 1_024 * 12 }

    static func run(_ suite: Suite) throws {
        let metrics = MetricRegistry()
        let values = values
        for threads in [1, 2, 4] {
            let add = ("raw relaxed add/\(threads) threads", { RawLimits.add(threads: threads) })
            let classic = try metrics.histogram("classic_\(threads)", help: "h", buckets: twelveBounds)
            suite.add("Histogram.observe 12 bounds/\(threads) threads", bar: threads == 1 ? 20 : 30, reference: add) {
                Cost.run(threads: threads) { count in
                    values.withUnsafeBufferPointer { values in
                        for index in 0..<count { classic.observe(values[index & 1_023]) }
                    }
                }
            }
            let native = try metrics.histogram("native_\(threads)", help: "h", buckets: [], native: .standard)
            suite.add("Histogram.observe native/\(threads) threads", bar: threads == 1 ? 35 : 50, reference: add) {
                Cost.run(threads: threads) { count in
                    values.withUnsafeBufferPointer { values in
                        for index in 0..<count { native.observe(values[index & 1_023]) }
                    }
                }
            }
            let summary = try metrics.summary("summary_\(threads)", help: "h")
            suite.add("Summary.observe/\(threads) threads", reference: add) {
                Cost.run(threads: threads) { count in
                    values.withUnsafeBufferPointer { values in
                        for index in 0..<count { summary.observe(values[index & 1_023]) }
                    }
                }
            }
        }
        let timed = try metrics.histogram("timed_seconds", help: "h", buckets: twelveBounds)
        suite.add(
            "Histogram.time empty closure", bar: 75, reference: ("two clock reads", { RawLimits.twoClockReads() })
        ) {
            Cost.run { count in for _ in 0..<count { timed.time {} } }
        }
        try totalsAreExact(suite)
    }

    private static func totalsAreExact(_ suite: Suite) throws {
        guard suite.takes("Histogram.") else { return }
        let histogram = try MetricRegistry().histogram(
            "exact", help: "h", buckets: twelveBounds, native: NativeBuckets(growthFactorMax: 1.1))
        _ = Cost.run(threads: 4, operations: 100_000, rounds: 3) { count in
            for index in 0..<count { histogram.observe(Double(index & 15)) }
        }
        suite.expect(
            histogram.count == 4 * 4 * 100_000 && histogram.sum == 4 * 4 * 100_000 * 7.5,
            "4 threads: count and sum of observations are exact, got \(histogram.count) and \(histogram.sum)")
    }
}
