// SPDX-License-Identifier: Apache-2.0

import Instrument

extension HealthCheck {
    /// Whether a reading is on its way to a limit: a disk within four hours, memory within two.
    ///
    /// - Parameters:
    ///   - limit: what the reading must not reach.
    ///   - warn: degrades when the limit is less than this away.
    ///   - fail: fails when the limit is less than this away; nil only when it is reached.
    ///   - readings: how many of the newest readings the line is laid through; fewer than five say nothing.
    ///   - unit: the unit of the reading, for display.
    ///   - read: takes the reading.
    public static func trend(
        towards limit: Double, warn: Duration, fail: Duration? = nil, over readings: Int = 60,
        unit: String? = nil, _ read: @escaping @Sendable () throws -> Double
    ) -> HealthCheck {
        let line = TrendLine(readings: readings)
        return HealthCheck(
            .blocking { context in
                let reading = try read()
                guard reading.isFinite else { return .fail("the reading is not a number") }
                let left = line.secondsLeft(reading, to: limit, now: context.now)
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
        private let state: Lock<(trend: LinearTrend, count: Int)>

        init(readings: Int) { state = Lock((LinearTrend(capacity: max(5, readings)), 0)) }

        /// Takes a reading in; nil while there are too few, or the line does not lead to the limit.
        func secondsLeft(_ reading: Double, to limit: Double, now: UInt64) -> Double? {
            state.withLock { state in
                state.trend.observe(reading, at: Double(now) / 1e9)
                state.count += 1
                if reading >= limit { return 0 }
                guard state.count >= 5, let left = state.trend.seconds(to: limit), left.isFinite else { return nil }
                return left
            }
        }
    }
}
