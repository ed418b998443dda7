// SPDX-License-Identifier: Apache-2.0

import HealthProbes
import Instrument
import InstrumentHTTP

/// What runs beside the service: the guide's seven alerts, the seven panels of its dashboard, the timings of its probes and
/// who is told.
enum FlowArtifacts {
    static func make(_ metrics: MetricRegistry, _ health: HealthRegistry) -> ServiceArtifacts {
        var artifacts = ServiceArtifacts(job: "moai-flow", metrics: [metrics], health: health)
        addAlerts(to: &artifacts)
        addPanels(to: &artifacts)
        addProbes(to: &artifacts)

        let team = AlertReceiver.email(
            to: "devops@moai-flow.dev", from: "alerts@moai-flow.dev", smarthost: "smtp.gmail.com:587",
            user: "alerts@moai-flow.dev", passwordFile: "/run/secrets/smtp_password")
        artifacts.alertmanager.critical = team
        artifacts.alertmanager.warning = team
        return artifacts
    }

    /// Declared under these names they take the place of what follows from the metrics by itself.
    private static func addAlerts(to artifacts: inout ServiceArtifacts) {
        artifacts.alert(
            "HighErrorRate", when: .rate("moai_flow_errors_total", over: .seconds(300)) > 0.01, for: .seconds(300),
            severity: .critical, summary: "High error rate detected",
            description: "Error rate is {{ $value }} errors/second")
        artifacts.alert(
            "DatabaseSizeGrowing", when: .value("moai_flow_db_size_bytes") > 10_737_418_240, for: .seconds(3_600),
            group: "database", summary: "Database size exceeds 10GB",
            description: "Database size is {{ $value | humanize }}B")
        artifacts.alert(
            "HighQueryLatency", when: .summaryQuantile(0.95, of: "moai_flow_query_duration_seconds") > 0.1,
            for: .seconds(600), group: "database", summary: "High query latency detected",
            description: "P95 query latency is {{ $value }}s")
        artifacts.alert(
            "ServiceDown", when: .value(#"up{job="moai-flow"}"#) == 0, for: .seconds(60), severity: .critical,
            summary: "MoAI-Flow service is down", description: "Service has been down for 1 minute")
        artifacts.alert(
            "HighCPUUsage", when: .rate("process_cpu_seconds_total", over: .seconds(300)) > 0.9, for: .seconds(600),
            group: "system", summary: "High CPU usage", description: "CPU usage is {{ $value | humanizePercentage }}")
        artifacts.alert(
            "HighMemoryUsage",
            when: .ratio("process_resident_memory_bytes", to: "node_memory_MemTotal_bytes") > 0.9,
            for: .seconds(600), severity: .critical, group: "system", summary: "High memory usage",
            description: "Memory usage is {{ $value | humanizePercentage }}")
        artifacts.alert(
            "DiskSpaceLow", when: .ratio("node_filesystem_avail_bytes", to: "node_filesystem_size_bytes") < 0.2,
            for: .seconds(600), group: "system", summary: "Disk space low",
            description: "Only {{ $value | humanizePercentage }} disk space remaining")
    }

    private static func addPanels(to artifacts: inout ServiceArtifacts) {
        artifacts.section("MoAI-Flow Monitoring") { section in
            section.panel("Active Agents", .value("moai_flow_agents_active"))
            section.panel("Event Rate", .rate("moai_flow_events_total", over: .seconds(300)))
            section.panel("Query Latency (P95)", .summaryQuantile(0.95, of: "moai_flow_query_duration_seconds"))
            section.panel("Database Size", .value("moai_flow_db_size_bytes"))
            section.panel("Error Rate", .rate("moai_flow_errors_total", over: .seconds(300)))
            section.panel("CPU Usage", .rate("process_cpu_seconds_total", over: .seconds(300)), as: .gauge)
            section.panel("Memory Usage", .value("process_resident_memory_bytes"), as: .gauge)
        }
    }

    private static func addProbes(to artifacts: inout ServiceArtifacts) {
        artifacts.probes.liveness = KubernetesProbe(
            command: ["/app/moai-flow", "health", "live"], initialDelay: .seconds(30), period: .seconds(60),
            timeout: .seconds(10), failureThreshold: 3)
        artifacts.probes.readiness = KubernetesProbe(
            command: ["/app/moai-flow", "health", "ready"], initialDelay: .seconds(10), period: .seconds(30),
            timeout: .seconds(5), failureThreshold: 3)
        artifacts.probes.startup = KubernetesProbe(
            command: ["/app/moai-flow", "health", "startup"], initialDelay: .zero, period: .seconds(10),
            timeout: .seconds(5), failureThreshold: 30)
        artifacts.probes.selfProbe = ["/app/moai-flow", "health"]
    }
}
