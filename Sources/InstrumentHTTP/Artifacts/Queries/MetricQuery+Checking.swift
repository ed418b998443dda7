// SPDX-License-Identifier: Apache-2.0

import Instrument

extension MetricQuery {
    /// Every selector that the query reads, a histogram's by its buckets.
    var selectors: [MetricSelector] {
        switch form {
        case .value(let series), .rate(let series, _), .increase(let series, _), .events(let series, _),
            .changes(let series, _), .age(let series):
            [series]
        case .ratio(let part, let whole, _): part.selectors + whole.selectors
        case .rateRatio(let part, let whole, _, _): [part, whole]
        case .quantile(_, let histogram, _, _): [histogram.renamed(histogram.name + "_bucket")]
        case .prediction(let gauge, let limit, _, _): [gauge] + (limit.map { [$0] } ?? [])
        case .deviation(let query, _, _), .aggregate(_, let query, _), .scaled(let query, _): query.selectors
        case .promQL: []
        }
    }

    /// Checks names, labels and kinds against what is registered.
    ///
    /// - Throws: `ServerError` that says which name is wrong.
    func check(_ catalogue: MetricCatalogue) throws(ServerError) {
        for selector in selectors {
            let sample = try catalogue.find(selector)
            if sample?.role == .histogram {
                throw ServerError(
                    .invalidArtifact,
                    "metric \"\(selector.name)\": is a histogram and no series; use .quantile, or its _sum or _count")
            }
        }
        switch form {
        case .rate(let series, let window), .increase(let series, let window), .events(let series, let window):
            try Self.requireTotal(series, catalogue)
            try Self.require(window)
        case .changes(_, let window): try Self.require(window)
        case .rateRatio(let part, let whole, let window, let labels):
            for series in [part, whole] {
                try Self.requireTotal(series, catalogue)
                try Self.require(labels, of: series, catalogue)
            }
            try Self.require(window)
        case .ratio(let part, let whole, let labels):
            try part.check(catalogue)
            try whole.check(catalogue)
            for series in selectors { try Self.require(labels, of: series, catalogue) }
        case .quantile(let share, let histogram, let window, let labels):
            guard share > 0, share < 1 else {
                throw ServerError(.invalidArtifact, "quantile \(share): is not between 0 and 1; use 0.95, say")
            }
            try Self.require(labels, of: histogram.renamed(histogram.name + "_bucket"), catalogue)
            try Self.require(window)
        case .prediction(_, _, let ahead, let window):
            try Self.require(ahead)
            try Self.require(window)
        case .deviation(let query, let baseline, let step):
            try query.check(catalogue)
            try Self.require(step)
            try Self.require(baseline)
            guard baseline >= step * 12 else {
                throw ServerError(
                    .invalidArtifact,
                    "deviation: a baseline of \(baseline) has fewer than 12 steps of \(step); lengthen it")
            }
        case .aggregate(_, let query, let labels):
            try query.check(catalogue)
            for series in query.selectors { try Self.require(labels, of: series, catalogue) }
        case .scaled(let query, let factor):
            try query.check(catalogue)
            guard factor.isFinite, factor != 0 else {
                throw ServerError(.invalidArtifact, "query: is multiplied by \(factor); use a finite number but 0")
            }
        case .value, .age, .promQL: break
        }
    }

    private static func requireTotal(_ series: MetricSelector, _ catalogue: MetricCatalogue) throws(ServerError) {
        guard let sample = try catalogue.find(series), !sample.role.isTotal, sample.family.kind != .untyped else {
            return
        }
        throw ServerError(
            .invalidArtifact,
            "metric \"\(series.name)\": is a \(sample.family.kind.rawValue), which has no rate; use .value, or a counter"
        )
    }

    private static func require(
        _ labels: [String], of series: MetricSelector, _ catalogue: MetricCatalogue
    ) throws(ServerError) {
        try MetricCatalogue.require(names: labels)
        guard let sample = try catalogue.find(series) else { return }
        let known = catalogue.labels(of: sample)
        for label in labels where !known.contains(label) {
            throw ServerError(
                .invalidArtifact,
                "metric \"\(series.name)\": has no label \"\(label)\" to group by; it has \(known.joined(separator: ", "))"
            )
        }
    }

    private static func require(_ window: Duration) throws(ServerError) {
        guard window >= .seconds(1), window <= .seconds(366 * 86_400) else {
            throw ServerError(.invalidArtifact, "query: has a window of \(window); use a second to a year")
        }
    }
}

extension AlertCondition {
    /// Every selector that the condition reads; of PromQL those of the series that try it.
    var selectors: [MetricSelector] {
        switch form {
        case .comparison(let query, _): query.selectors
        case .absent(let series): [series]
        case .both(let left, let right, _): left.selectors + right.selectors
        case .promQL(_, let firing, let clear):
            Set(firing.keys).union(clear.keys).sorted().map { MetricSelector(parsing: $0) }
        }
    }

    /// Checks names, labels and kinds against what is registered.
    func check(_ catalogue: MetricCatalogue) throws(ServerError) {
        switch form {
        case .comparison(let query, let comparison):
            if case .promQL = query.form {
                throw ServerError(
                    .invalidArtifact, "query: its kind is unknown and so are series to try it with; use whenPromQL")
            }
            try comparison.check()
            try query.check(catalogue)
        case .absent(let series): try MetricQuery.value(series).check(catalogue)
        case .both(let left, let right, let labels):
            try MetricCatalogue.require(names: labels)
            try left.check(catalogue)
            try right.check(catalogue)
        case .promQL(let text, let firing, let clear):
            guard !text.allSatisfy(\.isWhitespace), !firing.isEmpty || !clear.isEmpty else {
                throw ServerError(.invalidArtifact, "expression \"\(text)\": it or its series are empty; give both")
            }
            for series in selectors {
                _ = try catalogue.find(series)
                for matcher in series.matchers where matcher.comparison != .equal {
                    throw ServerError(
                        .invalidArtifact,
                        "series \"\(series.text())\": \(matcher.text) names many series; use = and one value")
                }
            }
        }
    }
}

extension AlertCondition.Comparison {
    fileprivate func check() throws(ServerError) {
        let limits: [Double]
        switch self {
        case .above(let limit), .atLeast(let limit), .below(let limit), .atMost(let limit), .equal(let limit),
            .different(let limit):
            limits = [limit]
        case .within(let low, let high): limits = [low, high]
        }
        guard limits.allSatisfy(\.isFinite), limits == limits.sorted() else {
            throw ServerError(.invalidArtifact, "limit: \(text) is not finite or not in order; correct it")
        }
    }
}
