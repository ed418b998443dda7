// SPDX-License-Identifier: Apache-2.0

/// The part of a trial that is under way.
enum TrialPhase: Int, CaseIterable {
    /// Before anything is wrong.
    case quiet
    /// Long enough for the alert to fire.
    case firing
    /// Long enough for it to clear.
    case clear
}

/// The values that a query must have for an alert to stay quiet and to fire.
struct TrialGoal {
    let quiet: Double
    let firing: Double
    /// Whether a value makes the alert pending.
    let holds: @Sendable (Double) -> Bool

    /// The goal in a phase.
    func value(in phase: TrialPhase) -> Double { phase == .firing ? firing : quiet }

    /// The same for the operand of a multiplication.
    func divided(by factor: Double) -> TrialGoal {
        TrialGoal(quiet: quiet / factor, firing: firing / factor) { holds($0 * factor) }
    }

    /// Values on both sides of a comparison.
    ///
    /// - Parameters:
    ///   - comparison: what the alert asks.
    ///   - range: the values that the query can have at all.
    /// - Throws: `ServerError` when the alert could never fire or never clear.
    init(_ comparison: AlertCondition.Comparison, within range: ClosedRange<Double>) throws(ServerError) {
        let candidates = Self.candidates(comparison)
        holds = { comparison.holds($0) }
        func nearest(_ values: [Double], _ isRight: (Double) -> Bool) -> Double? {
            values.first { range.contains($0) && isRight($0) }
        }
        guard let firing = nearest(candidates.firing + [range.upperBound, range.lowerBound], comparison.holds) else {
            throw ServerError(
                .invalidArtifact,
                "condition: no value is \(comparison.text), so that the alert could never fire; correct it")
        }
        guard let quiet = nearest(candidates.quiet + [range.lowerBound, range.upperBound], { !comparison.holds($0) })
        else {
            throw ServerError(
                .invalidArtifact,
                "condition: every value is \(comparison.text), so that the alert could never clear; correct it")
        }
        self.firing = firing
        self.quiet = quiet
    }

    init(quiet: Double, firing: Double, holds: @escaping @Sendable (Double) -> Bool) {
        self.quiet = quiet
        self.firing = firing
        self.holds = holds
    }

    private static func candidates(
        _ comparison: AlertCondition.Comparison
    ) -> (firing: [Double], quiet: [Double]) {
        func distance(_ limit: Double) -> Double { limit == 0 ? 1 : abs(limit) / 2 }
        switch comparison {
        case .above(let limit), .atLeast(let limit):
            let distance = distance(limit)
            // Half way to 1 for shares, which cannot be more.
            return ([limit + distance, (limit + 1) / 2], [limit - distance])
        case .below(let limit), .atMost(let limit):
            let distance = distance(limit)
            return ([limit - distance], [limit + distance, (limit + 1) / 2])
        case .equal(let limit): return ([limit], [limit + 1, limit - distance(limit)])
        case .different(let limit): return ([limit + 1, limit - distance(limit)], [limit])
        case .within(let low, let high):
            return ([low + (high - low) / 2], [low - distance(low), high + distance(high)])
        }
    }
}

extension AlertCondition.Comparison {
    /// Whether a value makes the alert pending.
    func holds(_ value: Double) -> Bool {
        switch self {
        case .above(let limit): value > limit
        case .atLeast(let limit): value >= limit
        case .below(let limit): value < limit
        case .atMost(let limit): value <= limit
        case .equal(let limit): value == limit
        case .different(let limit): value != limit
        case .within(let low, let high): value > low && value <= high
        }
    }
}

extension MetricQuery {
    /// The values that the query can have at all.
    var range: ClosedRange<Double> {
        let unbounded = Double.greatestFiniteMagnitude
        switch form {
        case .rate, .increase, .events, .changes, .quantile, .age, .deviation: return 0...unbounded
        case .rateRatio(let part, let whole, _, _): return part.name == whole.name ? 0...1 : 0...unbounded
        case .ratio(let part, _, _): return part.range
        case .value, .prediction, .promQL: return -unbounded...unbounded
        case .aggregate(_, let query, _): return query.range
        case .scaled(let query, let factor):
            let ends = [query.range.lowerBound * factor, query.range.upperBound * factor]
                .map { Swift.max(-unbounded, Swift.min(unbounded, $0)) }.sorted()
            return ends[0]...ends[1]
        }
    }

    /// The series whose labels the result has, if it is that of one selector.
    var ownSeries: MetricSelector? {
        switch form {
        case .value(let series), .rate(let series, _), .increase(let series, _), .changes(let series, _),
            .age(let series):
            series
        case .scaled(let query, _): query.ownSeries
        default: nil
        }
    }
}
