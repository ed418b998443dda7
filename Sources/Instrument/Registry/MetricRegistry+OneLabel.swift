// SPDX-License-Identifier: Apache-2.0

// The compiler sees that a pack of one type is that type only after it has chosen `with` in the same expression. These
// overloads, preferred to those with a pack, let `try metrics.gauge("x", help: "…", labels: "a").with("1")` compile.

extension MetricRegistry {
    /// Registers a family of counters of one label.
    ///
    /// - Parameters:
    ///   - name: ends in `_total`.
    ///   - help: what it counts, one sentence.
    ///   - unit: the base unit, if the name carries one.
    ///   - limits: how many label sets, and how long an idle one is shown.
    ///   - label: the label's name: a string, or an ``EnumLabel``.
    /// - Throws: ``MetricError`` for bad names, or a name that is taken by another shape.
    public func counter<Label: LabelName>(
        _ name: String, help: String, unit: String? = nil, limits: SeriesLimits = .standard, labels label: Label
    ) throws(MetricError) -> Family<Counter, Label.Value> {
        try family(
            describe(name, help: help, unit: unit, kind: .counter, labels: [LabelDescription(label)], limits: limits))
    }

    /// Registers a family of gauges of one label.
    ///
    /// - Parameters:
    ///   - name: with its base unit last.
    ///   - help: what it measures, one sentence.
    ///   - unit: the base unit, if the name carries one.
    ///   - limits: how many label sets, and how long an idle one is shown.
    ///   - label: the label's name: a string, or an ``EnumLabel``.
    /// - Throws: ``MetricError`` for bad names, or a name that is taken by another shape.
    public func gauge<Label: LabelName>(
        _ name: String, help: String, unit: String? = nil, limits: SeriesLimits = .standard, labels label: Label
    ) throws(MetricError) -> Family<Gauge, Label.Value> {
        try family(
            describe(name, help: help, unit: unit, kind: .gauge, labels: [LabelDescription(label)], limits: limits))
    }

    /// Registers a family of histograms of one label.
    ///
    /// - Parameters:
    ///   - name: with its base unit last.
    ///   - help: what is observed, one sentence.
    ///   - unit: the base unit, if the name carries one.
    ///   - buckets: the upper bounds, in the base unit; `[]` for a purely native histogram.
    ///   - native: exponential buckets beside them.
    ///   - limits: how many label sets, and how long an idle one is shown.
    ///   - label: the label's name: a string, or an ``EnumLabel``.
    /// - Throws: ``MetricError`` for bad names or bounds, or a name that is taken by another shape.
    public func histogram<Label: LabelName>(
        _ name: String, help: String, unit: String? = nil, buckets: HistogramBuckets = .default,
        native: NativeBuckets? = nil, limits: SeriesLimits = .standard, labels label: Label
    ) throws(MetricError) -> Family<Histogram, Label.Value> {
        let shape = try CellShape.histogram(buckets, native, for: name)
        return try family(
            describe(
                name, help: help, unit: unit, kind: .histogram, labels: [LabelDescription(label)], shape: shape,
                limits: limits))
    }

    /// Registers a family of summaries of one label.
    ///
    /// - Parameters:
    ///   - name: with its base unit last.
    ///   - help: what is observed, one sentence.
    ///   - unit: the base unit, if the name carries one.
    ///   - quantiles: the shares to tell the values of, 0 to 1; none gives count and sum alone.
    ///   - window: how far back quantiles look.
    ///   - limits: how many label sets, and how long an idle one is shown.
    ///   - label: the label's name: a string, or an ``EnumLabel``.
    /// - Throws: ``MetricError`` for bad names or quantiles, or a name that is taken by another shape.
    public func summary<Label: LabelName>(
        _ name: String, help: String, unit: String? = nil, quantiles: [Double] = [0.5, 0.9, 0.95, 0.99],
        window: Duration = .seconds(600), limits: SeriesLimits = .standard, labels label: Label
    ) throws(MetricError) -> Family<Summary, Label.Value> {
        let shape = try CellShape.summary(quantiles, window: window, for: name)
        return try family(
            describe(
                name, help: help, unit: unit, kind: .summary, labels: [LabelDescription(label)], shape: shape,
                limits: limits))
    }

    /// Registers a family of state sets of one label.
    ///
    /// - Parameters:
    ///   - name: what the states are of.
    ///   - help: what it means, one sentence.
    ///   - type: an enum of up to 64 plain cases.
    ///   - limits: how many label sets, and how long an idle one is shown.
    ///   - label: the label's name; not the metric's own.
    /// - Throws: ``MetricError`` for bad names or type, or a name that is taken by another shape.
    public func stateSet<State: CaseIterable & Sendable, Label: LabelName>(
        _ name: String, help: String, of type: State.Type, limits: SeriesLimits = .standard, labels label: Label
    ) throws(MetricError) -> Family<StateSet<State>, Label.Value> {
        let shape = try CellShape.states(of: type, for: name)
        return try family(
            describe(
                name, help: help, unit: nil, kind: .stateSet, labels: [LabelDescription(label)], shape: shape,
                limits: limits))
    }

    /// Registers a family of metrics of unknown kind and one label, for a name that others have given.
    ///
    /// - Parameters:
    ///   - name: any valid name.
    ///   - help: what it means, one sentence.
    ///   - limits: how many label sets, and how long an idle one is shown.
    ///   - label: the label's name: a string, or an ``EnumLabel``.
    /// - Throws: ``MetricError`` for bad names, or a name that is taken by another shape.
    public func untyped<Label: LabelName>(
        _ name: String, help: String, limits: SeriesLimits = .standard, labels label: Label
    ) throws(MetricError) -> Family<Untyped, Label.Value> {
        try family(
            describe(name, help: help, unit: nil, kind: .untyped, labels: [LabelDescription(label)], limits: limits))
    }
}
