// SPDX-License-Identifier: Apache-2.0

/// What a registered family is, for those who write about it: alert rules, dashboards, descriptions.
package struct FamilySummary: Sendable, Equatable {
    /// One label of a family.
    package struct Label: Sendable, Equatable {
        /// The name as scrapers see it.
        package let name: String
        /// The values of an enum label; nil for any text.
        package let cases: [String]?
    }

    /// The name as scrapers see it.
    package let name: String
    /// What the metric means, for people.
    package let help: String
    /// The declared base unit, or nil.
    package let unit: String?
    /// The type.
    package let kind: MetricKind
    /// Labels that differ between series.
    package let labels: [Label]
    /// Labels that all series share, by name.
    package var constantLabels: [String: String]
    /// The finite upper bounds of a histogram's classic buckets, ascending.
    package let bucketBounds: [Double]
    /// The shares that a summary tells the values of, ascending.
    package let quantiles: [Double]
    /// The names of a state set's states.
    package let states: [String]
}

extension FamilySummary {
    init(_ description: FamilyDescription) {
        name = description.exposedName
        help = description.help
        unit = description.unit
        kind = description.kind
        labels = description.labels.map { Label(name: $0.exposedName, cases: $0.cases) }
        constantLabels = Dictionary(
            description.constantLabels.map { (NameRules.classic($0.name, colon: false), $0.value) },
            uniquingKeysWith: { first, _ in first })
        bucketBounds = description.shape.bounds
        quantiles = description.shape.quantiles
        states = description.shape.states
    }
}

extension MetricRegistry {
    /// What is registered at this moment, what the registry counts about itself included, by name.
    package func families() -> [FamilySummary] {
        entries().sorted.map { FamilySummary($0.storage.description) }
    }
}
