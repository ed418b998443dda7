// SPDX-License-Identifier: Apache-2.0

// Registering: cold, done once at start. Without labels it gives the handle itself, with labels a family. The same name
// with the same shape gives the same metric again.

extension MetricRegistry {
    /// Registers a counter without labels.
    ///
    /// - Parameters:
    ///   - name: ends in `_total`.
    ///   - help: what it counts, one sentence.
    ///   - unit: the base unit, if the name carries one: `bytes` for `sent_bytes_total`.
    /// - Throws: ``MetricError`` for a bad name, or one that is taken by another shape.
    public func counter(_ name: String, help: String, unit: String? = nil) throws(MetricError) -> Counter {
        try single(describe(name, help: help, unit: unit, kind: .counter))
    }

    /// Registers a family of counters.
    ///
    /// - Parameters:
    ///   - name: ends in `_total`.
    ///   - help: what it counts, one sentence.
    ///   - unit: the base unit, if the name carries one.
    ///   - limits: how many label sets, and how long an idle one is shown.
    ///   - labels: the labels' names: strings, or ``EnumLabel``s.
    /// - Throws: ``MetricError`` for bad names, or a name that is taken by another shape.
    public func counter<each Label: LabelName>(
        _ name: String, help: String, unit: String? = nil, limits: SeriesLimits = .standard,
        labels: repeat each Label
    ) throws(MetricError) -> Family<Counter, (repeat (each Label).Value)> {
        let labels = LabelDescription.list(repeat each labels)
        return try family(describe(name, help: help, unit: unit, kind: .counter, labels: labels, limits: limits))
    }

    /// Registers a counter that `read` computes at each scrape.
    ///
    /// - Parameters:
    ///   - name: ends in `_total`.
    ///   - help: what it counts, one sentence.
    ///   - unit: the base unit, if the name carries one.
    ///   - read: returns a total that never goes down; called on a thread of the package's own.
    /// - Throws: ``MetricError`` for a bad name, or one that is taken.
    public func counter(
        _ name: String, help: String, unit: String? = nil, reading read: @escaping @Sendable () -> Double
    ) throws(MetricError) {
        try register(describe(name, help: help, unit: unit, kind: .counter), reading: read)
    }

    /// Registers a gauge without labels.
    ///
    /// - Parameters:
    ///   - name: with its base unit last, such as `cache_size_bytes`.
    ///   - help: what it measures, one sentence.
    ///   - unit: the base unit, if the name carries one.
    /// - Throws: ``MetricError`` for a bad name, or one that is taken by another shape.
    public func gauge(_ name: String, help: String, unit: String? = nil) throws(MetricError) -> Gauge {
        try single(describe(name, help: help, unit: unit, kind: .gauge))
    }

    /// Registers a family of gauges.
    ///
    /// - Parameters:
    ///   - name: with its base unit last.
    ///   - help: what it measures, one sentence.
    ///   - unit: the base unit, if the name carries one.
    ///   - limits: how many label sets, and how long an idle one is shown.
    ///   - labels: the labels' names: strings, or ``EnumLabel``s.
    /// - Throws: ``MetricError`` for bad names, or a name that is taken by another shape.
    public func gauge<each Label: LabelName>(
        _ name: String, help: String, unit: String? = nil, limits: SeriesLimits = .standard,
        labels: repeat each Label
    ) throws(MetricError) -> Family<Gauge, (repeat (each Label).Value)> {
        let labels = LabelDescription.list(repeat each labels)
        return try family(describe(name, help: help, unit: unit, kind: .gauge, labels: labels, limits: limits))
    }

    /// Registers a gauge that `read` computes at each scrape.
    ///
    /// - Parameters:
    ///   - name: with its base unit last.
    ///   - help: what it measures, one sentence.
    ///   - unit: the base unit, if the name carries one.
    ///   - read: returns the value; called on a thread of the package's own.
    /// - Throws: ``MetricError`` for a bad name, or one that is taken.
    public func gauge(
        _ name: String, help: String, unit: String? = nil, reading read: @escaping @Sendable () -> Double
    ) throws(MetricError) {
        try register(describe(name, help: help, unit: unit, kind: .gauge), reading: read)
    }

    /// Registers a histogram without labels.
    ///
    /// - Parameters:
    ///   - name: with its base unit last, such as `query_duration_seconds`.
    ///   - help: what is observed, one sentence.
    ///   - unit: the base unit, if the name carries one.
    ///   - buckets: the upper bounds, in the base unit; `[]` for a purely native histogram.
    ///   - native: exponential buckets beside them.
    /// - Throws: ``MetricError`` for a bad name or bounds, or a name that is taken by another shape.
    public func histogram(
        _ name: String, help: String, unit: String? = nil, buckets: HistogramBuckets = .default,
        native: NativeBuckets? = nil
    ) throws(MetricError) -> Histogram {
        try single(
            describe(name, help: help, unit: unit, kind: .histogram, shape: try .histogram(buckets, native, for: name)))
    }

    /// Registers a family of histograms.
    ///
    /// - Parameters:
    ///   - name: with its base unit last.
    ///   - help: what is observed, one sentence.
    ///   - unit: the base unit, if the name carries one.
    ///   - buckets: the upper bounds, in the base unit; `[]` for a purely native histogram.
    ///   - native: exponential buckets beside them.
    ///   - limits: how many label sets, and how long an idle one is shown.
    ///   - labels: the labels' names: strings, or ``EnumLabel``s.
    /// - Throws: ``MetricError`` for bad names or bounds, or a name that is taken by another shape.
    public func histogram<each Label: LabelName>(
        _ name: String, help: String, unit: String? = nil, buckets: HistogramBuckets = .default,
        native: NativeBuckets? = nil, limits: SeriesLimits = .standard, labels: repeat each Label
    ) throws(MetricError) -> Family<Histogram, (repeat (each Label).Value)> {
        let labels = LabelDescription.list(repeat each labels)
        return try family(
            describe(
                name, help: help, unit: unit, kind: .histogram, labels: labels,
                shape: try .histogram(buckets, native, for: name), limits: limits))
    }
}
