// SPDX-License-Identifier: Apache-2.0

import HealthProbes
import Instrument

// What requests, checks, objectives and the package itself tell.

extension AutomaticRules {
    func requestRules() -> [AlertRule] {
        guard let requests = CountedRequests(catalogue) else { return [] }
        let window = Duration.seconds(300)
        let failures = MetricQuery.rateRatio(requests.failed, to: requests.total, over: window)
        let response = MetricQuery.quantile(
            0.95, of: MetricSelector(requests.duration), over: window, by: ["job"])
        let severities: [(AlertSeverity, KeyPath<AutomaticAlerts.Limits, Double>)] = [
            (.warning, \.warning), (.critical, \.critical),
        ]
        return severities.map { severity, limit in
            rule(
                "HighFailureRate", failures > settings.failureShare[keyPath: limit], for: .seconds(120), severity,
                "application", "{{ $labels.job }} fails requests", "{{ $value | humanizePercentage }} of them fail.")
        }
            + severities.map { severity, limit in
                rule(
                    "HighResponseTime", response > settings.responseSeconds[keyPath: limit], for: .seconds(300),
                    severity, "application", "{{ $labels.job }} answers slowly",
                    "One of 20 requests takes {{ $value | humanizeDuration }}.")
            }
    }

    // MARK: Checks and heartbeats

    func healthRules() -> [AlertRule] {
        var rules: [AlertRule] = []
        if let health, catalogue.has("component_health") {
            let checks = health.snapshot().checks
            for (severity, isCritical) in [(AlertSeverity.critical, true), (.warning, false)] {
                let names = checks.filter { $0.isCritical == isCritical }.map(\.name).sorted()
                guard !names.isEmpty else { continue }
                let selector = MetricSelector(
                    name: "component_health",
                    matchers: [
                        LabelMatcher(
                            "component", .matching,
                            names.map(PromQLText.escapedForRegularExpression).joined(separator: "|"))
                    ])
                rules.append(
                    rule(
                        "CheckFailing", .value(selector) == 0, for: settings.checksFor, severity, "health",
                        "Check {{ $labels.component }} of {{ $labels.instance }} fails"))
            }
        }
        if let (metric, label) = health?.heartbeatSeries, catalogue.has(metric), health?.heartbeats().isEmpty == false {
            rules.append(
                rule(
                    "HeartbeatMissing",
                    .age(of: MetricSelector(metric)) > PromQLText.seconds(settings.heartbeatSilence), for: .seconds(60),
                    .warning, "health", "{{ $labels.\(label) }} of {{ $labels.instance }} does not beat",
                    "Its newest beat is {{ $value | humanizeDuration }} old."))
        }
        return rules
    }

    // MARK: Objectives and watches

    func objectiveRules() -> [AlertRule] {
        guard catalogue.has("objective_burn_rate") else { return [] }
        let remaining = MetricQuery.value("objective_budget_remaining_ratio")
        let left = "{{ $value | humanizePercentage }} of the budget are left."
        // 1 - 0.8 is 0.2 to a reader.
        func rest(_ consumed: Double) -> Double { ((1 - consumed) * 1e9).rounded() / 1e9 }
        var rules = [
            rule(
                "ErrorBudgetConsumed", remaining <= rest(settings.budgetConsumed.warning), for: .zero, .warning,
                "objectives", "Objective {{ $labels.objective }}: the error budget dwindles", left),
            rule(
                "ErrorBudgetConsumed", remaining <= rest(settings.budgetConsumed.critical), for: .zero, .critical,
                "objectives", "Objective {{ $labels.objective }}: the error budget is nearly gone", left),
            rule(
                "ErrorBudgetExhaustionPredicted",
                .value("objective_exhaustion_seconds") < PromQLText.seconds(settings.budgetHorizon), for: .seconds(300),
                .critical, "objectives", "Objective {{ $labels.objective }}: the error budget will be gone",
                "At the pace of the last hour it is gone in {{ $value | humanizeDuration }}."),
            rule(
                "ObjectiveMissed", .ratio("objective_attained_ratio", to: "objective_target_ratio") < 1,
                for: .seconds(300), .critical, "objectives", "Objective {{ $labels.objective }} is missed"),
        ]
        let burns: [(String, Double, String, String, Duration, AlertSeverity)] = [
            ("ErrorBudgetBurnFast", 14.4, "1h", "5m", .seconds(120), .critical),
            ("ErrorBudgetBurnSlow", 6, "6h", "30m", .seconds(900), .warning),
            ("ErrorBudgetBurnSteady", 1, "3d", "6h", .seconds(3_600), .info),
        ]
        // The long window tells that it matters, the short one that it goes on.
        for (name, limit, long, short, wait, severity) in burns {
            let condition = (.value(MetricSelector("objective_burn_rate", ["window": long])) > limit).and(
                .value(MetricSelector("objective_burn_rate", ["window": short])) > limit, ignoring: ["window"])
            rules.append(
                rule(
                    name, condition, for: wait, severity, "objectives",
                    "Objective {{ $labels.objective }}: the error budget burns",
                    "It burns {{ $value | humanize }} times as fast as it may, over \(long) and \(short)."))
        }
        return rules
    }

