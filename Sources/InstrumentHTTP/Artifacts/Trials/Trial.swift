// SPDX-License-Identifier: Apache-2.0

/// What proves an alert: series under which it stays quiet, then fires, then clears.
struct Trial {
    /// Series with what they do in each phase.
    var series: [String: [TrialSamples]] = [:]
    /// How long each phase takes to show at the least.
    var lead: Duration = .zero
    var reaction: Duration = .zero
    var recovery: Duration = .zero

    /// Series of both, each condition being under way at the same time.
    func merging(_ other: Trial) throws(ServerError) -> Trial {
        var merged = self
        for (name, phases) in other.series {
            guard merged.series[name] == nil || merged.series[name] == phases else {
                throw ServerError(
                    .invalidArtifact,
                    "condition: both parts ask something of \(name) that does not go together; use whenPromQL and give "
                        + "the series")
            }
            merged.series[name] = phases
        }
        merged.lead = max(lead, other.lead)
        merged.reaction = max(reaction, other.reaction)
        merged.recovery = max(recovery, other.recovery)
        return merged
    }
}

/// Makes trials.
struct TrialPlanner {
    /// Prometheus shows a series that has no new samples for so long.
    static let lookback = Duration.seconds(300)

    var labels: TrialLabels
    /// How far apart samples and evaluations are.
    let step: Duration
    /// How long the condition must hold.
    let wait: Duration

    /// The trial of a condition.
    ///
    /// - Throws: `ServerError` when no series make it fire, or none make it clear.
    func trial(of condition: AlertCondition) throws(ServerError) -> Trial {
        switch condition.form {
        case .comparison(let query, let comparison):
            return try trial(of: query, TrialGoal(comparison, within: query.range))
        case .absent(let selector):
            var trial = Trial(reaction: Self.lookback + step)
            let name = TrialLabels.name(selector.name, try labels.labels(of: selector))
            trial.series[name] = [.level(1), .missing, .level(1)]
            return trial
        case .both(let left, let right, _):
            return try trial(of: left).merging(try trial(of: right))
        case .promQL(let text, let firing, let clear):
            let window = (PromQLText.windows(in: text).max() ?? .zero) + Self.lookback
            var trial = Trial(lead: window, reaction: window, recovery: window)
            for name in Set(firing.keys).union(clear.keys) {
                let quiet = clear[name] ?? .missing
                trial.series[name] = [quiet, firing[name] ?? .missing, quiet]
            }
            return trial
        }
    }

    func trial(of query: MetricQuery, _ goal: TrialGoal) throws(ServerError) -> Trial {
        switch query.form {
        case .value(let selector): return try trial(selector) { .level(goal.value(in: $0)) }
        case .age(let selector):
            return try trial(selector) { TrialSamples(form: .aged(goal.value(in: $0))) }
        case .rate(let selector, let window):
            return try trial(selector, window) { .growing(perSecond: goal.value(in: $0)) }
        case .increase(let selector, let window):
            let seconds = PromQLText.seconds(window)
            return try trial(selector, window) { .growing(perSecond: goal.value(in: $0) / seconds) }
        case .events(let selector, let window):
            let slope = goal.firing / PromQLText.seconds(window)
            return try trial(selector, window) { phase in
                switch phase {
                case .quiet: .missing
                case .firing: .growing(perSecond: slope)
                case .clear: .growing(perSecond: 0)
                }
            }
        case .changes(let selector, let window): return try changes(selector, window, goal)
        case .ratio(let part, let whole, let shared): return try ratio(part, whole, shared, goal)
        case .rateRatio(let part, let whole, let window, _): return try rateRatio(part, whole, window, goal)
        case .quantile(let share, let histogram, let window, _): return try quantile(share, histogram, window, goal)
        case .prediction(let gauge, let limit, let ahead, let window):
            return try prediction(gauge, limit, ahead, window, goal)
        case .deviation(let query, let baseline, let interval):
            return try deviation(query, baseline, interval, goal)
        case .aggregate(_, let query, _): return try trial(of: query, goal)
        case .scaled(let query, let factor): return try trial(of: query, goal.divided(by: factor))
        case .promQL(let text):
            throw ServerError(.invalidArtifact, "query \"\(text)\": has no known series; use whenPromQL and give them")
        }
    }

