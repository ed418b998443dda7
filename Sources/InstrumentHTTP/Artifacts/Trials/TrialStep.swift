// SPDX-License-Identifier: Apache-2.0

// How far apart a trial's samples may be.

extension AlertCondition {
    /// The longest time between two samples with which a trial can make the condition hold; nil for any.
    var stepMax: Duration? {
        switch form {
        case .comparison(let query, let comparison):
            [Self.stepMax(of: promQL(in: [])), query.stepMax(forChanges: comparison.greatest)].compactMap { $0 }.min()
        case .absent: nil
        case .both(let left, let right, _): [left.stepMax, right.stepMax].compactMap { $0 }.min()
        case .promQL(let text, _, _): Self.stepMax(of: text)
        }
    }

    /// Half of the shortest window: a rate needs two samples.
    private static func stepMax(of text: String) -> Duration? {
        PromQLText.windows(in: text).filter { $0 > .zero }.min().map { $0 / 2 }
    }
}

extension AlertCondition.Comparison {
    /// The greatest number that is compared with, without its sign.
    fileprivate var greatest: Double {
        switch self {
        case .above(let limit), .atLeast(let limit), .below(let limit), .atMost(let limit), .equal(let limit),
            .different(let limit):
            abs(limit)
        case .within(let low, let high): max(abs(low), abs(high))
        }
    }
}

extension MetricQuery {
    /// The longest time between two samples with which a value changes more than `limit` times within its window.
    fileprivate func stepMax(forChanges limit: Double) -> Duration? {
        switch form {
        case .changes(_, let window): window / (Swift.min(limit, 1e6) + 3)
        case .aggregate(_, let query, _): query.stepMax(forChanges: limit)
        case .scaled(let query, let factor): query.stepMax(forChanges: limit / abs(factor))
        case .ratio(let part, let whole, _):
            // A trial's divisor is 100.
            [part.stepMax(forChanges: limit * 100), whole.stepMax(forChanges: 100)].compactMap { $0 }.min()
        default: nil
        }
    }
}
