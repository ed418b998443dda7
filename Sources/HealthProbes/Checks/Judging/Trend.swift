// SPDX-License-Identifier: Apache-2.0

import Instrument

/// A straight line through the readings of a window, by least squares. Pure.
struct Trend: Sendable {
    private struct Sample: Sendable {
        var at: UInt64
        var value: Double
    }

    /// Samples that are kept at most; the oldest goes first.
    static let samplesMax = 1_024
    /// Samples below which nothing is said.
    static let samplesMin = 5

    private let window: UInt64
    private var samples: [Sample] = []

    init(window: UInt64) { self.window = window }

    /// Takes a reading in and returns the seconds until the line reaches `limit`: nil while there are too few readings
    /// or the line does not lead there, 0 when the reading is there.
    mutating func record(_ value: Double, limit: Double, now: UInt64) -> Double? {
        samples.append(Sample(at: now, value: value))
        let old = samples.prefix { now - min($0.at, now) > window }.count
        samples.removeFirst(max(old, samples.count - Trend.samplesMax))
        if value >= limit { return 0 }
        guard samples.count >= Trend.samplesMin, let slope = slope(now: now), slope > 0 else { return nil }
        return (limit - value) / slope
    }

    /// Units per second; nil while all readings fall on one moment.
    private func slope(now: UInt64) -> Double? {
        let count = Double(samples.count)
        // Seconds before now keep the sums small, so that nothing is lost in them.
        let times = samples.map { -Double(now - min($0.at, now)) / 1e9 }
        let meanTime = times.reduce(0, +) / count
        let meanValue = samples.reduce(0) { $0 + $1.value } / count
        var covariance = 0.0
        var variance = 0.0
        for (time, sample) in zip(times, samples) {
            covariance += (time - meanTime) * (sample.value - meanValue)
            variance += (time - meanTime) * (time - meanTime)
        }
        return variance > 0 ? covariance / variance : nil
    }
}

extension HealthCheck {
    /// Whether a reading is on its way to a limit: a disk within four hours, memory within two.
    ///
    /// - Parameters:
    ///   - limit: what the reading must not reach.
    ///   - warn: degrades when the limit is less than this away.
    ///   - fail: fails when the limit is less than this away; nil only when it is reached.
    ///   - window: the readings that the line is laid through.
    ///   - unit: the unit of the reading, for display.
    ///   - read: takes the reading.
    public static func trend(
        towards limit: Double, warn: Duration, fail: Duration? = nil, over window: Duration = .seconds(3_600),
        unit: String? = nil, _ read: @escaping @Sendable () throws -> Double
    ) -> HealthCheck {
        let line = TrendLine(window: UInt64(max(0, window.saturatedNanoseconds)))
        return HealthCheck(
            .blocking { context in
                let reading = try read()
                guard reading.isFinite else { return .fail("the reading is not a number") }
                let left = line.trend.withLock { $0.record(reading, limit: limit, now: context.now) }
                guard let left else { return .pass("", value: reading, unit: unit) }
                let words = "reaches \(Judge.rounded(limit)) in \(Judge.rounded(left.rounded())) s"
                if left <= Double((fail ?? .zero).saturatedNanoseconds) / 1e9 {
                    return .fail(words, value: reading, unit: unit)
                }
                if left < Double(warn.saturatedNanoseconds) / 1e9 { return .warn(words, value: reading, unit: unit) }
                return .pass(words, value: reading, unit: unit)
            })
    }

    private final class TrendLine: Sendable {
        let trend: Lock<Trend>

        init(window: UInt64) { trend = Lock(Trend(window: window)) }
    }
}
