// SPDX-License-Identifier: Apache-2.0

import Foundation
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
        // Series of labels appear with their first event: nothing yet is 0. Of health and of times 0 would say something
        // else.
        let isZeroWithoutSeries =
            !labels.isEmpty && !Self.isTimestamp(family) && !Self.isHealth(family)
        var unit = PanelUnit(family)
        var kind = PanelKind.graph
        var targets: [DashboardPanel.Target]
        switch family.kind {
        case .counter:
            unit = unit.perSecond
            targets = [.init(query: .sum(.rate(series, over: Self.window), by: labels), legend: legend)]
        case .gauge, .untyped:
            let shown = (["instance"] + family.labels.map(\.name)).map { "{{\($0)}}" }.joined(separator: " ")
            if Self.isTimestamp(family) {
                unit = .seconds
                kind = .stat
                targets = [.init(query: .age(of: series), legend: shown)]
            } else {
                targets = [.init(query: .value(series), legend: shown)]
            }
        case .histogram:
            targets = [0.5, 0.95, 0.99].map {
                .init(query: .quantile($0, of: series, over: Self.window), legend: Self.name(ofQuantile: $0))
            }
            if family.bucketBounds.isEmpty { targets = [mean(of: series, by: labels, legend)] }
        case .summary:
            targets = family.quantiles.map {
                .init(
                    query: .max(.summaryQuantile($0, of: series), by: labels),
                    legend: Self.name(ofQuantile: $0) + (legend.isEmpty ? "" : " " + legend))
            }
            // More than a panel has queries for: all in one.
            if family.quantiles.count > 26 {
                targets = [
                    .init(query: .max(.value(series), by: ["quantile"] + labels), legend: "{{quantile}} " + legend)
                ]
            }
            if family.quantiles.isEmpty { targets = [mean(of: series, by: labels, legend)] }
        case .info:
            kind = .table
            targets = [.init(query: .value(series))]
        case .stateSet: targets = [.init(query: .value(series), legend: "{{instance}} {{\(family.stateLabel)}}")]
        }
        if isZeroWithoutSeries {
            targets = targets.map { .init(query: $0.query, legend: $0.legend, isZeroWithoutSeries: true) }
        }
        return DashboardPanel(
            title: Self.title(of: family), note: "\(family.name): \(family.help)", content: .queries(targets),
            unit: unit,
            kind: kind, scope: [job])
    }

    /// The mean of what has sums and counts alone.
    private func mean(of series: MetricSelector, by labels: [String], _ legend: String) -> DashboardPanel.Target {
        .init(
            query: .rateRatio(
                series.renamed(series.name + "_sum"), to: series.renamed(series.name + "_count"), over: Self.window,
                by: labels), legend: "mean " + legend)
    }

    /// Whether a gauge tells the status of something, whose 0 is a failure.
    private static func isHealth(_ family: FamilySummary) -> Bool {
        ["health_", "component_health"].contains { family.name.hasPrefix($0) } && family.kind == .gauge
    }

    /// Whether a gauge holds a Unix time.
    private static func isTimestamp(_ family: FamilySummary) -> Bool {
        ["_timestamp", "_timestamp_seconds", "_time_seconds"].contains { family.name.hasSuffix($0) }
            && family.kind == .gauge
    }

    /// The beginning of the help if it is short, else the name.
    private static func title(of family: FamilySummary) -> String {
        // What follows tells values or the unit, which the panel shows itself.
        var title = family.help[..<(end(of: family.help, [". ", ": ", "; ", "\n", ", in "]))]
        if title.hasSuffix(".") { title.removeLast() }
        if title.count > 60 { title = title[..<(end(of: title, [", "]))] }
        guard (1...80).contains(title.count) else { return family.name }
        return String(title) + (isTimestamp(family) ? ": how long ago" : "")
    }

    /// Where the first of some marks stands in a text, or the text's end.
    private static func end<Text: StringProtocol>(of text: Text, _ marks: [String]) -> String.Index {
        marks.compactMap { text.range(of: $0)?.lowerBound }.min() ?? text.endIndex
    }

    private static func name(ofQuantile share: Double) -> String {
        "p" + PromQLText.number((share * 1e6).rounded() / 1e4)
    }
}
