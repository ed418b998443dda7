// SPDX-License-Identifier: Apache-2.0

/// What a registry counts about itself.
struct RegistryOwnMetrics: Sendable {
    /// Updates that were not taken, by family.
    let refusals: Family<Counter, String>
    /// Label sets that went to the overflow series, by family.
    let overflows: Family<Counter, String>
    /// Values that a summary's window had no room for, by family.
    let valuesBeyond: Family<Counter, String>
    /// Collectors that threw, by name.
    let collectorFailures: Family<Counter, String>
    /// Collectors that were not done in time, by name.
    let collectorTimeouts: Family<Counter, String>

    init(constantLabels: [ConstantLabel], time: TimeSource) {
        func family(_ name: String, by label: String, _ help: String) -> Family<Counter, String> {
            let description = FamilyDescription(
                name: name, help: help, unit: nil, kind: .counter, labels: [LabelDescription(name: label)],
                constantLabels: constantLabels, shape: .scalar, limits: SeriesLimits(seriesMax: .max))
            return Family(storage: FamilyStorage(description, time: time, ownMetrics: nil))
        }
        refusals = family(
            "instrument_refused_updates_total", by: "family",
            "Updates that were not taken: negative, NaN or not finite.")
        overflows = family(
            "instrument_series_overflow_total", by: "family",
            "Label sets past the limits of their family, counted in its overflow series.")
        valuesBeyond = family(
            "instrument_summary_values_beyond_total", by: "family",
            "Values past the range of their summary's window, counted in its quantiles as the nearest in range.")
        collectorFailures = family(
            "instrument_collector_failures_total", by: "collector", "Scrapes that a collector failed in.")
        collectorTimeouts = family(
            "instrument_collector_timeouts_total", by: "collector",
            "Scrapes that a collector was left out of because it had not returned in time.")
    }

    /// The families behind them.
    var storages: [FamilyStorage] {
        [refusals, overflows, valuesBeyond, collectorFailures, collectorTimeouts].map(\.storage)
    }
}
