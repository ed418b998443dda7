// SPDX-License-Identifier: Apache-2.0

import Instrument

/// The series that tell a scrape how the checks are. Written when results come, never when they are asked for.
struct HealthMetrics: Sendable {
    private let status: Family<Gauge, (String, String)>
    private let component: Family<Gauge, String>
    private let results: Family<Counter, (String, String)>
    private let duration: Family<Histogram, String>
    private let lastSuccess: Family<Gauge, String>
    private let transitions: Family<Counter, String>
    private let verdicts: Family<Gauge, String>
    private let heartbeats: Family<Gauge, String>
    private let lags: Family<Gauge, String>

    init(_ metrics: MetricRegistry, configuration: HealthConfiguration) throws(MetricError) {
        // A check has at most four kinds, and four ways to end.
        let limits = SeriesLimits(seriesMax: 4 * configuration.checksMax)
        status = try metrics.gauge(
            "health_check_status", help: "Status of a check: 1 pass, 0.5 warn or unknown, 0 fail.", limits: limits,
            labels: "check", "kind")
        component = try metrics.gauge(
            "component_health", help: "Status of a component: 1 pass, 0.5 warn or unknown, 0 fail.", limits: limits,
            labels: "component")
        results = try metrics.counter(
            "health_check_results_total", help: "Results of a check: pass, warn, fail or timeout.", limits: limits,
            labels: "check", "result")
        duration = try metrics.histogram(
            "health_check_duration_seconds", help: "How long the runs of a check took.", limits: limits,
            labels: "check")
        lastSuccess = try metrics.gauge(
            "health_check_last_success_timestamp_seconds", help: "When a run of a check last passed or warned.",
            limits: limits, labels: "check")
        transitions = try metrics.counter(
            "health_transitions_total", help: "Changes of a check's status.", limits: limits, labels: "check")
        verdicts = try metrics.gauge(
            "health_status", help: "Verdict of a probe: 1 pass, 0.5 warn, 0 fail.", labels: "kind")
        heartbeats = try metrics.gauge(
            configuration.heartbeatMetric, help: "When a heartbeat was last seen.", limits: limits,
            labels: configuration.heartbeatLabel)
        lags = try metrics.gauge(
            "runtime_pool_lag_seconds", help: "How long a beat through an executor takes.", limits: limits,
            labels: "executor")
    }

    /// Shows a check that has no result yet, or a new status.
    func show(_ report: CheckReport) {
        for kind in report.kinds.names { status.with(report.name, kind).set(report.status.figure) }
        component.with(report.name).set(report.status.figure)
    }

    /// Counts a result.
    func measure(_ report: CheckReport, _ result: CheckStatus, isTimeout: Bool, isTransition: Bool) {
        show(report)
        results.with(report.name, isTimeout ? "timeout" : result.rawValue).increment()
        duration.with(report.name).observe(nanoseconds: Int64(clamping: report.durationNanoseconds))
        if let last = report.lastSuccessUnixNanoseconds { lastSuccess.with(report.name).set(Double(last) / 1e9) }
        if isTransition { transitions.with(report.name).increment() }
    }

    /// Shows the verdicts.
    func show(_ snapshot: HealthSnapshot) {
        for kind in ProbeKind.allCases { verdicts.with(kind.rawValue).set(snapshot.verdict(kind).status.figure) }
    }

    /// Takes a check's series out of the exposition.
    func forget(_ name: String) {
        status.remove { $0[0] == name }
        component.remove { $0[0] == name }
        results.remove { $0[0] == name }
        duration.remove { $0[0] == name }
        lastSuccess.remove { $0[0] == name }
        transitions.remove { $0[0] == name }
        heartbeats.remove { $0[0] == name }
        lags.remove { $0[0] == name }
    }

    /// The series that a heartbeat writes its beats to.
    func heartbeat(_ name: String) -> Gauge { heartbeats.with(name) }

    /// The series that an executor's lag is shown in.
    func lag(_ name: String) -> Gauge { lags.with(name) }
}
