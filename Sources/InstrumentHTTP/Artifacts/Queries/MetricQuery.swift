// SPDX-License-Identifier: Apache-2.0

/// What an alert compares or a panel draws: a PromQL query over metrics, put together from parts that are checked.
///
/// ```swift
/// .rate("jobs_total", over: .seconds(300))                       // rate(jobs_total[5m])
/// .quantile(0.95, of: "job_duration_seconds", over: .seconds(300))
/// .age(of: "backup_last_success_timestamp_seconds")              // time() - backup_last_success_timestamp_seconds
/// ```
///
/// Each kind also knows series that give it a value, which is how every alert gets a test.
public struct MetricQuery: Sendable, Equatable {
    enum Aggregation: String, Sendable {
        case sum
        case max
        case min
        case average = "avg"
    }

    indirect enum Form: Sendable, Equatable {
        case value(MetricSelector)
        case rate(MetricSelector, over: Duration)
        case increase(MetricSelector, over: Duration)
        case events(MetricSelector, over: Duration)
        case changes(MetricSelector, over: Duration)
        case ratio(MetricQuery, to: MetricQuery, on: [String])
        case rateRatio(MetricSelector, to: MetricSelector, over: Duration, by: [String])
        case quantile(Double, of: MetricSelector, over: Duration, by: [String])
        case age(MetricSelector)
        case prediction(MetricSelector, relativeTo: MetricSelector?, ahead: Duration, from: Duration)
        case deviation(MetricQuery, baseline: Duration, step: Duration)
        case aggregate(Aggregation, MetricQuery, by: [String])
        case scaled(MetricQuery, by: Double)
        case promQL(String)
    }

    let form: Form

    private init(_ form: Form) { self.form = form }

    /// The newest value of series.
    public static func value(_ series: MetricSelector) -> MetricQuery { .init(.value(series)) }

    /// How fast a counter grows, per second; not for gauges.
    ///
    /// - Parameters:
    ///   - counter: a counter, or the `_sum` or `_count` of a histogram or summary.
    ///   - window: what it is averaged over, at least four scrapes.
    public static func rate(_ counter: MetricSelector, over window: Duration) -> MetricQuery {
        .init(.rate(counter, over: window))
    }

    /// How much a counter has grown within a window. The first event of a series is not seen, see ``events(_:over:)``.
    public static func increase(_ counter: MetricSelector, over window: Duration) -> MetricQuery {
        .init(.increase(counter, over: window))
    }

    /// How much a counter has grown within a window, the events that made a series appear included: for rare events.
    public static func events(_ counter: MetricSelector, over window: Duration) -> MetricQuery {
        .init(.events(counter, over: window))
    }

    /// How often a value has changed within a window: restarts, say, from `process_start_time_seconds`.
    public static func changes(_ series: MetricSelector, over window: Duration) -> MetricQuery {
        .init(.changes(series, over: window))
    }

    /// One value divided by another, series by series.
    ///
    /// - Parameters:
    ///   - part: the dividend.
    ///   - whole: the divisor; its labels must be the same.
    ///   - labels: the labels by which series belong together, when the others differ.
    public static func ratio(
        _ part: MetricSelector, to whole: MetricSelector, on labels: [String] = []
    ) -> MetricQuery { .init(.ratio(.value(part), to: .value(whole), on: labels)) }

    /// The rate of some events divided by the rate of all: a share of failures, or a mean from `_sum` and `_count`.
    ///
    /// - Parameters:
    ///   - part: a counter, often some series of `whole`.
    ///   - whole: a counter.
    ///   - window: what both are averaged over.
    ///   - labels: what is kept apart; empty adds up everything.
    public static func rateRatio(
        _ part: MetricSelector, to whole: MetricSelector, over window: Duration, by labels: [String] = ["job"]
    ) -> MetricQuery { .init(.rateRatio(part, to: whole, over: window, by: labels)) }

    /// The value that a share of a histogram's observations stays below.
    ///
    /// - Parameters:
    ///   - share: 0 to 1, such as 0.95.
    ///   - histogram: the name of a histogram with classic buckets, without `_bucket`.
    ///   - window: how far back observations count.
    ///   - labels: what is kept apart; empty adds up everything.
    public static func quantile(
        _ share: Double, of histogram: MetricSelector, over window: Duration, by labels: [String] = []
    ) -> MetricQuery { .init(.quantile(share, of: histogram, over: window, by: labels)) }

    /// A quantile that a summary itself exports: `x{quantile="0.95"}`.
    public static func summaryQuantile(_ share: Double, of summary: MetricSelector) -> MetricQuery {
        .init(.value(summary.adding(LabelMatcher("quantile", .equal, PromQLText.number(share)))))
    }

    /// Seconds since the Unix time that a gauge holds.
    public static func age(of timestamp: MetricSelector) -> MetricQuery { .init(.age(timestamp)) }

    /// Where a gauge will be if it goes on like this.
    ///
    /// - Parameters:
    ///   - gauge: what grows or shrinks.
    ///   - limit: divides the prediction, so that 1 is the moment at which the limit is reached; nil divides by nothing.
    ///   - ahead: how far to look ahead.
    ///   - window: the past that the line is drawn through.
    public static func prediction(
        of gauge: MetricSelector, relativeTo limit: MetricSelector? = nil, in ahead: Duration, from window: Duration
    ) -> MetricQuery { .init(.prediction(gauge, relativeTo: limit, ahead: ahead, from: window)) }

    /// How unusual a query's value is: its distance from its mean, in standard deviations.
    ///
    /// One hundredth of the mean is added to the deviation, so that what never varies is not unusual by a hair.
    ///
    /// - Parameters:
    ///   - query: what is watched.
    ///   - baseline: the past that is compared with.
    ///   - step: how far apart the values of the past are taken.
    public static func deviation(
        of query: MetricQuery, baseline: Duration = .seconds(86_400), step: Duration = .seconds(900)
    ) -> MetricQuery { .init(.deviation(query, baseline: baseline, step: step)) }

    /// The sum of a query's series.
    public static func sum(_ query: MetricQuery, by labels: [String] = []) -> MetricQuery {
        .init(.aggregate(.sum, query, by: labels))
    }

    /// The greatest of a query's series.
    public static func max(_ query: MetricQuery, by labels: [String] = []) -> MetricQuery {
        .init(.aggregate(.max, query, by: labels))
    }

    /// The least of a query's series.
    public static func min(_ query: MetricQuery, by labels: [String] = []) -> MetricQuery {
        .init(.aggregate(.min, query, by: labels))
    }

    /// The mean of a query's series.
    public static func average(_ query: MetricQuery, by labels: [String] = []) -> MetricQuery {
        .init(.aggregate(.average, query, by: labels))
    }

    /// Any query as it is, unchecked: for panels. Alerts have ``ServiceArtifacts/alert(_:whenPromQL:for:firing:clear:severity:group:summary:description:)``.
    public static func promQL(_ text: String) -> MetricQuery { .init(.promQL(text)) }

    /// A query's value times a number: `* 100` for percent.
    public static func * (query: MetricQuery, factor: Double) -> MetricQuery {
        .init(.scaled(query, by: factor))
    }

    /// A query's value divided by another's, series by series: `.rate(...) / .value("limit")`.
    public static func / (part: MetricQuery, whole: MetricQuery) -> MetricQuery {
        .init(.ratio(part, to: whole, on: []))
    }
}
