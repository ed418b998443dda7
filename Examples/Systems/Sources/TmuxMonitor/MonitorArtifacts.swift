// SPDX-License-Identifier: Apache-2.0

import HealthProbes
import Instrument
import InstrumentHTTP

/// What Prometheus, Alertmanager and Grafana are told about the monitor.
enum MonitorArtifacts {
    /// What is told as a warning has lasted this long.
    private static let warningDelay = Duration.seconds(900)
    private static let window = Duration.seconds(300)
    private static let mebibyte = 1_048_576.0

    static func make(_ metrics: MetricRegistry, _ health: HealthRegistry) -> ServiceArtifacts {
        var artifacts = ServiceArtifacts(job: "tmux-orchestrator", metrics: [metrics], health: health)
        artifacts.scrape.interval = .seconds(30)
        artifacts.alertmanager.critical = .webhook("http://127.0.0.1:5001/")
        declareGuidesAlerts(&artifacts)
        declareClasses(&artifacts)
        declarePanels(&artifacts)
        return artifacts
    }

    /// The three rules that the guide spells out.
    private static func declareGuidesAlerts(_ artifacts: inout ServiceArtifacts) {
        artifacts.alert(
            "MonitoringCycleTimeHigh", when: .value("monitoring_cycle_duration") > 0.5, for: .seconds(300),
            group: "performance", summary: "Monitoring cycle time elevated")
        artifacts.alert(
            "ComponentHealthCritical", when: .value("component_health") == 0, for: .seconds(60), severity: .critical,
            group: "components", summary: "Critical component failure")
        artifacts.alert(
            "AgentDetectionFailure", when: .rate("agent_detection_errors", over: window) > 0.1, for: .seconds(120),
            group: "agents", summary: "High agent detection error rate")
    }

    /// Its classes: critical at once, a warning after 15 minutes; what is only information is in the log.
    private static func declareClasses(_ artifacts: inout ServiceArtifacts) {
        func components(_ isCritical: Bool) -> MetricSelector {
            let names = Component.allCases.filter { $0.isCritical == isCritical }.map(\.rawValue)
            return MetricSelector(parsing: #"component_health{component=~"\#(names.joined(separator: "|"))"}"#)
        }
        artifacts.automatic.switchedOff = ["CheckFailing"]
        artifacts.alert(
            "ComponentFailing", when: .value(components(true)) == 0, severity: .critical, group: "components",
            summary: "{{ $labels.component }} fails, and the monitor with it")
        artifacts.alert(
            "ComponentFailing", when: .value(components(false)) == 0, for: warningDelay, group: "components",
            summary: "{{ $labels.component }} fails")
        artifacts.alert(
            "MemoryExhausted", when: .value("process_resident_memory_bytes") > 200 * mebibyte, severity: .critical,
            group: "resources", summary: "The monitor uses {{ $value | humanize1024 }}B")
        artifacts.alert(
            "MemoryHigh", when: .value("process_resident_memory_bytes") > 150 * mebibyte, for: warningDelay,
            group: "resources", summary: "The monitor uses {{ $value | humanize1024 }}B")
        artifacts.alert(
            "ErrorRateHigh", when: .rate("errors_total", over: window) * 60 > 5, for: warningDelay,
            group: "components", summary: "{{ $value | humanize }} errors a minute")
        artifacts.alert(
            "DetectionInaccurate", when: .value("agent_detection_accuracy_percent") < 95, for: warningDelay,
            group: "agents", summary: "{{ $value | humanize }} % of the sessions can be read")
    }

    /// The panels of the guide's primary dashboard.
    private static func declarePanels(_ artifacts: inout ServiceArtifacts) {
        artifacts.showsDefaultPanels = false
        artifacts.section("Performance Overview") { section in
            section.panel("Cycle time", .value("monitoring_cycle_duration"), unit: .seconds)
            section.panel("Throughput", .value("monitoring_agents_per_second"), unit: .perSecond)
            section.panel("Errors a minute", .rate("errors_total", over: window) * 60)
        }
        artifacts.section("Component Health") { section in
            section.panel("Components", .value("component_health"))
            section.panel("Verdicts", .value("health_status"))
        }
        artifacts.section("Resource Utilization") { section in
            section.panel("process_resident_memory_bytes")
            section.panel("process_cpu_seconds_total")
            section.panel("process_open_fds")
        }
        artifacts.section("Agent Analytics") { section in
            section.panel(
                "Agents", [.value("agents_total"), .value("agents_healthy"), .value("agents_idle")], unit: .number)
            section.panel(
                "Changes of the healthy ones within an hour", .changes("agents_healthy", over: .seconds(3_600)))
            section.panel("agent_detection_accuracy_percent")
            section.panel("Detection errors", .rate("agent_detection_errors", over: window), unit: .perSecond)
        }
    }
}
