// SPDX-License-Identifier: Apache-2.0

import Instrument

/// The samples that queries may name: those of registered families, and those of other exporters that were declared.
struct MetricCatalogue: Sendable {
    /// What a sample is within its family.
    enum Role: Sendable {
        /// The family's own value: of a gauge, an untyped metric, an info.
        case value
        /// A counter's total.
        case total
        /// A histogram's bucket, with the label `le`.
        case bucket
        /// A `_sum` or `_count`.
        case part
        /// A summary's value, with the label `quantile`.
        case quantile
        /// A state set's state, in a label of the family's name.
        case state
        /// A histogram's own name, which is no sample.
        case histogram

        /// Whether it only grows.
        var isTotal: Bool { self == .total || self == .bucket || self == .part }
    }

    struct Sample: Sendable {
        let family: FamilySummary
        let role: Role
    }

    /// Labels that Prometheus gives every series.
    static let targetLabels = ["job", "instance"]
    /// What Prometheus itself writes for each target.
    private static let ofPrometheus = ["up", "scrape_*", "ALERTS", "ALERTS_FOR_STATE"]

    /// By name; a family of several registries stands once.
    let families: [FamilySummary]
    private var samples: [String: Sample] = [:]
    private let outside: [String]

    init(_ families: [FamilySummary], outside: [String] = []) {
        var byName: [String: FamilySummary] = [:]
        for family in families {
            byName[family.name, default: family].constantLabels.merge(family.constantLabels) { first, _ in first }
        }
        self.families = byName.values.sorted { $0.name < $1.name }
        self.outside = outside + Self.ofPrometheus
        for family in self.families {
            func add(_ suffix: String, _ role: Role) {
                samples[family.name + suffix] = Sample(family: family, role: role)
            }
            switch family.kind {
            case .counter: add("", .total)
            case .gauge, .untyped, .info: add("", .value)
            case .stateSet: add("", .state)
            case .histogram:
                add("", .histogram)
                add("_bucket", .bucket)
                add("_sum", .part)
                add("_count", .part)
            case .summary:
                add("", .quantile)
                add("_sum", .part)
                add("_count", .part)
            }
        }
    }

    /// Whether a family of this name is registered.
    func has(_ name: String) -> Bool { samples[name]?.family.name == name }

    /// The sample of a name; nil when nothing registered has it.
    func sample(_ name: String) -> Sample? { samples[name] }

    /// The sample that a selector names; nil for one of another exporter.
    ///
    /// - Throws: `ServerError` when there is none, or when it has not the labels that the selector asks for.
    func find(_ selector: MetricSelector) throws(ServerError) -> Sample? {
        if let problem = selector.problem { throw ServerError(.invalidArtifact, problem) }
        guard PromQLText.isName(selector.name, colon: true) else {
            throw ServerError(
                .invalidArtifact, "metric \"\(selector.name)\": is no metric's name; use letters, digits, _ and :")
        }
        try Self.require(names: selector.matchers.map(\.label))
        for matcher in selector.matchers {
            guard let problem = matcher.problem else { continue }
            throw ServerError(
                .invalidArtifact, "metric \"\(selector.name)\": label \"\(matcher.label)\": \(problem)")
        }
        guard let sample = samples[selector.name] else {
            guard isOutside(selector.name) else {
                throw ServerError(
                    .invalidArtifact,
                    "metric \"\(selector.name)\": is not registered\(hint(for: selector.name)); register it, correct the "
                        + "name, or add it to outsideMetrics if another exporter has it")
            }
            return nil
        }
        let known = labels(of: sample)
        for matcher in selector.matchers where !known.contains(matcher.label) {
            throw ServerError(
                .invalidArtifact,
                "metric \"\(selector.name)\": has no label \"\(matcher.label)\"; it has \(known.joined(separator: ", "))"
            )
        }
        for matcher in selector.matchers {
            let cases = cases(of: matcher.label, in: sample)
            guard cases.isEmpty || cases.contains(where: matcher.accepts) else {
                throw ServerError(
                    .invalidArtifact,
                    "metric \"\(selector.name)\": no value of its label \"\(matcher.label)\" is selected by "
                        + "\(matcher.text); it has \(cases.joined(separator: ", "))")
            }
        }
        return sample
    }

    /// Checks what stands for labels in a query.
    ///
    /// - Throws: `ServerError` for a text that can name no label.
    static func require(names: [String]) throws(ServerError) {
        for name in names where !PromQLText.isName(name) {
            throw ServerError(
                .invalidArtifact, "label \"\(name)\": is no label's name; use letters, digits and _")
        }
    }

    /// The values that a label can have: of an enum, a state set or a summary's quantiles; empty for any text.
    func cases(of label: String, in sample: Sample) -> [String] {
        switch sample.role {
        case .state where label == sample.family.stateLabel: sample.family.states
        case .quantile where label == "quantile": sample.family.quantiles.map(PromQLText.number)
        default: sample.family.labels.first { $0.name == label }?.cases ?? []
        }
    }

    /// The labels of a sample's series, those of its target included.
    func labels(of sample: Sample) -> [String] {
        var labels = sample.family.labels.map(\.name) + sample.family.constantLabels.keys.sorted()
        switch sample.role {
        case .bucket: labels.append("le")
        case .quantile: labels.append("quantile")
        case .state: labels.append(sample.family.stateLabel)
        case .value, .total, .part, .histogram: break
        }
        return labels + Self.targetLabels
    }

    private func isOutside(_ name: String) -> Bool {
        outside.contains { $0.hasSuffix("*") ? name.hasPrefix($0.dropLast()) : name == $0 }
    }

    private func hint(for name: String) -> String {
        let near = ["_total", "_seconds", "_bytes", "_info", "_ratio"].map { name + $0 }.first { samples[$0] != nil }
        return near.map { " (there is \"\($0)\")" } ?? ""
    }
}

extension FamilySummary {
    /// The label of a state set's states: its name, in which a label has no colons.
    var stateLabel: String { name.replacing(":", with: "_") }
}