    func anomalyRules() -> [AlertRule] {
        let wait = Duration.seconds(600)
        let baseline = settings.anomalyBaseline
        // About a hundred values tell a mean and a deviation, and a query reads them all.
        let step = Duration.seconds(max(60, baseline.components.seconds / 96))
        var rules: [AlertRule] = []
        func anomaly(_ name: String, _ query: MetricQuery, _ deviations: Double, _ what: String) {
            rules.append(
                rule(
                    name, .deviation(of: query, baseline: baseline, step: step) > deviations, for: wait, .warning,
                    "anomalies", "\(what) is unusual", "It is {{ $value | humanize }} standard deviations off its mean."
                ))
        }
        if let requests = CountedRequests(catalogue) {
            let window = Duration.seconds(300)
            let duration = MetricSelector(requests.duration)
            anomaly(
                "RequestRateAnomaly", .sum(.rate(requests.total, over: window), by: ["job"]),
                settings.requestRateDeviations, "The request rate of {{ $labels.job }}")
            anomaly(
                "ResponseTimeAnomaly",
                .rateRatio(
                    duration.renamed(duration.name + "_sum"), to: duration.renamed(duration.name + "_count"),
                    over: window),
                settings.responseTimeDeviations, "The response time of {{ $labels.job }}")
        }
        if catalogue.has("process_resident_memory_bytes") {
            anomaly(
                "MemoryUsageAnomaly", .value("process_resident_memory_bytes"), settings.memoryDeviations,
                "The memory of {{ $labels.instance }}")
        }
        if catalogue.has("watch_anomalous") {
            rules.append(
                rule(
                    "WatchAnomaly", .value("watch_anomalous") == 1, for: .seconds(120), .warning, "anomalies",
                    "{{ $labels.watch }} of {{ $labels.instance }} is unusual"))
        }
        if catalogue.has("watch_limit_seconds") {
            rules.append(
                rule(
                    "WatchLimitApproaching",
                    .value("watch_limit_seconds") < PromQLText.seconds(settings.watchHorizon), for: .seconds(120),
                    .warning, "anomalies", "{{ $labels.watch }} of {{ $labels.instance }} nears its limit",
                    "It will be there in {{ $value | humanizeDuration }}."))
        }
        return rules
    }

    // MARK: The package itself

    func ownRules() -> [AlertRule] {
        let losses: [(name: String, metric: String, severity: AlertSeverity, summary: String)] = [
            (
                "SeriesOverflow", "instrument_series_overflow_total", .warning,
                "Metric {{ $labels.family }} of {{ $labels.instance }} has too many label sets"
            ),
            (
                "UpdatesRefused", "instrument_refused_updates_total", .warning,
                "Metric {{ $labels.family }} of {{ $labels.instance }} is given numbers that make no sense"
            ),
            (
                "CollectorFailing", "instrument_collector_failures_total", .warning,
                "Collector {{ $labels.collector }} of {{ $labels.instance }} fails"
            ),
            (
                "CollectorSlow", "instrument_collector_timeouts_total", .warning,
                "Collector {{ $labels.collector }} of {{ $labels.instance }} takes too long"
            ),
            ("LogLinesDropped", "log_lines_dropped_total", .warning, "{{ $labels.instance }} drops lines of its log"),
            ("LogWriteErrors", "log_write_errors_total", .warning, "{{ $labels.instance }} cannot write its log"),
            (
                "AccessLogDropped", "http_server_access_log_dropped_total", .info,
                "{{ $labels.instance }} drops lines of its access log"
            ),
        ]
        return losses.filter { catalogue.has($0.metric) }.map { loss in
            rule(
                loss.name, .events(MetricSelector(loss.metric), over: .seconds(900)) > 0, for: .zero, loss.severity,
                "instrument", loss.summary, "{{ $value | humanize }} times within 15 minutes.")
        }
    }
}
