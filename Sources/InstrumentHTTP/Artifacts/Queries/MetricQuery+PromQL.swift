// SPDX-License-Identifier: Apache-2.0

extension MetricQuery {
    /// The query as PromQL.
    ///
    /// - Parameter scope: matchers that every selector gets besides its own.
    func promQL(in scope: [LabelMatcher] = []) -> String { rendered(in: scope).text }

    /// A query's text, and whether an operator may be put beside it without parentheses.
    private func rendered(in scope: [LabelMatcher]) -> (text: String, isAtom: Bool) {
        switch form {
        case .value(let series): (series.text(adding: scope), true)
        case .rate(let counter, let window): (Self.call("rate", counter, window, scope), true)
        case .increase(let counter, let window): (Self.call("increase", counter, window, scope), true)
        case .changes(let series, let window): (Self.call("changes", series, window, scope), true)
        case .events(let counter, let window):
            (
                "\(counter.text(adding: scope)) unless \(counter.text(adding: scope)) offset "
                    + "\(PromQLText.duration(window)) or \(Self.call("increase", counter, window, scope))", false
            )
        case .ratio(let part, let whole, let labels):
            (
                "\(part.operand(in: scope)) /\(labels.isEmpty ? "" : " on (\(labels.joined(separator: ", ")))") "
                    + whole.operand(in: scope), false
            )
        case .rateRatio(let part, let whole, let window, let labels):
            (
                Self.aggregate(.sum, Self.call("rate", part, window, scope), labels) + " / "
                    + Self.aggregate(.sum, Self.call("rate", whole, window, scope), labels), false
            )
        case .quantile(let share, let histogram, let window, let labels):
            (
                "histogram_quantile(\(PromQLText.number(share)), "
                    + Self.aggregate(
                        .sum, Self.call("rate", histogram.renamed(histogram.name + "_bucket"), window, scope),
                        labels + ["le"]) + ")", true
            )
        case .age(let timestamp): ("time() - \(timestamp.text(adding: scope))", false)
        case .prediction(let gauge, let limit, let ahead, let window):
            (
                "predict_linear(\(gauge.text(adding: scope))[\(PromQLText.duration(window))], "
                    + "\(PromQLText.number(PromQLText.seconds(ahead))))"
                    + (limit.map { " / \($0.text(adding: scope))" } ?? ""), limit == nil
            )
        case .deviation(let query, let baseline, let step):
            (Self.deviation(query, "\(PromQLText.duration(baseline)):\(PromQLText.duration(step))", scope), false)
        case .aggregate(let aggregation, let query, let labels):
            (Self.aggregate(aggregation, query.promQL(in: scope), labels), true)
        case .scaled(let query, let factor): ("\(query.operand(in: scope)) * \(PromQLText.number(factor))", false)
        case .promQL(let text): (text, false)
        }
    }

    private var isAtom: Bool { rendered(in: []).isAtom }

    /// The query as one side of an operator.
    private func operand(in scope: [LabelMatcher]) -> String {
        let (text, isAtom) = rendered(in: scope)
        return isAtom ? text : "(\(text))"
    }

    /// The query as the left side of a comparison, which binds more loosely than arithmetic.
    func comparand(in scope: [LabelMatcher]) -> String {
        switch form {
        case .events, .promQL: operand(in: scope)
        default: promQL(in: scope)
        }
    }

    private static func call(
        _ function: String, _ series: MetricSelector, _ window: Duration, _ scope: [LabelMatcher]
    ) -> String { "\(function)(\(series.text(adding: scope))[\(PromQLText.duration(window))])" }

    private static func aggregate(_ aggregation: Aggregation, _ text: String, _ labels: [String]) -> String {
        labels.isEmpty
            ? "\(aggregation.rawValue)(\(text))"
            : "\(aggregation.rawValue) by (\(labels.joined(separator: ", "))) (\(text))"
    }

    private static func deviation(_ query: MetricQuery, _ range: String, _ scope: [LabelMatcher]) -> String {
        var value = query.promQL(in: scope)
        if case .rateRatio(let part, let whole, let window, let labels) = query.form {
            // A time without events has no ratio, 0 / 0, and one such value would spoil the mean of the whole past.
            value =
                aggregate(.sum, call("rate", part, window, scope), labels) + " / ("
                + aggregate(.sum, call("rate", whole, window, scope), labels) + " > 0)"
        }
        let past: String
        if case .value = query.form { past = "\(value)[\(range)]" } else { past = "(\(value))[\(range)]" }
        let mean = "avg_over_time(\(past))"
        return
            "abs(\(query.isAtom ? value : "(\(value))") - \(mean)) / (stddev_over_time(\(past)) + 0.01 * abs(\(mean)))"
    }
}
