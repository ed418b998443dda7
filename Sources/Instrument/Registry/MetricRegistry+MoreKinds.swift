// SPDX-License-Identifier: Apache-2.0

// Registering the kinds of metrics that are needed less often.

extension MetricRegistry {
    /// Registers a summary without labels.
    ///
    /// - Parameters:
    ///   - name: with its base unit last.
    ///   - help: what is observed, one sentence.
    ///   - unit: the base unit, if the name carries one.
    ///   - quantiles: the shares to tell the values of, 0 to 1; none gives count and sum alone.
    ///   - window: how far back quantiles look.
    /// - Throws: ``MetricError`` for a bad name or quantile, or a name that is taken by another shape.
    public func summary(
        _ name: String, help: String, unit: String? = nil, quantiles: [Double] = [0.5, 0.9, 0.95, 0.99],
        window: Duration = .seconds(600)
    ) throws(MetricError) -> Summary {
        let shape = try CellShape.summary(quantiles, window: window, for: name)
        return try single(describe(name, help: help, unit: unit, kind: .summary, shape: shape))
    }

    /// Registers a family of summaries.
    ///
    /// - Parameters:
    ///   - name: with its base unit last.
    ///   - help: what is observed, one sentence.
    ///   - unit: the base unit, if the name carries one.
    ///   - quantiles: the shares to tell the values of, 0 to 1; none gives count and sum alone.
    ///   - window: how far back quantiles look.
    ///   - limits: how many label sets, and how long an idle one is shown.
    ///   - labels: the labels' names: strings, or ``EnumLabel``s.
    /// - Throws: ``MetricError`` for bad names or quantiles, or a name that is taken by another shape.
    public func summary<each Label: LabelName>(
        _ name: String, help: String, unit: String? = nil, quantiles: [Double] = [0.5, 0.9, 0.95, 0.99],
        window: Duration = .seconds(600), limits: SeriesLimits = .standard, labels: repeat each Label
    ) throws(MetricError) -> Family<Summary, (repeat (each Label).Value)> {
        let labels = LabelDescription.list(repeat each labels)
        let shape = try CellShape.summary(quantiles, window: window, for: name)
        return try family(
            describe(name, help: help, unit: unit, kind: .summary, labels: labels, shape: shape, limits: limits))
    }

    /// Registers text that describes the process.
    ///
    /// Registering the same name and labels with other values adds a sample.
    ///
    /// - Parameters:
    ///   - name: ends in `_info`.
    ///   - help: what it describes, one sentence.
    ///   - values: labels and their values.
    /// - Throws: ``MetricError`` for bad names, or a name that is taken by another shape.
    public func info(
        _ name: String, help: String, _ values: KeyValuePairs<String, String>
    ) throws(MetricError) {
        let labels = values.map { LabelDescription(name: $0.key) }
        let storage = try register(describe(name, help: help, unit: nil, kind: .info, labels: labels))
        let series = values.isEmpty ? storage.single : storage.makeSeries(values.map(\.value))
        series.floating.pointee.store(Double(1).bitPattern, ordering: .relaxed)
    }

    /// Registers a state set without labels.
    ///
    /// - Parameters:
    ///   - name: what the states are of.
    ///   - help: what it means, one sentence.
    ///   - type: an enum of up to 64 plain cases.
    /// - Throws: ``MetricError`` for a bad name or type, or a name that is taken by another shape.
    public func stateSet<State: CaseIterable & Sendable>(
        _ name: String, help: String, of type: State.Type
    ) throws(MetricError) -> StateSet<State> {
        let shape = try CellShape.states(of: type, for: name)
        return try single(describe(name, help: help, unit: nil, kind: .stateSet, shape: shape))
    }

    /// Registers a family of state sets.
    ///
    /// - Parameters:
    ///   - name: what the states are of.
    ///   - help: what it means, one sentence.
    ///   - type: an enum of up to 64 plain cases.
    ///   - limits: how many label sets, and how long an idle one is shown.
    ///   - labels: the labels' names; none of them the metric's own name.
    /// - Throws: ``MetricError`` for bad names or type, or a name that is taken by another shape.
    public func stateSet<State: CaseIterable & Sendable, each Label: LabelName>(
        _ name: String, help: String, of type: State.Type, limits: SeriesLimits = .standard,
        labels: repeat each Label
    ) throws(MetricError) -> Family<StateSet<State>, (repeat (each Label).Value)> {
        let labels = LabelDescription.list(repeat each labels)
        let shape = try CellShape.states(of: type, for: name)
        return try family(
            describe(name, help: help, unit: nil, kind: .stateSet, labels: labels, shape: shape, limits: limits))
    }

    /// Registers a metric of unknown kind without labels, for a name that others have given.
    ///
    /// - Parameters:
    ///   - name: any valid name.
    ///   - help: what it means, one sentence.
    /// - Throws: ``MetricError`` for a bad name, or one that is taken by another shape.
    public func untyped(_ name: String, help: String) throws(MetricError) -> Untyped {
        try single(describe(name, help: help, unit: nil, kind: .untyped))
    }

    /// Registers a family of metrics of unknown kind, for a name that others have given.
    ///
    /// - Parameters:
    ///   - name: any valid name.
    ///   - help: what it means, one sentence.
    ///   - limits: how many label sets, and how long an idle one is shown.
    ///   - labels: the labels' names: strings, or ``EnumLabel``s.
    /// - Throws: ``MetricError`` for bad names, or a name that is taken by another shape.
    public func untyped<each Label: LabelName>(
        _ name: String, help: String, limits: SeriesLimits = .standard, labels: repeat each Label
    ) throws(MetricError) -> Family<Untyped, (repeat (each Label).Value)> {
        let labels = LabelDescription.list(repeat each labels)
        return try family(describe(name, help: help, unit: nil, kind: .untyped, labels: labels, limits: limits))
    }
}
