// SPDX-License-Identifier: Apache-2.0

import HealthProbes
import Instrument

/// What runs beside a service, generated from what the service has registered: alert rules with their unit tests,
/// dashboards, configurations of Prometheus and Alertmanager, and Kubernetes' probes.
///
/// ```swift
/// var artifacts = ServiceArtifacts(job: "orders", metrics: [metrics], health: health)
/// artifacts.alert(
///     "QueueGrowing", when: .value("queue_length") > 100, for: .seconds(300), severity: .warning,
///     summary: "The queue grows")
/// endpoint.artifacts = artifacts
/// ```
///
/// Names are looked up when a server starts and when files are made, so that alerts may name metrics that are registered
/// in between.
public struct ServiceArtifacts: Sendable {
    /// The name of the service for Prometheus: the label `job` of its series.
    public let job: String
    /// Metrics of other exporters that alerts and panels may name; a name that ends in `*` is a prefix.
    public var outsideMetrics: [String] = []
    /// Alerts that follow from what is registered.
    public var automatic = AutomaticAlerts()
    /// Whether the service's dashboard shows everything that is registered, besides what is declared.
    public var showsDefaultPanels = true
    /// How Prometheus reads the service.
    public var scrape = ScrapeSettings()
    /// Who is told of alerts.
    public var alertmanager = AlertmanagerSettings()
    /// How Kubernetes and images ask whether the service is well.
    public var probes = ProbeSettings()

    let registries: [MetricRegistry]
    let health: HealthRegistry?
    private(set) var declaredAlerts: [AlertRule] = []
    private(set) var declaredSections: [DashboardSection] = []
    private(set) var declaredDashboards: [Dashboard] = []
    /// The endpoint that the files are about; a server puts its own here.
    var site = ArtifactSite(EndpointConfiguration())

    /// Describes a service.
    ///
    /// - Parameters:
    ///   - job: its name; letters, digits, `-`, `_` and `.`.
    ///   - metrics: every registry that is scraped; objectives are found by their metrics.
    ///   - health: its checks.
    public init(job: String, metrics: [MetricRegistry], health: HealthRegistry? = nil) {
        self.job = job
        registries = metrics
        self.health = health
    }

    // MARK: Alerts

    /// Declares an alert; an automatic one of the same name is left out.
    ///
    /// - Parameters:
    ///   - name: unique for each severity; a warning and a critical alert may share it, and the critical one then silences
    ///     the warning.
    ///   - condition: when it is pending.
    ///   - wait: how long the condition must hold until it fires.
    ///   - severity: how urgent it is.
    ///   - group: what it is about, such as `database`: its rule group and a label.
    ///   - summary: one line; templates of Prometheus are allowed.
    ///   - description: more about it; templates of Prometheus are allowed.
    public mutating func alert(
        _ name: String, when condition: AlertCondition, for wait: Duration = .zero,
        severity: AlertSeverity = .warning, group: String = "application", summary: String,
        description: String? = nil
    ) {
        declaredAlerts.append(
            AlertRule(
                name: name, condition: condition, wait: wait, severity: severity, group: group, summary: summary,
                description: description))
    }

    /// Declares an alert whose expression is of no known kind, with series that try it.
    ///
    /// - Parameters:
    ///   - name: unique for each severity.
    ///   - expression: PromQL, used as it is.
    ///   - wait: how long the expression must hold until it fires.
    ///   - firing: series, such as `x{instance="a"}`, under which it fires.
    ///   - clear: the same series when nothing is wrong.
    ///   - severity: how urgent it is.
    ///   - group: what it is about.
    ///   - summary: one line.
    ///   - description: more about it.
    public mutating func alert(
        _ name: String, whenPromQL expression: String, for wait: Duration = .zero,
        firing: [String: TrialSamples], clear: [String: TrialSamples], severity: AlertSeverity = .warning,
        group: String = "application", summary: String, description: String? = nil
    ) {
        alert(
            name, when: AlertCondition(.promQL(expression, firing: firing, clear: clear)), for: wait,
            severity: severity, group: group, summary: summary, description: description)
    }

    // MARK: Dashboards

    /// Adds a section to the service's dashboard, behind its overview.
    ///
    /// - Parameters:
    ///   - title: its heading.
    ///   - fill: adds its panels.
    public mutating func section(_ title: String, _ fill: (inout DashboardSection) -> Void) {
        var section = DashboardSection(title)
        fill(&section)
        declaredSections.append(section)
    }

    /// Adds a dashboard besides the service's own: `dashboard-queue.json` for "Queue".
    ///
    /// - Parameters:
    ///   - title: its name.
    ///   - fill: adds its sections.
    public mutating func dashboard(_ title: String, _ fill: (inout Dashboard) -> Void) {
        var dashboard = Dashboard(title)
        fill(&dashboard)
        declaredDashboards.append(dashboard)
    }

    /// What is registered now.
    var catalogue: MetricCatalogue {
        MetricCatalogue(registries.flatMap { $0.families() }, outside: outsideMetrics)
    }

    /// All alerts: the automatic ones, then the declared ones.
    ///
    /// - Throws: `ServerError` for an alert that does not fit what is registered, and for a name that is declared twice.
    func alertRules(_ catalogue: MetricCatalogue) throws(ServerError) -> [AlertRule] {
        let allowed = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.".utf8)
        guard job.utf8.allSatisfy(allowed.contains), !DashboardFile.slug(job).isEmpty else {
            throw ServerError(.invalidArtifact, "job \"\(job)\": use letters, digits, -, _ and .")
        }
        let declared = Set(declaredAlerts.map(\.name))
        let automatic = AutomaticRules(
            settings: automatic, catalogue: catalogue, job: LabelMatcher("job", .equal, job), health: health)
        let rules = automatic.rules().filter { !declared.contains($0.name) } + declaredAlerts
        for (index, rule) in rules.enumerated() {
            try rule.check(catalogue)
            if rules[..<index].contains(where: { $0.name == rule.name && $0.severity == rule.severity }) {
                throw rule.naming(
                    ServerError(.invalidArtifact, "is declared twice with one severity; rename one of them"))
            }
        }
        return rules
    }
}