    /// A trial of one series.
    private func trial(
        _ selector: MetricSelector, _ window: Duration = .zero, _ samples: (TrialPhase) -> TrialSamples
    ) throws(ServerError) -> Trial {
        var trial = Trial(lead: window, reaction: window, recovery: window)
        trial.series[TrialLabels.name(selector.name, try labels.labels(of: selector))] =
            TrialPhase.allCases.map(samples)
        return trial
    }

    /// A value can change with every sample or not at all.
    private func changes(
        _ selector: MetricSelector, _ window: Duration, _ goal: TrialGoal
    ) throws(ServerError) -> Trial {
        let most = (PromQLText.seconds(window) / PromQLText.seconds(step)).rounded(.down) - 1
        guard goal.holds(0) != goal.holds(most) else {
            throw ServerError(
                .invalidArtifact,
                "metric \"\(selector.name)\": \(goal.holds(0) ? "no" : "a") change at each of \(Int(most)) samples "
                    + "would not make the alert fire and clear; change its limit")
        }
        return try trial(selector, window) { phase in
            .growing(perSecond: goal.holds(0) == (phase == .firing) ? 0 : 1)
        }
    }

    /// The divisor stands still.
    private func ratio(
        _ part: MetricQuery, _ whole: MetricQuery, _ shared: [String], _ goal: TrialGoal
    ) throws(ServerError) -> Trial {
        let divisor = 100.0
        var planner = self
        if let partSeries = part.ownSeries, let wholeSeries = whole.ownSeries {
            var partLabels = try labels.labels(of: partSeries)
            var wholeLabels = try labels.labels(of: wholeSeries)
            // Of another exporter's metrics the labels are not known: taken for the same.
            if try labels.catalogue.find(wholeSeries) == nil { wholeLabels.merge(partLabels) { own, _ in own } }
            if try labels.catalogue.find(partSeries) == nil { partLabels.merge(wholeLabels) { own, _ in own } }
            let isMatch =
                shared.isEmpty ? partLabels == wholeLabels : shared.allSatisfy { partLabels[$0] == wholeLabels[$0] }
            guard isMatch else {
                throw ServerError(
                    .invalidArtifact,
                    "ratio of \"\(partSeries.text())\" to \"\(wholeSeries.text())\": their labels differ, so that no two "
                        + "series belong together; name the common ones with on:")
            }
            // One after the other: both may be the same series.
            planner.labels.settled[partSeries.text()] = partLabels
            planner.labels.settled[wholeSeries.text()] = wholeLabels
        }
        return try planner.trial(of: part, goal.divided(by: 1 / divisor))
            .merging(try planner.trial(of: whole, TrialGoal(quiet: divisor, firing: divisor) { _ in false }))
    }

    private func rateRatio(
        _ part: MetricSelector, _ whole: MetricSelector, _ window: Duration, _ goal: TrialGoal
    ) throws(ServerError) -> Trial {
        let perSecond = 10.0
        var trial = Trial(lead: window, reaction: window, recovery: window)
        let isSubset = part.name == whole.name
        let joined = isSubset ? MetricSelector(name: part.name, matchers: part.matchers + whole.matchers) : part
        let partName = TrialLabels.name(part.name, try labels.labels(of: joined))
        let restName = TrialLabels.name(whole.name, try labels.labels(of: whole, avoiding: isSubset ? part : nil))
        guard partName != restName else {
            throw ServerError(
                .invalidArtifact, "ratio of \"\(part.text())\" to \"\(whole.text())\": both are the same; correct one")
        }
        trial.series[partName] =
            TrialPhase.allCases.map { .growing(perSecond: goal.value(in: $0) * perSecond) }
        trial.series[restName] =
            TrialPhase.allCases.map { .growing(perSecond: (isSubset ? 1 - goal.value(in: $0) : 1) * perSecond) }
        return trial
    }
}
