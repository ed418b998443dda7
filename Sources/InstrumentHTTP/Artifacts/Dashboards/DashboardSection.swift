// SPDX-License-Identifier: Apache-2.0

import Instrument

/// How a panel shows its queries.
public enum PanelKind: String, Sendable {
    /// Lines over time.
    case graph = "timeseries"
    /// The newest number, large.
    case stat
    /// The newest number on a dial.
    case gauge
    /// The newest values of all series as rows.
    case table
}

/// One panel of a dashboard.
struct DashboardPanel: Sendable, Equatable {
    /// One query of a panel.
    struct Target: Sendable, Equatable {
        let query: MetricQuery
        /// What a series is called, with `{{label}}` for labels; nil leaves it to Grafana.
        var legend: String?
        /// Whether a value of 0 stands for no series at all.
        var isZeroWithoutSeries = false
    }

    /// Where a panel's queries come from.
    enum Content: Sendable, Equatable {
        case queries([Target])
        /// From what is registered under a name.
        case registered(String)
    }

    /// nil takes the registration's.
    let title: String?
    var note: String?
    let content: Content
    /// nil takes what fits.
    var unit: PanelUnit?
    /// nil takes what fits.
    var kind: PanelKind?
    /// Matchers that every selector gets.
    var scope: [LabelMatcher] = []
}

/// Panels under one heading of a dashboard.
public struct DashboardSection: Sendable, Equatable {
    let title: String
    private(set) var panels: [DashboardPanel] = []

    init(_ title: String) { self.title = title }

    /// Adds a panel of one query.
    ///
    /// - Parameters:
    ///   - title: its heading.
    ///   - query: what it shows.
    ///   - unit: how numbers are written; nil takes the metric's unit.
    ///   - kind: how it is shown.
    public mutating func panel(
        _ title: String, _ query: MetricQuery, unit: PanelUnit? = nil, as kind: PanelKind = .graph
    ) {
        panel(title, [query], unit: unit, as: kind)
    }

    /// Adds a panel of several queries.
    ///
    /// - Parameters:
    ///   - title: its heading.
    ///   - queries: what it shows.
    ///   - unit: how numbers are written; nil takes the unit of the first query's metric.
    ///   - kind: how it is shown.
    public mutating func panel(
        _ title: String, _ queries: [MetricQuery], unit: PanelUnit? = nil, as kind: PanelKind = .graph
    ) {
        panels.append(
            DashboardPanel(
                title: title, content: .queries(queries.map { DashboardPanel.Target(query: $0) }), unit: unit,
                kind: kind))
    }

    /// Adds a panel for a registered metric: its kind decides about queries and unit, its help is the title.
    ///
    /// - Parameter metric: the name of a family, such as that of a histogram without `_bucket`.
    public mutating func panel(_ metric: String) { add(DashboardPanel(title: nil, content: .registered(metric))) }

    mutating func add(_ panel: DashboardPanel) { panels.append(panel) }
}

/// One dashboard.
public struct Dashboard: Sendable, Equatable {
    let title: String
    private(set) var sections: [DashboardSection] = []

    init(_ title: String) { self.title = title }

    /// Adds a section.
    ///
    /// - Parameters:
    ///   - title: its heading.
    ///   - fill: adds its panels.
    public mutating func section(_ title: String, _ fill: (inout DashboardSection) -> Void) {
        var section = DashboardSection(title)
        fill(&section)
        sections.append(section)
    }

    mutating func add(_ section: DashboardSection) { sections.append(section) }
}
