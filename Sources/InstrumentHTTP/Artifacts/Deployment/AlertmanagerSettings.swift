// SPDX-License-Identifier: Apache-2.0

import Instrument

/// Who is told of alerts, and how often.
public struct AlertmanagerSettings: Sendable, Equatable {
    /// Who is told of critical alerts.
    public var critical = AlertReceiver.none
    /// Who is told of warnings.
    public var warning = AlertReceiver.none
    /// Who is told of the rest.
    public var info = AlertReceiver.none
    /// Who is told of the alerts of a group instead, by the group's name; whatever their severity.
    public var byGroup: [String: AlertReceiver] = [:]
    /// How long alerts are gathered before the first message.
    public var groupWait: Duration = .seconds(10)
    /// How long a changed group waits for its next message; critical alerts wait for ``groupWait`` alone.
    public var groupInterval: Duration = .seconds(300)
    /// When an alert that still fires is told again.
    public var repeatInterval: Duration = .seconds(12 * 3_600)

    /// The defaults: nobody is told.
    public init() {}
}

/// Alertmanager's configuration
/// ([configuration](https://prometheus.io/docs/alerting/latest/configuration/)).
struct AlertmanagerFile {
    static let name = "alertmanager.yml"

    let settings: AlertmanagerSettings
    let rules: [AlertRule]

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
        var receivers: [YAML] = [try AlertReceiver.none.yaml(name: "default")]
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
                equal: ["alertname", "job", "instance"])
        ]
        let names = Set(rules.map(\.name))
        if names.contains("ServiceDown") {
            // Of a service that is away everything else only says that it is away.
            all.append(
                inhibition(
                    [LabelMatcher("alertname", .equal, "ServiceDown")],
                    [LabelMatcher("alertname", .different, "ServiceDown")], equal: ["job", "instance"]))
        }
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
}
