// SPDX-License-Identifier: Apache-2.0

import Instrument

/// Alertmanager's configuration
/// ([configuration](https://prometheus.io/docs/alerting/latest/configuration/)).
struct AlertmanagerFile {
    static let name = "alertmanager.yml"

    let settings: AlertmanagerSettings
    let rules: [AlertRule]
    let catalogue: MetricCatalogue

    /// The document.
    ///
    /// - Throws: `ServerError` for a receiver that cannot be, and for a group that no alert is in.
    func yaml() throws(ServerError) -> YAML {
        for (name, duration) in [
            ("groupWait", settings.groupWait), ("groupInterval", settings.groupInterval),
            ("repeatInterval", settings.repeatInterval),
        ] where duration < .seconds(1) || duration > .seconds(30 * 86_400) {
            throw ServerError(
                .invalidArtifact, "alertmanager.\(name): is \(duration); use a second to 30 days")
        }
        let groups = Set(rules.map(\.group))
        let byGroup = settings.byGroup.sorted { $0.key < $1.key }
        for (group, _) in byGroup where !groups.contains(group) {
            throw ServerError(
                .invalidArtifact,
                "alertmanager.byGroup \"\(group)\": no alert is in that group; there are \(groups.sorted().joined(separator: ", "))"
            )
        }
        let severities = [
            (AlertSeverity.critical, settings.critical), (.warning, settings.warning), (.info, settings.info),
        ]
        var receivers: [YAML] = [try AlertReceiver.nobody.yaml(name: "default")]
        var routes: [YAML] = []
        for (group, receiver) in byGroup {
            receivers.append(try receiver.yaml(name: "group-\(group)"))
            routes.append(route(LabelMatcher("group", .equal, group), "group-\(group)", severity: nil))
        }
        for (severity, receiver) in severities {
            receivers.append(try receiver.yaml(name: severity.rawValue))
            routes.append(
                route(LabelMatcher("severity", .equal, severity.rawValue), severity.rawValue, severity: severity))
        }
        return .map([
            .init(
                "route",
                .map([
                    .init("receiver", .text("default")),
                    .init("group_by", .list(["alertname", "job", "group"].map(YAML.text))),
                    .init("group_wait", .text(PromQLText.duration(settings.groupWait))),
                    .init("group_interval", .text(PromQLText.duration(settings.groupInterval))),
                    .init("repeat_interval", .text(PromQLText.duration(settings.repeatInterval))),
                    .init("routes", .list(routes)),
                ])), .init("receivers", .list(receivers)), .init("inhibit_rules", .list(inhibitions)),
        ])
    }

    private func route(_ matcher: LabelMatcher, _ receiver: String, severity: AlertSeverity?) -> YAML {
        var entries: [YAML.Entry] = [
            .init("matchers", .list([.text(matcher.text)])), .init("receiver", .text(receiver)),
        ]
        if severity == .critical {
            entries.append(.init("group_interval", .text(PromQLText.duration(settings.groupWait))))
        }
        return .map(entries)
    }

    /// What silences what.
    private var inhibitions: [YAML] {
        func inhibition(_ source: [LabelMatcher], _ target: [LabelMatcher], equal: [String]) -> YAML {
            .map([
                .init("source_matchers", .list(source.map { .text($0.text) })),
                .init("target_matchers", .list(target.map { .text($0.text) })),
                .init("equal", .list(equal.map(YAML.text))),
            ])
        }
        let critical = LabelMatcher("severity", .equal, "critical")
        // The critical alert of a name says what its warning says, and more.
        var all = [
            inhibition(
                [critical], [LabelMatcher("severity", .matching, "warning|info")],
                equal: ["alertname", "job", "instance"] + gradedLabels)
        ]
        let down = Set(rules.filter(\.condition.isDown).map(\.name)).sorted()
        if !down.isEmpty {
            // Of a service that is away everything else only says that it is away.
            let names = down.map(PromQLText.escapedForRegularExpression).joined(separator: "|")
            all.append(
                inhibition(
                    [LabelMatcher("alertname", .matching, names)], [LabelMatcher("alertname", .notMatching, names)],
                    equal: ["job", "instance"]))
        }
        let names = Set(rules.map(\.name))
        let burns = ["ErrorBudgetBurnFast", "ErrorBudgetBurnSlow", "ErrorBudgetBurnSteady"].filter(names.contains)
        for (index, name) in burns.dropLast().enumerated() {
            all.append(
                inhibition(
                    [LabelMatcher("alertname", .equal, name)],
                    [LabelMatcher("alertname", .matching, burns[(index + 1)...].joined(separator: "|"))],
                    equal: ["job", "objective"]))
        }
        return all
    }

    /// Labels by which the alerts of one rule differ, of names with a critical and another severity: a critical alert of
    /// one queue says nothing about another queue.
    private var gradedLabels: [String] {
        let critical = Set(rules.filter { $0.severity == .critical }.map(\.name))
        let graded = Set(rules.filter { $0.severity != .critical }.map(\.name)).intersection(critical)
        var labels: Set<String> = []
        for selector in rules.filter({ graded.contains($0.name) }).flatMap(\.condition.selectors) {
            guard let sample = catalogue.sample(selector.name) else { continue }
            labels.formUnion(sample.family.labels.map(\.name))
        }
        return labels.subtracting(MetricCatalogue.targetLabels).sorted()
    }
}

extension AlertCondition {
    /// Whether the condition is that Prometheus cannot scrape the service.
    fileprivate var isDown: Bool {
        guard case .comparison(let query, .equal(0)) = form, case .value(let series) = query.form else { return false }
        return series.name == "up"
    }
}
