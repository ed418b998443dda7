// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument
import Testing

@testable import InstrumentHTTP

@Suite struct AlertRuleTests {
    private static let fiveMinutes = Duration.seconds(300)

    /// Conditions with the expressions that guides and handbooks give for them.
    static let conditions: [(AlertCondition, String)] = [
        (.value("monitoring_cycle_duration") > 0.5, "monitoring_cycle_duration > 0.5"),
        (.value("component_health") == 0, "component_health == 0"),
        (.rate("agent_detection_errors", over: fiveMinutes) > 0.1, "rate(agent_detection_errors[5m]) > 0.1"),
        (.value("moai_flow_db_size_bytes") > 10_737_418_240, "moai_flow_db_size_bytes > 10737418240"),
        (.value(#"up{job="moai-flow"}"#) == 0, #"up{job="moai-flow"} == 0"#),
        (.value(MetricSelector("up", ["job": "moai-flow"])) == 0, #"up{job="moai-flow"} == 0"#),
        (
            .summaryQuantile(0.95, of: "moai_flow_query_duration_seconds") > 0.1,
            #"moai_flow_query_duration_seconds{quantile="0.95"} > 0.1"#
        ),
        (.age(of: "agent_last_heartbeat_timestamp") > 300, "time() - agent_last_heartbeat_timestamp > 300"),
        (
            .rate("container_cpu_usage_seconds_total", over: fiveMinutes) * 100 > 80,
            "rate(container_cpu_usage_seconds_total[5m]) * 100 > 80"
        ),
        (
            .ratio("container_memory_usage_bytes", to: "container_spec_memory_limit_bytes") * 100 > 85,
            "(container_memory_usage_bytes / container_spec_memory_limit_bytes) * 100 > 85"
        ),
        (
            .ratio("process_resident_memory_bytes", to: "node_memory_MemTotal_bytes") > 0.9,
            "process_resident_memory_bytes / node_memory_MemTotal_bytes > 0.9"
        ),
        (
            .quantile(0.95, of: "http_request_duration_seconds", over: fiveMinutes) > 2,
            "histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket[5m]))) > 2"
        ),
        (
            .between(
                0.05, and: 0.15,
                .rateRatio(
                    #"http_requests_total{status=~"5.."}"#, to: "http_requests_total", over: fiveMinutes, by: [])),
            #"sum(rate(http_requests_total{status=~"5.."}[5m])) / sum(rate(http_requests_total[5m])) > 0.05 <= 0.15"#
        ),
        (
            .changes("process_start_time_seconds", over: .seconds(3_600)) > 3,
            "changes(process_start_time_seconds[1h]) > 3"
        ),
        (.increase("jobs_total", over: .seconds(5_400)) >= 3, "increase(jobs_total[1h30m]) >= 3"),
        (
            .prediction(of: "node_filesystem_avail_bytes", in: .seconds(14_400), from: .seconds(3_600)) < 0,
            "predict_linear(node_filesystem_avail_bytes[1h], 14400) < 0"
        ),
        (
            .events("log_lines_dropped_total", over: .seconds(900)) > 0,
            "(log_lines_dropped_total unless log_lines_dropped_total offset 15m or "
                + "increase(log_lines_dropped_total[15m])) > 0"
        ),
        (
            (.value(#"burn{window="1h"}"#) > 14.4).and(.value(#"burn{window="5m"}"#) > 14.4, ignoring: ["window"]),
            #"burn{window="1h"} > 14.4 and ignoring (window) burn{window="5m"} > 14.4"#
        ),
        (
            (.value("a") > 1).and((.value("b") > 2).and(.value("c") > 3), ignoring: ["x"]),
            "a > 1 and ignoring (x) (b > 2 and c > 3)"
        ), (.absent(#"up{job="x"}"#), #"absent(up{job="x"})"#),
        (.max(.value("queue_length"), by: ["queue"]) > 100, "max by (queue) (queue_length) > 100"),
        (
            .rate("process_cpu_seconds_total", over: fiveMinutes) / .value("cores") > 0.8,
            "rate(process_cpu_seconds_total[5m]) / cores > 0.8"
        ),
        (
            .deviation(of: .value("x")) > 3,
            "abs(x - avg_over_time(x[1d:15m])) / (stddev_over_time(x[1d:15m]) + 0.01 * abs(avg_over_time(x[1d:15m]))) > 3"
        ),
    ]

    @Test(arguments: conditions) func expressionsReadAsGuidesWriteThem(_ condition: AlertCondition, _ text: String) {
        #expect(condition.promQL(in: []) == text)
    }

    /// An alert of every kind.
    private static var kinds: [(String, AlertCondition)] {
        let window = fiveMinutes
        return [
            ("Above", .value("queue_length") > 100), ("AtLeast", .value("queue_length") >= 100),
            ("Below", .value("hit_ratio") < 0.9), ("AtMost", .value("hit_ratio") <= 0.5),
            ("Equal", .value("redis_up") == 0), ("Different", .value("redis_up") != 1),
            ("Within", .between(100, and: 200, .value("queue_length"))), ("Negative", .value("queue_length") < -5),
            ("Matched", .value(#"queue_length{queue=~"mail|print"}"#) > 3),
            ("NotMatched", .value(#"queue_length{queue!="a",queue!~"b.*"}"#) > 3),
            ("Rate", .rate("jobs_total", over: window) > 2), ("SlowRate", .rate("jobs_total", over: window) < 0.01),
            ("Untyped", .rate("agent_detection_errors", over: window) > 0.1),
            ("Percent", .rate("process_cpu_seconds_total", over: window) * 100 > 80),
            ("Increase", .increase("jobs_total", over: .seconds(3_600)) > 3),
            ("Events", .events(#"jobs_total{outcome="failed"}"#, over: .seconds(900)) > 2),
            ("Changes", .changes("process_start_time_seconds", over: .seconds(3_600)) > 3),
            ("ManyChanges", .changes("queue_length", over: .seconds(600)) * 2 > 60),
            ("Stuck", .changes("queue_length", over: .seconds(600)) < 1),
            ("Ratio", .ratio("process_open_fds", to: "process_max_fds") > 0.9),
            ("OutsideRatio", .ratio("process_resident_memory_bytes", to: "node_memory_MemTotal_bytes") > 0.9),
            ("RatioOn", .ratio("queue_length", to: "hit_ratio", on: ["instance"]) > 2),
            ("RateOverValue", .rate("process_cpu_seconds_total", over: window) / .value("hit_ratio") > 0.8),
            (
                "Failures",
                .rateRatio(#"jobs_total{outcome="failed"}"#, to: "jobs_total", over: window, by: ["queue"]) > 0.05
            ),
            ("Successes", .rateRatio(#"jobs_total{outcome="ok"}"#, to: "jobs_total", over: window, by: []) < 0.99),
            ("Mean", .rateRatio("job_duration_seconds_sum", to: "job_duration_seconds_count", over: window) > 7),
            ("Quantile", .quantile(0.95, of: "job_duration_seconds", over: window, by: ["queue"]) > 2),
            ("QuantileLastBucket", .quantile(0.99, of: "job_duration_seconds", over: window) > 7),
            ("QuantileFast", .quantile(0.5, of: "job_duration_seconds", over: window) < 0.003),
            ("ForeignQuantile", .quantile(0.9, of: "foreign_seconds", over: window) > 3),
            ("SummaryQuantile", .summaryQuantile(0.95, of: "query_seconds") > 0.1),
            ("Stale", .age(of: "backup_last_success_timestamp_seconds") > 86_400),
            ("Full", .prediction(of: "node_filesystem_avail_bytes", in: .seconds(14_400), from: .seconds(3_600)) < 0),
            (
                "FullShare",
                .prediction(
                    of: "system_disk_usage_bytes", relativeTo: "system_disk_size_bytes", in: .seconds(7_200),
                    from: .seconds(1_800)) > 1
            ),
            ("Unusual", .deviation(of: .value("queue_length"), baseline: .seconds(7_200), step: .seconds(60)) > 3),
            (
                "UnusualRate",
                .deviation(of: .sum(.rate("jobs_total", over: window)), baseline: .seconds(14_400), step: .seconds(300))
                    >= 2
            ),
            ("Sum", .sum(.value("queue_length")) > 1_000), ("Max", .max(.value("queue_length"), by: ["queue"]) > 9),
            ("Min", .min(.value("hit_ratio")) < 0.5), ("Average", .average(.value("hit_ratio")) < 0.5),
            ("Both", (.value("queue_length") > 10).and(.rate("jobs_total", over: window) < 1, ignoring: ["outcome"])),
            ("Ancient", .age(of: "backup_last_success_timestamp_seconds") > 1e12), ("Absent", .absent("hit_ratio")),
            ("Enum", .value(#"lookups_total{outcome!="hit"}"#) > 9),
            ("State", .value(#"mode{mode="miss"}"#) == 1),
        ]
    }

    /// Checks and tries rules with promtool.
    private func tryOut(_ files: [ArtifactFile]) async throws {
        for arguments in [["check", "rules", "alerts.yml"], ["test", "rules", "alerts.test.yml"]] {
            let (code, output) = try await PrometheusTool.run("promtool", arguments, on: files)
            #expect(code == 0, "\(output)")
        }
    }

    /// promtool evaluates every rule in every test: a few at a time are tried sooner than all at once.
    @Test(
        .enabled(if: PrometheusTool.exists("promtool"), "no promtool"),
        arguments: Array(stride(from: 0, to: kinds.count, by: 8)))
    func everyKindOfAlertFiresAndClears(from first: Int) async throws {
        var artifacts = try SampleService().artifacts
        artifacts.automatic.isOn = false
        artifacts.outsideMetrics = ["node_*", "container_*", "redis_up", "foreign_seconds_*"]
        for (name, condition) in Self.kinds[first...].prefix(8) {
            artifacts.alert(
                name, when: condition, for: .seconds(60), severity: .critical, group: "kinds",
                summary: "\(name): it's \"{{ $value }}\" # not: a comment")
        }
        try await tryOut(artifacts.files())
    }

    @Test(.enabled(if: PrometheusTool.exists("promtool"), "no promtool"))
    func alertsOfOtherKindsFireAndClearWithGivenSeries() async throws {
        var artifacts = try ArtifactFilesTests.small()
        artifacts.outsideMetrics = ["node_*"]
        artifacts.alert(
            "Raw", whenPromQL: #"(node_filesystem_avail_bytes / node_filesystem_size_bytes) < 0.2"#, for: .seconds(600),
            firing: [
                #"node_filesystem_avail_bytes{instance="a"}"#: .level(10),
                #"node_filesystem_size_bytes{instance="a"}"#: .level(100),
            ],
            clear: [
                #"node_filesystem_avail_bytes{instance="a"}"#: .level(90),
                #"node_filesystem_size_bytes{instance="a"}"#: .level(100),
            ], severity: .info, group: "kinds", summary: "Disk space low", description: "Line one\nline two")
        try await tryOut(artifacts.files())
    }

    /// Tries the automatic rules that are chosen, without the others.
    private func tryAutomatic(
        _ convention: RequestMetrics.Convention, _ isTried: (AlertRule) -> Bool
    ) async throws {
        var artifacts = try SampleService(convention: convention).artifacts
        artifacts.automatic.anomalyBaseline = .seconds(8 * 3_600)
        let rules = try artifacts.alertRules(artifacts.catalogue)
        let tried = Set(rules.filter(isTried).map(\.name))
        #expect(tried.count >= 3)
        artifacts.automatic.switchedOff = Set(rules.map(\.name)).subtracting(tried)
        try await tryOut(artifacts.files())
    }

    /// Anomalies have a long past, in which no other rule need be evaluated.
    @Test(.enabled(if: PrometheusTool.exists("promtool"), "no promtool"), arguments: [true, false])
    func everyAutomaticAlertFiresAndClears(isAnomaly: Bool) async throws {
        try await tryAutomatic(.classic) { $0.name.hasSuffix("Anomaly") == isAnomaly }
    }

    @Test(.enabled(if: PrometheusTool.exists("promtool"), "no promtool"))
    func requestsOfTheOtherConventionMakeTheirAlertsFireAndClear() async throws {
        try await tryAutomatic(.openTelemetry) { $0.promQL.contains("http_server_request_") }
    }

    @Test(.enabled(if: PrometheusTool.exists("promtool"), "no promtool"))
    func aRuleThatNeverFiresOrNeverClearsFailsItsTest() async throws {
        let files = try ArtifactFilesTests.small {
            $0.alert("QueueLong", when: .value("queue_length") > 100, summary: "Long")
        }.files()
        for other in ["queue_length > 1e9", "queue_length >= 0", "queue_lengths > 100"] {
            let changed = files.map {
                ArtifactFile(
                    name: $0.name, mediaType: $0.mediaType, text: $0.text.replacing("queue_length > 100", with: other))
            }
            let (code, output) = try await PrometheusTool.run(
                "promtool", ["test", "rules", "alerts.test.yml"], on: changed)
            #expect(code != 0 && output.contains("FAILED"), "\(other): \(output)")
        }
    }
}
