// SPDX-License-Identifier: Apache-2.0

import Instrument

/// Panels that follow from a registration.
struct RegisteredPanels {
    let catalogue: MetricCatalogue
    /// The matcher of the service's own series.
    let job: LabelMatcher

    private static let window = Duration.seconds(300)
    /// Labels that a graph keeps apart; more would make more lines than a reader can tell apart.
    private static let labelsMax = 2

    /// The panel of a family.
    func panel(of family: FamilySummary) -> DashboardPanel {
        let series = MetricSelector(family.name)
        let labels = Array(family.labels.map(\.name).prefix(Self.labelsMax))
        let legend = labels.map { "{{\($0)}}" }.joined(separator: " ")
        // Series of labels appear with their first event; before it there is nothing to draw.
        let mayBeEmpty = !labels.isEmpty
        var unit = PanelUnit(family)
        var kind = PanelKind.graph
        var targets: [DashboardPanel.Target]
        switch family.kind {
        case .counter:
            unit = unit.perSecond
            targets = [.init(query: .sum(.rate(series, over: Self.window), by: labels), legend: legend)]
        case .gauge, .untyped:
            let shown = "{{instance}}" + (legend.isEmpty ? "" : " " + legend)
            if Self.isTimestamp(family) {
                unit = .seconds
                kind = .stat
                targets = [.init(query: .age(of: series), legend: shown)]
            } else {
                targets = [.init(query: .value(series), legend: shown)]
            }
        case .histogram:
            targets =
                family.bucketBounds.isEmpty
                ? [
                    .init(
                        query: .rateRatio(
                            series.renamed(family.name + "_sum"), to: series.renamed(family.name + "_count"),
                            over: Self.window, by: labels), legend: "mean " + legend)
                ]
                : [0.5, 0.95, 0.99].map {
                    .init(query: .quantile($0, of: series, over: Self.window), legend: Self.name(ofQuantile: $0))
                }
        case .summary:
            targets =
                family.quantiles.isEmpty
                ? [
                    .init(
                        query: .rateRatio(
                            series.renamed(family.name + "_sum"), to: series.renamed(family.name + "_count"),
                            over: Self.window, by: labels), legend: "mean " + legend)
                ]
                : family.quantiles.map {
                    .init(
                        query: .max(.summaryQuantile($0, of: series), by: labels),
                        legend: Self.name(ofQuantile: $0) + (legend.isEmpty ? "" : " " + legend))
                }
        case .info:
            kind = .table
            targets = [.init(query: .value(series))]
        case .stateSet: targets = [.init(query: .value(series), legend: "{{instance}} {{\(family.name)}}")]
        }
        if mayBeEmpty { targets = targets.map { .init(query: $0.query, legend: $0.legend, isZeroWithoutSeries: true) } }
        return DashboardPanel(
            title: Self.title(of: family), note: "\(family.name): \(family.help)", content: .queries(targets),
            unit: unit,
            kind: kind, scope: [job])
    }

    /// Whether a gauge holds a Unix time.
    private static func isTimestamp(_ family: FamilySummary) -> Bool {
        ["_timestamp", "_timestamp_seconds", "_time_seconds"].contains { family.name.hasSuffix($0) }
            && family.kind == .gauge
    }

    /// The help's first sentence if it is short, else the name.
    private static func title(of family: FamilySummary) -> String {
        let sentence = family.help.prefix { $0 != "." && $0 != "\n" && $0 != ";" }
        return (1...60).contains(sentence.count) ? String(sentence) : family.name
    }

    private static func name(ofQuantile share: Double) -> String {
        "p" + PromQLText.number((share * 1e6).rounded() / 1e4)
    }
}
