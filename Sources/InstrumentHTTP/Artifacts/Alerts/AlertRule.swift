// SPDX-License-Identifier: Apache-2.0

/// How urgent an alert is.
public enum AlertSeverity: String, Sendable, Hashable, CaseIterable {
    /// Somebody must act at once.
    case critical
    /// Somebody should look within the day.
    case warning
    /// For the record.
    case info
}

/// One alert of one severity.
struct AlertRule: Sendable, Equatable {
    let name: String
    let condition: AlertCondition
    /// How long the condition must hold.
    let wait: Duration
    let severity: AlertSeverity
    /// What the alert is about, such as `database`: its rule group and a label.
    let group: String
    let summary: String
    let description: String?
    /// Matchers that every selector gets.
    var scope: [LabelMatcher] = []

    /// The expression.
    var promQL: String { condition.promQL(in: scope) }

    /// The rule as an entry of a rule file.
    var yaml: YAML {
        var entries: [YAML.Entry] = [.init("alert", .text(name)), .init("expr", .text(promQL))]
        if wait > .zero { entries.append(.init("for", .text(PromQLText.duration(wait)))) }
        entries.append(.init("labels", .map(texts: [("severity", severity.rawValue), ("group", group)])))
        var annotations = [("summary", summary)]
        if let description { annotations.append(("description", description)) }
        entries.append(.init("annotations", .map(texts: annotations)))
        return .map(entries)
    }

    /// Checks the rule against what is registered.
    func check(_ catalogue: MetricCatalogue) throws(ServerError) {
        do throws(ServerError) {
            try condition.check(catalogue)
            for text in [summary, description ?? ""] {
                // By byte: Prometheus finds them under a combining mark, too.
                guard text.utf8.ranges(of: "{{".utf8).count == text.utf8.ranges(of: "}}".utf8).count else {
                    throw ServerError(
                        .invalidArtifact, "annotation \"\(text)\": its {{ and }} do not pair up; correct the template")
                }
            }
            guard group.utf8.ranges(of: "{{".utf8).isEmpty else {
                throw ServerError(
                    .invalidArtifact, "group \"\(group)\": is a label, in which {{ begins a template; leave it out")
            }
            guard !name.isEmpty, !group.isEmpty else {
                throw ServerError(.invalidArtifact, "name or group is empty; give both")
            }
            guard wait >= .zero, wait <= .seconds(7 * 86_400) else {
                throw ServerError(.invalidArtifact, "waits for \(wait); use 0 to a week")
            }
        } catch {
            throw naming(error)
        }
    }

    /// An error with the alert's name in front.
    func naming(_ error: ServerError) -> ServerError {
        ServerError(.invalidArtifact, "alert \"\(name)\": \(error.description)")
    }
}
