// SPDX-License-Identifier: Apache-2.0

import Instrument

/// The sections that a dashboard has by itself: an overview, then everything that is registered.
struct DefaultSections {
    let catalogue: MetricCatalogue
    /// The matcher of the service's own series.
    let job: LabelMatcher

    /// Families of one section that have a panel; the section's title tells when there are more.
    private static let panelsMax = 60

    /// How the package's own families are sorted into sections; the rest is the service's.
    private static let prefixes: [(title: String, prefixes: [String])] = [
        ("Health", ["health_", "component_health"]),
        ("Requests", ["http_"]),
        ("Objectives", ["objective_", "watch_"]),
        ("Resources", ["process_", "system_", "cgroup_"]),
        ("Instrumentation", ["instrument_", "log_"]),
    ]

    /// The overview, in small panels.
    func overview() -> DashboardSection {
        var section = DashboardSection("Overview")
        func add(_ title: String, _ query: MetricQuery, _ unit: PanelUnit, legend: String? = nil) {
            section.add(
                DashboardPanel(
                    title: title, content: .queries([.init(query: query, legend: legend)]), unit: unit, kind: .stat,
                    scope: [job]))
        }
        add("Instances up", .sum(.value("up")), .number)
        if catalogue.has("process_start_time_seconds") {
            add("Uptime", .age(of: "process_start_time_seconds"), .seconds, legend: "{{instance}}")
        }
        if catalogue.has("component_health") {
            add("Checks that fail", .promQL("count(component_health{\(job.text)} == 0) or vector(0)"), .number)
        }
        if let requests = CountedRequests(catalogue) {
            add("Requests", .sum(.rate(requests.total, over: .seconds(300))), .perSecond)
            add(
                "Failed requests", .rateRatio(requests.failed, to: requests.total, over: .seconds(300), by: []), .ratio)
            add(
                "Response time (p95)",
                .quantile(0.95, of: MetricSelector(requests.duration), over: .seconds(300)), .seconds)
        }
        if catalogue.has("objective_budget_remaining_ratio") {
            add(
                "Error budget left", .min(.value("objective_budget_remaining_ratio"), by: ["objective"]), .ratio,
                legend: "{{objective}}")
        }
        return section
    }

    /// Everything that is registered, the service's own families first.
    func everything() -> [DashboardSection] {
        let panels = RegisteredPanels(catalogue: catalogue, job: job)
        let own = Self.prefixes.flatMap(\.prefixes)
        let families = catalogue.families
        var sections: [DashboardSection] = []
        func add(_ title: String, _ families: [FamilySummary]) {
            guard !families.isEmpty else { return }
            let shown = families.prefix(Self.panelsMax)
            var section = DashboardSection(
                shown.count < families.count ? "\(title): \(shown.count) of \(families.count) metrics" : title)
            let all = shown.map(panels.panel)
            // Small ones stand together above the graphs.
            for panel in all where panel.kind == .stat { section.add(panel) }
            for panel in all where panel.kind != .stat { section.add(panel) }
            sections.append(section)
        }
        add("Service", families.filter { family in !own.contains { family.name.hasPrefix($0) } })
        for (title, prefixes) in Self.prefixes {
            add(title, families.filter { family in prefixes.contains { family.name.hasPrefix($0) } })
        }
        return sections
    }
}
