// SPDX-License-Identifier: Apache-2.0

import Instrument

/// How unusual a reading is: its distance from an exponentially weighted mean, in standard deviations. Pure.
///
/// Mean and variance are updated as in West (1979), "Updating mean and variance estimates". A reading is judged before it
/// is learned, and one beyond the limit is learned with a tenth of the weight, so that an outage does not become usual
/// at once.
struct AnomalyScore: Sendable {
    private let weight: Double
    private let warmUp: Int
    private let limit: Double
    private var mean = 0.0
    private var variance = 0.0
    private var count = 0

    /// Makes a score.
    ///
    /// - Parameters:
    ///   - weight: of the newest reading, above 0 and below 1.
    ///   - warmUp: readings that are learned before any is judged.
    ///   - limit: standard deviations from which on a reading is hardly learned.
    init(weight: Double, warmUp: Int, limit: Double) {
        self.weight = weight
        self.warmUp = warmUp
        self.limit = limit
    }

    /// Takes a reading in and returns its distance in standard deviations; nil while learning.
    mutating func record(_ reading: Double) -> Double? {
        count += 1
        guard count > 1 else {
            mean = reading
            return nil
        }
        let distance = reading - mean
        // Readings that never varied make any other infinitely far; a millionth of the mean stands in for "not at all".
        let deviation = max(variance.squareRoot(), mean.magnitude * 1e-6, .leastNormalMagnitude)
        let score = count > warmUp ? distance / deviation : nil
        // While there are few readings each weighs as much as the others.
        let usual = max(weight, 1 / Double(count))
        let learned = (score?.magnitude ?? 0) > limit ? usual / 10 : usual
        let step = learned * distance
        mean += step
        variance = (1 - learned) * (variance + distance * step)
        return score
    }
}

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
        let usual = Usual(AnomalyScore(weight: weight, warmUp: warmUp, limit: limit))
        return HealthCheck(
            .blocking { _ in
                let reading = try read()
                guard reading.isFinite else { return .fail("the reading is not a number") }
                guard let score = usual.score.withLock({ $0.record(reading) }) else {
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
        let score: Lock<AnomalyScore>

        init(_ score: AnomalyScore) { self.score = Lock(score) }
    }
}
