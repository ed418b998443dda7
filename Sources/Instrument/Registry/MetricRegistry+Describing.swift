// SPDX-License-Identifier: Apache-2.0

// The one path behind all registrations.

extension MetricRegistry {
    func describe(
        _ name: String, help: String, unit: String?, kind: MetricKind, labels: [LabelDescription] = [],
        shape: CellShape = .scalar, limits: SeriesLimits = .standard
    ) -> FamilyDescription {
        FamilyDescription(
            name: name, help: help, unit: unit, kind: kind, labels: labels, constantLabels: constantLabels,
            shape: shape, limits: limits)
    }

    func single<M: Metric>(_ description: FamilyDescription) throws(MetricError) -> M {
        M(series: try register(description).single)
    }

    func family<M: Metric, Labels>(_ description: FamilyDescription) throws(MetricError) -> Family<M, Labels> {
        Family(storage: try register(description))
    }
}

extension LabelDescription {
    /// The descriptions of a pack of label names.
    static func list<each Label: LabelName>(_ names: repeat each Label) -> [LabelDescription] {
        var list: [LabelDescription] = []
        for name in repeat each names { list.append(LabelDescription(name)) }
        return list
    }
}

extension CellShape {
    /// The words of a histogram, its buckets checked.
    static func histogram(
        _ buckets: HistogramBuckets, _ native: NativeBuckets?, for name: String
    ) throws(MetricError) -> CellShape {
        try native?.check(for: name)
        return CellShape(bounds: try buckets.checked(for: name), native: native)
    }

    /// The words of a summary, its quantiles checked.
    static func summary(_ quantiles: [Double], window: Duration, for name: String) throws(MetricError) -> CellShape {
        let sorted = Set(quantiles).sorted()
        guard quantiles.allSatisfy({ $0 >= 0 && $0 <= 1 }), sorted.count <= 100 else {
            throw MetricError(
                .invalidOption, subject: name, reason: "has quantiles \(quantiles); use up to 100 numbers from 0 to 1")
        }
        guard window >= .seconds(1) else {
            throw MetricError(
                .invalidOption, subject: name, reason: "has a window of \(window); use at least one second")
        }
        return CellShape(quantiles: sorted, window: window)
    }

    /// The word of a state set, its type checked.
    static func states<State: CaseIterable>(of type: State.Type, for name: String) throws(MetricError) -> CellShape {
        guard EnumOrdinal.isDense(type), type.allCases.count <= 64 else {
            throw MetricError(
                .invalidOption, subject: name, reason: "\(type) is not an enum of 1 to 64 plain cases; use one")
        }
        var texts = [String](repeating: "", count: type.allCases.count)
        for state in type.allCases { texts[EnumOrdinal.of(state)] = EnumOrdinal.text(of: state) }
        return CellShape(states: texts)
    }
}
