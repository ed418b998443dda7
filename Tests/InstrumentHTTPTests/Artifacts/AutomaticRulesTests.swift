// SPDX-License-Identifier: Apache-2.0

import HealthProbes
import Instrument
import Testing

@testable import InstrumentHTTP

@Suite struct AutomaticRulesTests {
    private func rules(
        _ convention: RequestMetrics.Convention = .classic, _ change: (inout ServiceArtifacts) -> Void = { _ in }
    ) throws -> [AlertRule] {
        var artifacts = try SampleService(convention: convention).artifacts
        change(&artifacts)
        return try artifacts.alertRules(artifacts.catalogue)
    }

    /// Name, severity, wait and, where it is short, the expression; `job` stands for `job="sample"`.
    private func line(_ rule: AlertRule) -> String {
        let expression = rule.promQL.replacing(#"job="sample""#, with: "job")
        return "\(rule.name) \(rule.severity.rawValue) \(rule.group) \(PromQLText.duration(rule.wait)): \(expression)"
    }

    @Test func everySignalOfAServiceHasItsAlert() throws {
        let lines = try rules().map(line)
        #expect(
            lines.filter { !$0.contains("anomalies") } == [
                "ServiceDown critical service 30s: up{job} == 0",
                "FrequentRestarts warning service 0s: changes(process_start_time_seconds{job}[1h]) > 3",
                "HighCPUUsage warning system 5m: system_cpu_usage_percent{job} * 0.01 > 0.8",
                "HighMemoryUsage critical system 5m: system_memory_usage_bytes{job} / system_memory_size_bytes{job} > 0.85",
                "MemoryExhaustionPredicted warning system 5m: "
                    + "predict_linear(system_memory_usage_bytes{job}[1h], 7200) / system_memory_size_bytes{job} > 1",
                "DiskExhaustionPredicted warning system 5m: "
                    + "predict_linear(system_disk_usage_bytes{job}[1h], 14400) / system_disk_size_bytes{job} > 1",
                #"HighFailureRate warning application 2m: sum by (job) (rate(http_requests_total{status=~"5..",job}[5m]))"#
                    + " / sum by (job) (rate(http_requests_total{job}[5m])) > 0.05",
                #"HighFailureRate critical application 2m: sum by (job) (rate(http_requests_total{status=~"5..",job}[5m]))"#
                    + " / sum by (job) (rate(http_requests_total{job}[5m])) > 0.15",
                "HighResponseTime warning application 5m: "
                    + "histogram_quantile(0.95, sum by (job, le) (rate(http_request_duration_seconds_bucket{job}[5m]))) > 1",
                "HighResponseTime critical application 5m: "
                    + "histogram_quantile(0.95, sum by (job, le) (rate(http_request_duration_seconds_bucket{job}[5m]))) > 2",
                #"CheckFailing critical health 1m: component_health{component=~"db\\.main",job} == 0"#,
                #"CheckFailing warning health 1m: component_health{component=~"cache|worker-1",job} == 0"#,
                "HeartbeatMissing warning health 1m: time() - health_heartbeat_timestamp_seconds{job} > 300",
                "ErrorBudgetConsumed warning objectives 0s: objective_budget_remaining_ratio{job} <= 0.5",
                "ErrorBudgetConsumed critical objectives 0s: objective_budget_remaining_ratio{job} <= 0.2",
                "ErrorBudgetExhaustionPredicted critical objectives 5m: objective_exhaustion_seconds{job} < 3600",
                "ObjectiveMissed critical objectives 5m: "
                    + "objective_attained_ratio{job} / objective_target_ratio{job} < 1",
                #"ErrorBudgetBurnFast critical objectives 2m: objective_burn_rate{window="1h",job} > 14.4"#
                    + #" and ignoring (window) objective_burn_rate{window="5m",job} > 14.4"#,
                #"ErrorBudgetBurnSlow warning objectives 15m: objective_burn_rate{window="6h",job} > 6"#
                    + #" and ignoring (window) objective_burn_rate{window="30m",job} > 6"#,
                #"ErrorBudgetBurnSteady info objectives 1h: objective_burn_rate{window="3d",job} > 1"#
                    + #" and ignoring (window) objective_burn_rate{window="6h",job} > 1"#,
                "SeriesOverflow warning instrument 0s: " + events("instrument_series_overflow_total"),
                "UpdatesRefused warning instrument 0s: " + events("instrument_refused_updates_total"),
                "CollectorFailing warning instrument 0s: " + events("instrument_collector_failures_total"),
                "CollectorSlow warning instrument 0s: " + events("instrument_collector_timeouts_total"),
                "LogLinesDropped warning instrument 0s: " + events("log_lines_dropped_total"),
                "LogWriteErrors warning instrument 0s: " + events("log_write_errors_total"),
                "AccessLogDropped info instrument 0s: " + events("http_server_access_log_dropped_total"),
            ])
        let rate = "sum by (job) (rate(http_requests_total{job}[5m]))"
        let time =
            "sum by (job) (rate(http_request_duration_seconds_sum{job}[5m])) / "
            + "(sum by (job) (rate(http_request_duration_seconds_count{job}[5m])) > 0)"
        let memory = "process_resident_memory_bytes{job}"
        #expect(
            lines.filter { $0.contains("anomalies") } == [
                "RequestRateAnomaly warning anomalies 10m: \(deviation(rate, of: "(\(rate))")) > 3",
                "ResponseTimeAnomaly warning anomalies 10m: \(deviation("(\(time))", of: "(\(time))")) > 2",
                "MemoryUsageAnomaly warning anomalies 10m: \(deviation(memory, of: memory)) > 3",
                "WatchAnomaly warning anomalies 2m: watch_anomalous{job} == 1",
                "WatchLimitApproaching warning anomalies 2m: watch_limit_seconds{job} < 3600",
            ])
    }

    /// Events within 15 minutes, the one with which a series begins included.
    private func events(_ name: String) -> String {
        "(\(name){job} unless \(name){job} offset 15m or increase(\(name){job}[15m])) > 0"
    }

    private func deviation(_ value: String, of past: String) -> String {
        "abs(\(value) - avg_over_time(\(past)[1d:15m])) / "
            + "(stddev_over_time(\(past)[1d:15m]) + 0.01 * abs(avg_over_time(\(past)[1d:15m])))"
    }

    @Test func requestsAreReadInEitherConvention() throws {
        let lines = try rules(.openTelemetry).map(line)
        #expect(
            lines.contains(
                "HighFailureRate warning application 2m: sum by (job) (rate("
                    + #"http_server_request_duration_seconds_count{http_response_status_code=~"5..",job}[5m]))"#
                    + " / sum by (job) (rate(http_server_request_duration_seconds_count{job}[5m])) > 0.05"))
        #expect(lines.count == (try rules().count))
    }

    @Test func aServiceWithoutMetricsIsWatchedForBeingThere() throws {
        let artifacts = ServiceArtifacts(job: "bare", metrics: [])
        #expect(try artifacts.alertRules(artifacts.catalogue).map(\.promQL) == [#"up{job="bare"} == 0"#])
    }

    @Test func aRequestCounterOfItsOwnWithoutStatusIsNotTakenForTheEndpoints() throws {
        let metrics = MetricRegistry()
        _ = try metrics.counter("http_requests_total", help: "Requests.", labels: "page")
        _ = try metrics.histogram("http_request_duration_seconds", help: "Their time.")
        let artifacts = ServiceArtifacts(job: "own", metrics: [metrics])
        #expect(
            try artifacts.alertRules(artifacts.catalogue).allSatisfy { !$0.promQL.contains("http_requests_total") })
    }

    @Test func limitsAreSettings() throws {
        let lines = try rules {
            $0.automatic.downFor = .seconds(60)
            $0.automatic.processorShare = 0.9
            $0.automatic.failureShare = .init(warning: 0.001, critical: 0.01)
            $0.automatic.heartbeatSilence = .seconds(90)
            $0.automatic.diskHorizon = .seconds(7_200)
        }.map(line)
        let expected = [
            "ServiceDown critical service 1m: up{job} == 0", "system_cpu_usage_percent{job} * 0.01 > 0.9",
            "[5m])) > 0.001", "[5m])) > 0.01", "_timestamp_seconds{job} > 90", "usage_bytes{job}[1h], 7200)",
        ]
        for text in expected { #expect(lines.contains { $0.hasSuffix(text) || $0.contains(text + " / ") }, "\(text)") }
    }

    @Test func alertsAreSwitchedOffByNameOrAltogether() throws {
        let all = Set(try rules().map(\.name))
        let fewer = try rules { $0.automatic.switchedOff = ["HighCPUUsage", "CheckFailing"] }
        #expect(all.subtracting(fewer.map(\.name)) == ["HighCPUUsage", "CheckFailing"])
        #expect(try rules { $0.automatic.isOn = false }.isEmpty)
    }

    @Test func aDeclaredAlertReplacesTheAutomaticOneOfItsName() throws {
        let declared = try rules {
            $0.alert(
                "CheckFailing", when: .value("component_health") == 0, for: .seconds(120), severity: .info,
                summary: "A check fails")
        }.filter { $0.name == "CheckFailing" }
        #expect(declared.map(line) == ["CheckFailing info application 2m: component_health == 0"])
    }
}
