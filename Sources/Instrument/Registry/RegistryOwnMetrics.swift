// SPDX-License-Identifier: Apache-2.0

/// What a registry counts about itself.
struct RegistryOwnMetrics: Sendable {
    /// Updates that were not taken, by family.
    let refusals: Family<Counter, String>
    /// Label sets that went to the overflow series, by family.
    let overflows: Family<Counter, String>

    static let refusalsName = "instrument_refused_updates_total"
    static let overflowsName = "instrument_series_overflow_total"

    init(constantLabels: [ConstantLabel], time: TimeSource) {
        func family(_ name: String, _ help: String) -> Family<Counter, String> {
            let description = FamilyDescription(
                name: name, help: help, unit: nil, kind: .counter, labels: [LabelDescription(name: "family")],
                constantLabels: constantLabels, shape: .scalar, limits: SeriesLimits(seriesMax: .max))
            return Family(storage: FamilyStorage(description, time: time, ownMetrics: nil))
        }
        refusals = family(Self.refusalsName, "Updates that were not taken: negative, NaN or not finite.")
        overflows = family(
            Self.overflowsName, "Label sets past the limits of their family, counted in its overflow series.")
    }
}
