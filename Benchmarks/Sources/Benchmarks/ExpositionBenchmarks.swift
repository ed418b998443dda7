// SPDX-License-Identifier: Apache-2.0

import Foundation
import Harness
import Instrument
import Synchronization

/// Writing everything out, per sample.
enum ExpositionBenchmarks {
    static func run(_ suite: Suite) throws {
        for (seriesCount, bar) in [(10, nil), (1_000, 25), (10_000, 30), (100_000, 50), (1_000_000, nil)]
            as [(Int, Double?)]
        {
            let name = "exposition of \(seriesCount) counters, 3 labels"
            guard suite.takes(name) else { continue }
            let metrics = MetricRegistry()
            let family = try metrics.counter(
                "http_requests_total", help: "h", limits: SeriesLimits(seriesMax: seriesCount), labels: "method",
                "route", "status")
            for index in 0..<seriesCount { family.with("GET", "/items/\(index)", "200").increment(by: index % 100_000) }
            let bytes = metrics.expositionBytes(.prometheusText).count
            suite.expect(
                metrics.exposition().split(separator: "\n").count == seriesCount + 2, "each series is one line")
            suite.add(
                name, bar: bar,
                reference: ("memcpy of \(bytes) bytes", { perSample(memcpy(bytes), seriesCount) })
            ) {
                perSample(write(metrics, .prometheusText), seriesCount)
            }
        }
        let name = "exposition of 1000 histograms, 12 bounds"
        guard suite.takes(name) else { return }
        let metrics = MetricRegistry()
        let family = try metrics.histogram(
            "latency_seconds", help: "h", buckets: HistogramBenchmarks.twelveBounds, labels: "route")
        for index in 0..<1_000 {
            for value in HistogramBenchmarks.values.prefix(100) { family.with("/items/\(index)").observe(value) }
        }
        // 13 buckets, sum and count.
        for (format, bar) in [
            (ExpositionFormat.prometheusText, 40.0), (.openMetrics, 40), (.protobuf, 40), (.json, 40),
        ] {
            suite.add("\(name)/\(format)", bar: bar) { perSample(write(metrics, format), 15_000) }
        }
    }

    private static func write(_ metrics: MetricRegistry, _ format: ExpositionFormat) -> Cost {
        let writer = SharedWriter()
        return Cost.run { count in
            for _ in 0..<count { writer.write(metrics, format) }
        }
    }

    private static func memcpy(_ bytes: Int) -> Cost {
        let source = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
        source.initializeMemory(as: UInt8.self, repeating: 1, count: bytes)
        let target = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
        let copy = Copy(source: source, target: target, bytes: bytes)
        return Cost.run { count in
            for _ in 0..<count {
                copy.target.copyMemory(from: copy.source, byteCount: copy.bytes)
                blackHole(copy.target.load(as: UInt8.self))
            }
        }
    }

    private static func perSample(_ cost: Cost, _ samples: Int) -> Cost { cost.divided(by: Double(samples)) }

    private struct Copy: @unchecked Sendable {
        let source: UnsafeMutableRawPointer
        let target: UnsafeMutableRawPointer
        let bytes: Int
    }

    /// Used by one thread alone.
    private final class SharedWriter: @unchecked Sendable {
        private var writer = ExpositionWriter()

        func write(_ metrics: MetricRegistry, _ format: ExpositionFormat) { writer.write(metrics, as: format) }
    }
}
