// SPDX-License-Identifier: Apache-2.0

/// When an alert is pending: a query compared with a number.
///
/// ```swift
/// .rate("errors_total", over: .seconds(300)) > 0.1
/// .ratio("pool_in_use", to: "pool_size") >= 0.9
/// .between(0.05, and: 0.15, .rateRatio("failures_total", to: "requests_total", over: .seconds(300)))
/// ```
public struct AlertCondition: Sendable, Equatable {
    enum Comparison: Sendable, Equatable {
        case above(Double)
        case atLeast(Double)
        case below(Double)
        case atMost(Double)
        case equal(Double)
        case different(Double)
        /// Above the first and at most the second.
        case within(Double, Double)
    }

    indirect enum Form: Sendable, Equatable {
        case comparison(MetricQuery, Comparison)
        case absent(MetricSelector)
        case both(AlertCondition, AlertCondition, ignoring: [String])
        case promQL(String, firing: [String: TrialSamples], clear: [String: TrialSamples])
    }

    let form: Form

    init(_ form: Form) { self.form = form }

    /// Whether no such series is there.
    public static func absent(_ series: MetricSelector) -> AlertCondition { .init(.absent(series)) }

    /// Above `low` and at most `high`: a warning that ends where its critical alert begins.
    public static func between(_ low: Double, and high: Double, _ query: MetricQuery) -> AlertCondition {
        .init(.comparison(query, .within(low, high)))
    }

    /// Both conditions at once, for series whose labels are the same.
    ///
    /// - Parameters:
    ///   - other: the other condition.
    ///   - labels: labels that may differ.
    public func and(_ other: AlertCondition, ignoring labels: [String] = []) -> AlertCondition {
        .init(.both(self, other, ignoring: labels))
    }

    /// Whether it is made of two, which bind from left to right.
    private var isBoth: Bool {
        if case .both = form { true } else { false }
    }

    /// The condition as PromQL.
    func promQL(in scope: [LabelMatcher]) -> String {
        switch form {
        case .comparison(let query, let comparison): "\(query.comparand(in: scope)) \(comparison.text)"
        case .absent(let series): "absent(\(series.text(adding: scope)))"
        case .both(let left, let right, let labels):
            "\(left.promQL(in: scope)) and \(labels.isEmpty ? "" : "ignoring (\(labels.joined(separator: ", "))) ")"
                + (right.isBoth ? "(\(right.promQL(in: scope)))" : right.promQL(in: scope))
        case .promQL(let text, _, _): text
        }
    }
}

extension AlertCondition.Comparison {
    /// The operator and its right side.
    var text: String {
        switch self {
        case .above(let limit): "> \(PromQLText.number(limit))"
        case .atLeast(let limit): ">= \(PromQLText.number(limit))"
        case .below(let limit): "< \(PromQLText.number(limit))"
        case .atMost(let limit): "<= \(PromQLText.number(limit))"
        case .equal(let limit): "== \(PromQLText.number(limit))"
        case .different(let limit): "!= \(PromQLText.number(limit))"
        case .within(let low, let high): "> \(PromQLText.number(low)) <= \(PromQLText.number(high))"
        }
    }
}

extension MetricQuery {
    /// Above a limit.
    public static func > (query: MetricQuery, limit: Double) -> AlertCondition {
        .init(.comparison(query, .above(limit)))
    }

    /// A limit or above.
    public static func >= (query: MetricQuery, limit: Double) -> AlertCondition {
        .init(.comparison(query, .atLeast(limit)))
    }

    /// Below a limit.
    public static func < (query: MetricQuery, limit: Double) -> AlertCondition {
        .init(.comparison(query, .below(limit)))
    }

    /// A limit or below.
    public static func <= (query: MetricQuery, limit: Double) -> AlertCondition {
        .init(.comparison(query, .atMost(limit)))
    }

    /// Exactly a value.
    public static func == (query: MetricQuery, value: Double) -> AlertCondition {
        .init(.comparison(query, .equal(value)))
    }

    /// Anything but a value.
    public static func != (query: MetricQuery, value: Double) -> AlertCondition {
        .init(.comparison(query, .different(value)))
    }
}
