// SPDX-License-Identifier: Apache-2.0

import Instrument

// The kinds of query whose value hangs on more than the newest samples of one series.

extension TrialPlanner {
    /// All observations fall into one bucket, whose place says what the quantile is.
    func quantile(
        _ share: Double, _ histogram: MetricSelector, _ window: Duration, _ goal: TrialGoal
    ) throws(ServerError) -> Trial {
        let buckets = histogram.renamed(histogram.name + "_bucket")
        let registered = try labels.catalogue.find(buckets)?.family
        // Buckets of another exporter: some on both sides of the limit.
        let foreign = Array(Set([goal.quiet / 2, goal.quiet, goal.firing, goal.firing * 2].filter { $0 > 0 })).sorted()
        let bounds = registered?.bucketBounds ?? foreign
        guard let highest = bounds.last else {
            throw ServerError(
                .invalidArtifact,
                "metric \"\(histogram.name)\": has no classic buckets to take a quantile from; register it with buckets"
            )
        }
        // Within a bucket the quantile lies where a straight line puts it; the first one begins at 0.
        func isFiring(_ index: Int) -> Bool {
            let lower = index == 0 ? min(0, bounds[0]) : bounds[index - 1]
            return goal.holds(lower + (bounds[index] - lower) * share)
        }
        guard let firing = bounds.indices.first(where: isFiring) else {
            throw ServerError(
                .invalidArtifact,
                "metric \"\(histogram.name)\": with buckets from \(PromQLText.number(bounds[0])) to "
                    + "\(PromQLText.number(highest)) a quantile never gets there, so that the alert could never fire; "
                    + "add buckets around its limit")
        }
        let quiet = bounds.indices.first { !isFiring($0) }
        var trial = Trial(lead: window, reaction: window, recovery: window)
        for (index, bound) in (bounds.map(PromQLText.number) + ["+Inf"]).enumerated() {
            let series = try labels.labels(of: buckets, extra: ["le": bound])
            trial.series[TrialLabels.name(buckets.name, series)] = TrialPhase.allCases.map { phase in
                guard let place = phase == .firing ? firing : quiet else { return .growing(perSecond: 0) }
                return .growing(perSecond: index >= place ? 1 : 0)
            }
        }
        return trial
    }

    /// The gauge stays where it may, then heads for where it may not be.
    func prediction(
        _ gauge: MetricSelector, _ limit: MetricSelector?, _ ahead: Duration, _ window: Duration, _ goal: TrialGoal
    ) throws(ServerError) -> Trial {
        let size = limit == nil ? 1.0 : 100.0
        let slope = (goal.firing - goal.quiet) * size / PromQLText.seconds(ahead)
        var trial = Trial(lead: window, reaction: window, recovery: window)
        let gaugeLabels = try labels.labels(of: gauge)
        trial.series[TrialLabels.name(gauge.name, gaugeLabels)] = TrialPhase.allCases.map { phase in
            phase == .firing ? .growing(perSecond: slope) : .level(goal.quiet * size)
        }
        guard let limit else { return trial }
        let limitLabels = try labels.labels(of: limit)
        guard limitLabels == gaugeLabels else {
            throw ServerError(
                .invalidArtifact,
                "prediction of \"\(gauge.text())\" relative to \"\(limit.text())\": their labels differ, so that no two "
                    + "series belong together; use selectors whose labels are the same")
        }
        trial.series[TrialLabels.name(limit.name, limitLabels)] = TrialPhase.allCases.map { _ in .level(size) }
        return trial
    }

    /// A steady past, then ten times as much.
    ///
    /// Of `n` values of which `k` are the new one, that one is `sqrt((n - k) / k)` deviations off: the past must be that
    /// much longer than the alert takes.
    func deviation(
        _ query: MetricQuery, _ baseline: Duration, _ interval: Duration, _ goal: TrialGoal
    ) throws(ServerError) -> Trial {
        if case .quantile = query.form {
            throw ServerError(
                .invalidArtifact,
                "deviation: of a quantile there is no trial; use rateRatio of the histogram's _sum and _count")
        }
        guard goal.holds(.greatestFiniteMagnitude), !goal.holds(0) else {
            throw ServerError(.invalidArtifact, "deviation: only > and >= make sense of one; use these")
        }
        var trial = try trial(of: query, TrialGoal(quiet: 1, firing: 10) { $0 > 5 })
        let seconds = PromQLText.seconds(interval)
        let spell = PromQLText.seconds(trial.reaction + wait + step * 3)
        let unusual = (spell / seconds).rounded(.down) + 1
        let limit = goal.quiet * 2
        let usual = (1.3 * unusual * (limit * limit + 1)).rounded(.up)
        let past = usual * seconds
        guard past + spell <= PromQLText.seconds(baseline) else {
            throw ServerError(
                .invalidArtifact,
                "deviation: a value that lasts \(PromQLText.duration(.seconds(spell))) is not \(PromQLText.number(limit)) "
                    + "deviations off within \(PromQLText.duration(baseline)), so that the alert could never fire; lengthen "
                    + "the baseline or shorten the wait")
        }
        trial.lead = .seconds(past)
        return trial
    }
}
