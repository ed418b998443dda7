// SPDX-License-Identifier: Apache-2.0

import HealthProbes
import Instrument
import InstrumentHTTP

/// What Prometheus, Alertmanager and Grafana are told about the service.
enum PleiotropyArtifacts {
    static func make(_ metrics: MetricRegistry, _ health: HealthRegistry) -> ServiceArtifacts {
        var artifacts = ServiceArtifacts(job: "pleiotropy", metrics: [metrics], health: health)
        artifacts.scrape.interval = .seconds(5)
        artifacts.probes.selfProbe = ["/app/pleiotropy", "health"]
        artifacts.alertmanager.critical = .webhook("http://127.0.0.1:5001/")
        artifacts.alertmanager.warning = .email(
            to: "admin@pleiotropy.local", from: "alerts@pleiotropy.local", smarthost: "localhost:587")
        declareAlerts(&artifacts)
        declarePanels(&artifacts)
        return artifacts
    }

    /// ServiceDown, HighCPUUsage, FrequentRestarts, HighFailureRate and HighResponseTime come by themselves, with the
    /// guide's limits; what differs from them is declared.
    private static func declareAlerts(_ artifacts: inout ServiceArtifacts) {
        artifacts.alert(
            "HighMemoryUsage", when: .ratio("system_memory_usage_bytes", to: "system_memory_size_bytes") * 100 > 85,
            for: .seconds(120), severity: .critical, group: "system",
            summary: "High memory usage on {{ $labels.instance }}")
        artifacts.alert(
            "AgentHeartbeatMissing", when: .age(of: "agent_last_heartbeat_timestamp") > 300, for: .seconds(60),
            group: "agents", summary: "Agent {{ $labels.agent_name }} heartbeat missing")
        artifacts.automatic.switchedOff = ["HeartbeatMissing"]
        artifacts.alert(
            "TasksFailing", when: .rateRatio("tasks_failed_total", to: "tasks_taken_total", over: .seconds(300)) > 0.05,
            group: "agents", summary: "{{ $value | humanizePercentage }} of the tasks fail")
        artifacts.alert(
            "QueueLong", when: .value("task_queue_length") > 100, for: .seconds(300), group: "queue",
            summary: "{{ $value }} tasks wait")
        artifacts.alert(
            "RedisMemoryHigh", when: .ratio("redis_memory_used_bytes", to: "redis_memory_max_bytes") * 100 > 80,
            for: .seconds(300), group: "redis", summary: "Redis uses {{ $value | humanize }} % of its memory")
        artifacts.alert(
            "HitRatioLow", when: .value("result_hit_ratio_percent") < 90, for: .seconds(300), severity: .info,
            group: "redis", summary: "{{ $value | humanize }} % of the lookups find a result")
    }

    /// The guide's five panels, each a section of its own.
    private static func declarePanels(_ artifacts: inout ServiceArtifacts) {
        artifacts.showsDefaultPanels = false
        let window = Duration.seconds(300)
        artifacts.section("System Overview") { section in
            section.panel("Health", .value(#"health_status{kind="overall"}"#), as: .stat)
            section.panel("Active components", .value("system_active_components"), as: .stat)
            section.panel("Uptime", .value("system_uptime_seconds"), as: .stat)
            section.panel("Load average", .value("system_load1"), as: .stat)
        }
        artifacts.section("Service Health") { section in
            section.panel("Components", .value("component_health"))
            section.panel("Restarts within an hour", .changes("process_start_time_seconds", over: .seconds(3_600)))
            section.panel(
                "Checks that do not pass",
                .rateRatio(
                    #"health_check_results_total{result!="pass"}"#, to: "health_check_results_total", over: window,
                    by: ["check"]))
            section.panel(
                "Response time (p95)", .quantile(0.95, of: "http_request_duration_seconds", over: window),
                unit: .seconds)
        }
        artifacts.section("Agent Activity") { section in
            section.panel("Since the last heartbeat", .age(of: "agent_last_heartbeat_timestamp"))
            section.panel("Tasks that wait", .value("task_queue_length"))
            section.panel("Processing rate", .sum(.rate("tasks_processed_total", over: window)), unit: .perSecond)
            section.panel(
                "Workload", .sum(.increase("tasks_processed_total", over: .seconds(3_600)), by: ["agent_name"]))
        }
        artifacts.section("Resource Utilization") { section in
            section.panel("system_cpu_usage_percent")
            section.panel("Memory", .ratio("system_memory_usage_bytes", to: "system_memory_size_bytes"), unit: .ratio)
            section.panel("process_resident_memory_bytes")
            section.panel("process_cpu_seconds_total")
        }
        artifacts.section("Redis Performance") { section in
            section.panel(
                "Memory", .ratio("redis_memory_used_bytes", to: "redis_memory_max_bytes"), unit: .ratio, as: .gauge)
            section.panel("Commands", .rate("redis_commands_processed_total", over: window), unit: .perSecond)
            section.panel("redis_connected_clients")
            section.panel("result_hit_ratio_percent")
        }
    }
}
