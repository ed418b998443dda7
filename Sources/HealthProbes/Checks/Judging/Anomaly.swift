// SPDX-License-Identifier: Apache-2.0

import Instrument

extension HealthCheck {
    /// Which way a reading must stray to be an anomaly.
    public enum AnomalySide: Sendable, Hashable {
        /// Up or down.
        case both
        /// Up alone.
        case above
        /// Down alone.
        case below
    }

    /// Whether a reading is far from what it usually is.
    ///
    /// - Parameters:
    ///   - warn: standard deviations from the usual from which on it degrades; nil never does.
    ///   - fail: standard deviations from the usual from which on it fails; nil never does.
    ///   - side: which way it must stray.
    ///   - weight: of the newest reading in what is usual, above 0 and below 1.
    ///   - warmUp: readings that are learned before any is judged.
    ///   - unit: the unit of the reading, for display.
    ///   - read: takes the reading.
    /// - Precondition: `weight` lies between 0 and 1.
    public static func anomaly(
        warn: Double? = 3, fail: Double? = nil, side: AnomalySide = .both, weight: Double = 0.05, warmUp: Int = 20,
        unit: String? = nil, _ read: @escaping @Sendable () throws -> Double
    ) -> HealthCheck {
        precondition(weight > 0 && weight < 1, "HealthCheck.anomaly: weight is \(weight); use more than 0, less than 1")
        let limit = [warn, fail].compactMap { $0 }.min() ?? .infinity
        let usual = Usual(AnomalyDetector(smoothing: weight, warmUpCount: warmUp, dampingScore: limit))
        return HealthCheck(
            .blocking { _ in
                let reading = try read()
                guard reading.isFinite else { return .fail("the reading is not a number") }
                guard let score = usual.score.withLock({ $0.observe(reading) }) else {
                    return .pass("learning what is usual", value: reading, unit: unit)
                }
                let distance =
                    switch side {
                    case .both: score.magnitude
                    case .above: score
                    case .below: -score
                    }
                let words = "\(Judge.rounded(reading)) is \(Judge.rounded(score)) standard deviations from the usual"
                if let fail, distance > fail { return .fail(words, value: reading, unit: unit) }
                if let warn, distance > warn { return .warn(words, value: reading, unit: unit) }
                return .pass("", value: reading, unit: unit)
            })
    }

    private final class Usual: Sendable {
        let score: Lock<AnomalyDetector>

        init(_ score: AnomalyDetector) { self.score = Lock(score) }
    }
}
