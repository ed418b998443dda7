// SPDX-License-Identifier: Apache-2.0

import HealthProbes
import Instrument
import InstrumentHTTP

/// The alerts and dashboards of the guide, by its names. What is not declared here follows from metrics, checks and
/// objectives: budgets at 50 % and 80 % and their burn rates, memory that runs out within two hours, anomalies.
enum OrchestratorArtifacts {
    static func make(
        _ metrics: OrchestratorMetrics, _ health: HealthRegistry, _ levels: ServiceLevels, webhook: String?
    ) -> ServiceArtifacts {
        var artifacts = ServiceArtifacts(
            job: "genesis-orchestrator", metrics: [metrics.application, metrics.business, metrics.security],
            health: health)
        artifacts.scrape.interval = .seconds(5)
        if let webhook {
            artifacts.alertmanager.critical = .webhook(webhook)
            artifacts.alertmanager.warning = .webhook(webhook)
        }
        // What the guide has under other names.
        artifacts.automatic.switchedOff = [
            "ServiceDown", "ObjectiveMissed", "HighResponseTime", "DiskExhaustionPredicted",
        ]
        declareCriticalAlerts(&artifacts, levels)
        declareWarnings(&artifacts)
        declareForecasts(&artifacts)
        declareDashboards(&artifacts)
        return artifacts
    }

    private static let failureShare = MetricQuery.rateRatio(
        "genesis_orchestration_failures_total", to: "genesis_orchestrations_total", over: .seconds(300))
    private static let latency = MetricQuery.summaryQuantile(0.95, of: "genesis_orchestration_latency_seconds")

    private static func declareCriticalAlerts(_ artifacts: inout ServiceArtifacts, _ levels: ServiceLevels) {
        artifacts.alert(
            "GenesisOrchestratorDown", when: .value(#"up{job="genesis-orchestrator"}"#) == 0, for: .seconds(30),
            severity: .critical, group: "sla", summary: "The orchestrator on {{ $labels.instance }} is down")
        for (name, objective) in [
            ("SLAAvailabilityBreach", levels.availability), ("SLAPerformanceBreach", levels.latency),
            ("SLAReliabilityBreach", levels.reliability),
        ] {
            artifacts.alert(
                name,
                when: .value(MetricSelector("objective_attained_ratio", ["objective": objective.name]))
                    < objective.target,
                severity: .critical, group: "sla", summary: "The month's \(objective.name) is below its target",
                description: "{{ $value | humanizePercentage }} of the events were good.")
        }
        artifacts.alert(
            "CriticalFailureRate", when: failureShare > 0.15, for: .seconds(60), severity: .critical,
            summary: "{{ $value | humanizePercentage }} of the plans fail")
        artifacts.alert(
            "CriticalOrchestrationLatency", when: latency > 10, for: .seconds(60), severity: .critical,
            summary: "One of 20 plans takes {{ $value | humanizeDuration }} or more")
    }

    private static func declareWarnings(_ artifacts: inout ServiceArtifacts) {
        artifacts.alert(
            "HighFailureRate", when: .between(0.05, and: 0.15, failureShare), for: .seconds(120),
            summary: "{{ $value | humanizePercentage }} of the plans fail")
        artifacts.alert(
            "HighOrchestrationLatency", when: .between(5, and: 10, latency), for: .seconds(120),
            summary: "One of 20 plans takes {{ $value | humanizeDuration }} or more")
        artifacts.alert(
            "StabilityScoreDropped", when: .value("genesis_stability_score") < 0.95, for: .seconds(60),
            summary: "{{ $value | humanizePercentage }} of the last hundred plans did not fail")
        artifacts.alert(
            "TokenBudgetExhaustion", when: .ratio("genesis_tokens_spent", to: "genesis_tokens_limit") > 0.8,
            group: "tokens", summary: "{{ $value | humanizePercentage }} of today's tokens are spent")
        artifacts.alert(
            "RefusedRequests",
            when: .sum(.rate(#"genesis_authentications_total{outcome="refused"}"#, over: .seconds(300)), by: ["job"])
                > 1,
            for: .seconds(60), group: "security", summary: "{{ $value | humanize }} requests a second are refused")
    }

    private static func declareForecasts(_ artifacts: inout ServiceArtifacts) {
        artifacts.alert(
            "DiskSpaceExhaustionPredicted",
            when: .prediction(
                of: "system_disk_usage_bytes", relativeTo: "system_disk_size_bytes", in: .seconds(4 * 3_600),
                from: .seconds(3_600)) > 1,
            for: .seconds(300), group: "system",
            summary: "The disk of {{ $labels.path }} will be full within four hours")
        artifacts.alert(
            "TokenBudgetExhaustionPredicted",
            when: .prediction(
                of: "genesis_tokens_spent", relativeTo: "genesis_tokens_limit", in: .seconds(3_600),
                from: .seconds(900)) > 1,
            for: .seconds(60), group: "tokens", summary: "Today's tokens will be spent within an hour")
    }

    /// Two dashboards besides the overview, which shows everything.
    private static func declareDashboards(_ artifacts: inout ServiceArtifacts) {
        artifacts.dashboard("SLA") { dashboard in
            dashboard.section("Compliance") { section in
                section.panel("Attained", .value("objective_attained_ratio"), as: .stat)
                section.panel("Error budget left", .value("objective_budget_remaining_ratio"), as: .stat)
                section.panel("Plans that fail", failureShare)
                section.panel("Latency (p95)", latency)
                section.panel("Stability", .value("genesis_stability_score"), unit: .ratio)
            }
            dashboard.section("Error budgets") { section in
                section.panel("objective_budget_remaining_ratio")
                section.panel("objective_burn_rate")
                section.panel("objective_exhaustion_seconds")
                section.panel(
                    "Today's tokens", .ratio("genesis_tokens_spent", to: "genesis_tokens_limit"), as: .gauge)
            }
        }
        artifacts.dashboard("Infrastructure") { dashboard in
            dashboard.section("Service") { section in
                section.panel("process_cpu_seconds_total")
                section.panel("process_resident_memory_bytes")
                section.panel("process_open_fds")
                section.panel("genesis_cache_bytes")
            }
            dashboard.section("Machine") { section in
                section.panel("system_cpu_usage_percent")
                section.panel("Memory", .ratio("system_memory_usage_bytes", to: "system_memory_size_bytes"))
                section.panel("Disk", .ratio("system_disk_usage_bytes", to: "system_disk_size_bytes"))
                section.panel("system_load1")
            }
        }
    }
}
