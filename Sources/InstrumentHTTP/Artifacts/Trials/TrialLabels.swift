// SPDX-License-Identifier: Apache-2.0

import Instrument

/// Finds label sets for the series of a trial.
struct TrialLabels {
    let catalogue: MetricCatalogue
    let job: String
    /// Matchers that every selector of the rule gets.
    let scope: [LabelMatcher]
    /// Labels that are settled already, by selector.
    var settled: [String: [String: String]] = [:]

    /// A label set that `selector` selects.
    ///
    /// - Parameters:
    ///   - avoided: a selector that must not select it; nil for none.
    ///   - extra: labels with their values, such as a bucket's `le`.
    func labels(
        of selector: MetricSelector, avoiding avoided: MetricSelector? = nil, extra: [String: String] = [:]
    ) throws(ServerError) -> [String: String] {
        if avoided == nil, extra.isEmpty, let labels = settled[selector.text()] { return labels }
        let own = Set(selector.matchers.map(\.label))
        let matchers = selector.matchers + scope.filter { !own.contains($0.label) }
        var labels = try defaults(of: selector).merging(extra) { $1 }
        for matcher in matchers where labels[matcher.label] == nil { labels[matcher.label] = "a" }
        let rejected = avoided.flatMap { avoided in
            avoided.matchers.first { !selector.matchers.contains($0) }
        }
        for (label, value) in labels.sorted(by: { $0.key < $1.key }) {
            let asked = matchers.filter { $0.label == label }
            let mustDiffer = rejected?.label == label
            let fits = { (text: String) in
                asked.allSatisfy { $0.accepts(text) } && !(mustDiffer && rejected?.accepts(text) == true)
            }
            if fits(value) { continue }
            let cases = try cases(of: label, in: selector)
            let candidates =
                asked.compactMap { $0.example(accepted: true, cases: cases) }
                + [mustDiffer ? rejected?.example(accepted: false, cases: cases) : nil].compactMap { $0 } + cases
            guard let found = candidates.first(where: fits) else {
                throw ServerError(
                    .invalidArtifact,
                    "metric \"\(selector.name)\": no value for label \"\(label)\" comes to mind that "
                        + "\(asked.map(\.text).joined(separator: ",")) selects; use whenPromQL and give the series")
            }
            labels[label] = found
        }
        return labels
    }

    /// The text that names a series in promtool's input.
    static func name(_ metric: String, _ labels: [String: String]) -> String {
        let pairs = labels.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }
        return "\(metric){\(pairs.map { "\($0.key)=\(PromQLText.quoted($0.value))" }.joined(separator: ","))}"
    }

    private func defaults(of selector: MetricSelector) throws(ServerError) -> [String: String] {
        var labels = ["job": job, "instance": "instance-1"]
        guard let sample = try catalogue.find(selector) else { return labels }
        for label in sample.family.labels { labels[label.name] = label.cases?.first ?? "a" }
        labels.merge(sample.family.constantLabels) { $1 }
        switch sample.role {
        case .quantile:
            guard let share = sample.family.quantiles.last else {
                throw ServerError(
                    .invalidArtifact,
                    "metric \"\(selector.name)\": is a summary without quantiles; use its _sum and _count")
            }
            labels["quantile"] = PromQLText.number(share)
        case .state: labels[sample.family.stateLabel] = sample.family.states.first ?? "a"
        case .value, .total, .bucket, .part, .histogram: break
        }
        return labels
    }

    private func cases(of label: String, in selector: MetricSelector) throws(ServerError) -> [String] {
        try catalogue.find(selector).map { catalogue.cases(of: label, in: $0) } ?? []
    }
}
