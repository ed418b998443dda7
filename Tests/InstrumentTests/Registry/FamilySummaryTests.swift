// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Instrument

@Suite struct FamilySummaryTests {
    private enum Outcome: String, CaseIterable {
        case hit
        case miss
    }

    @Test func familiesTellWhatTheyWereRegisteredAsByName() throws {
        let metrics = MetricRegistry(constantLabels: ["cluster": "eu"])
        _ = try metrics.counter("lookups_total", help: "Lookups.", labels: EnumLabel<Outcome>("outcome"), "cache")
        _ = try metrics.histogram("job_duration_seconds", help: "Time.", buckets: [0.1, 1], labels: "queue")
        _ = try metrics.summary("size_bytes", help: "Size.", unit: "bytes", quantiles: [0.9, 0.5])
        _ = try metrics.stateSet("mode", help: "Mode.", of: Outcome.self)
        func summary(
            _ name: String, _ help: String, unit: String? = nil, _ kind: MetricKind,
            labels: [FamilySummary.Label] = [], bounds: [Double] = [], quantiles: [Double] = [], states: [String] = []
        ) -> FamilySummary {
            FamilySummary(
                name: name, help: help, unit: unit, kind: kind, labels: labels, constantLabels: ["cluster": "eu"],
                bucketBounds: bounds, quantiles: quantiles, states: states)
        }
        #expect(
            metrics.families().filter { !$0.name.hasPrefix("instrument_") } == [
                summary(
                    "job_duration_seconds", "Time.", .histogram, labels: [.init(name: "queue", cases: nil)],
                    bounds: [0.1, 1]),
                summary(
                    "lookups_total", "Lookups.", .counter,
                    labels: [.init(name: "outcome", cases: ["hit", "miss"]), .init(name: "cache", cases: nil)]),
                summary("mode", "Mode.", .stateSet, states: ["hit", "miss"]),
                summary("size_bytes", "Size.", unit: "bytes", .summary, quantiles: [0.5, 0.9]),
            ])
    }
}
