// SPDX-License-Identifier: Apache-2.0

/// Watches gauges and rates for what is unusual and for where they are heading, at each scrape.
///
/// Exports `watch_value`, `watch_anomaly_score` (in standard deviations), `watch_anomalous` (0 or 1),
/// `watch_slope_per_second` and `watch_limit_seconds` (+Inf when the limit is never reached), each by `watch`.
///
/// ```swift
/// let watches = try MetricWatches(in: metrics)
/// try watches.anomaly("request_rate", score: 3, of: watches.rate(requestsTotal))
/// try watches.trend("disk", limit: 100e9) { diskUsed.value }
/// ```
public final class MetricWatches: Sendable {
    private struct Watch {
        let name: String
        let reading: @Sendable () -> Double?
        var kind: Kind
    }

    private enum Kind {
        case anomaly(AnomalyDetector, score: Double)
        case trend(LinearTrend, limit: Double, isUpper: Bool)
    }

    private struct Exported: Sendable {
        let value: Family<Gauge, String>
        let score: Family<Gauge, String>
        let anomalous: Family<Gauge, String>
        let slope: Family<Gauge, String>
        let limit: Family<Gauge, String>
    }

    private let time: TimeSource
    private let intervalNanoseconds: UInt64
    private let exported: Exported
    private let state: Lock<(watches: [Watch], lastNanoseconds: UInt64?)>

    /// Makes a collection without watches.
    ///
    /// - Parameters:
    ///   - metrics: where the figures are exported; its clock is the watches'.
    ///   - interval: the least time between two values; scrapes in between change nothing.
    /// - Throws: ``MetricError`` when a name of the exported metrics is taken.
    public init(in metrics: MetricRegistry, interval: Duration = .seconds(5)) throws(MetricError) {
        time = metrics.time
        intervalNanoseconds = UInt64(max(0, interval.saturatedNanoseconds))
        exported = Exported(
            value: try metrics.gauge("watch_value", help: "What the watch read last.", labels: "watch"),
            score: try metrics.gauge(
                "watch_anomaly_score", help: "Distance from the usual value, in standard deviations.",
                labels: "watch"),
            anomalous: try metrics.gauge(
                "watch_anomalous", help: "Whether the distance is past the watch's score.", labels: "watch"),
            slope: try metrics.gauge(
                "watch_slope_per_second", help: "Change a second, by least squares.", labels: "watch"),
            limit: try metrics.gauge(
                "watch_limit_seconds", help: "Time until the watch's limit is reached.", unit: "seconds",
                labels: "watch"))
        state = Lock((watches: [], lastNanoseconds: nil))
        try metrics.collector(
            "watches", of: [exported.value, exported.score, exported.anomalous, exported.slope, exported.limit]
        ) { [weak self] in self?.refresh() }
    }

    /// Watches a value for what is unusual.
    ///
    /// - Parameters:
    ///   - name: a label value, unique here.
    ///   - score: the distance in standard deviations that counts as unusual.
    ///   - detector: how the usual is learnt.
    ///   - reading: the value; nil skips a turn.
    /// - Throws: ``MetricError/Code/nameTaken``.
    public func anomaly(
        _ name: String, score: Double = 3, detector: AnomalyDetector = AnomalyDetector(),
        of reading: @escaping @Sendable () -> Double?
    ) throws(MetricError) {
        try add(Watch(name: name, reading: reading, kind: .anomaly(detector, score: score)))
    }

    /// Watches a value for where it is heading.
    ///
    /// - Parameters:
    ///   - name: a label value, unique here.
    ///   - limit: the value not to reach, such as a disk's size.
    ///   - isUpper: whether the limit lies above the value.
    ///   - capacity: how many values the line is drawn through.
    ///   - reading: the value; nil skips a turn.
    /// - Throws: ``MetricError/Code/nameTaken``.
    public func trend(
        _ name: String, limit: Double, isUpper: Bool = true, capacity: Int = 60,
        of reading: @escaping @Sendable () -> Double?
    ) throws(MetricError) {
        let kind = Kind.trend(LinearTrend(capacity: capacity), limit: limit, isUpper: isUpper)
        try add(Watch(name: name, reading: reading, kind: kind))
    }

    /// A reading of how fast a counter grows, in units a second since the reading before; nil for the first one.
    public func rate(_ counter: Counter) -> @Sendable () -> Double? {
        let time = time
        let last = RateState()
        return { last.rate(of: counter.value, at: time.monotonicNanoseconds()) }
    }

    private func add(_ watch: Watch) throws(MetricError) {
        try state.withLock { (state) throws(MetricError) in
            guard !state.watches.contains(where: { $0.name == watch.name }) else {
                throw MetricError(
                    .nameTaken, subject: watch.name, reason: "a watch has this name already; use another one")
            }
            state.watches.append(watch)
        }
    }

    private func refresh() {
        let now = time.monotonicNanoseconds()
        state.withLock { state in
            if let last = state.lastNanoseconds, now &- last < intervalNanoseconds { return }
            state.lastNanoseconds = now
            for index in state.watches.indices { refresh(&state.watches[index], now: now) }
        }
    }

    private func refresh(_ watch: inout Watch, now: UInt64) {
        guard let value = watch.reading() else { return }
        exported.value.with(watch.name).set(value)
        switch watch.kind {
        case .anomaly(var detector, let threshold):
            if let score = detector.observe(value) {
                exported.score.with(watch.name).set(score)
                exported.anomalous.with(watch.name).set(abs(score) > threshold ? 1 : 0)
            }
            watch.kind = .anomaly(detector, score: threshold)
        case .trend(var trend, let limit, let isUpper):
            trend.observe(value, at: Double(now) / 1e9)
            if let line = trend.line, let seconds = trend.seconds(to: limit, isUpper: isUpper) {
                exported.slope.with(watch.name).set(line.slope)
                exported.limit.with(watch.name).set(seconds)
            }
            watch.kind = .trend(trend, limit: limit, isUpper: isUpper)
        }
    }
}

/// The reading before this one.
private final class RateState: Sendable {
    private let last = Lock<(value: Double, nanoseconds: UInt64)?>(nil)

    func rate(of value: Double, at nanoseconds: UInt64) -> Double? {
        last.withLock { last in
            defer { last = (value, nanoseconds) }
            guard let last, nanoseconds > last.nanoseconds else { return nil }
            return (value - last.value) / (Double(nanoseconds - last.nanoseconds) / 1e9)
        }
    }
}
