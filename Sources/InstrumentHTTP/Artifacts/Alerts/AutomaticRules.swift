// SPDX-License-Identifier: Apache-2.0

import HealthProbes
import Instrument

/// Derives alert rules from what is registered.
struct AutomaticRules {
    let settings: AutomaticAlerts
    let catalogue: MetricCatalogue
    /// The matcher of the service's own series.
    let job: LabelMatcher
    let health: HealthRegistry?

    /// All of them that are not switched off.
    func rules() -> [AlertRule] {
        guard settings.isOn else { return [] }
        let all =
            serviceRules() + resourceRules() + requestRules() + healthRules() + objectiveRules() + anomalyRules()
            + ownRules()
        return all.filter { !settings.switchedOff.contains($0.name) }
    }

    func rule(
        _ name: String, _ condition: AlertCondition, for wait: Duration, _ severity: AlertSeverity, _ group: String,
        _ summary: String, _ description: String? = nil
    ) -> AlertRule {
        AlertRule(
            name: name, condition: condition, wait: wait, severity: severity, group: group, summary: summary,
            description: description, scope: [job])
    }

    // MARK: The service and its resources

    private func serviceRules() -> [AlertRule] {
        var rules = [
            rule(
                "ServiceDown", .value("up") == 0, for: settings.downFor, .critical, "service",
                "{{ $labels.job }} on {{ $labels.instance }} is down",
                "Prometheus cannot scrape {{ $labels.instance }}.")
        ]
        if catalogue.has("process_start_time_seconds") {
            rules.append(
                rule(
                    "FrequentRestarts",
                    .changes("process_start_time_seconds", over: .seconds(3_600)) > settings.restarts, for: .zero,
                    .warning, "service", "{{ $labels.job }} on {{ $labels.instance }} keeps restarting",
                    "It was started {{ $value }} times within an hour."))
        }
        return rules
    }

    private func resourceRules() -> [AlertRule] {
        var rules: [AlertRule] = []
        if let processor {
            rules.append(
                rule(
                    "HighCPUUsage", processor > settings.processorShare, for: settings.resourcesFor, .warning, "system",
                    "{{ $labels.instance }} is short of CPU time", "{{ $value | humanizePercentage }} of it are used."))
        }
        if let (used, size) = memory {
            rules.append(
                rule(
                    "HighMemoryUsage", .ratio(used, to: size) > settings.memoryShare, for: settings.resourcesFor,
                    .critical, "system", "{{ $labels.instance }} is short of memory",
                    "{{ $value | humanizePercentage }} of it are used."))
            rules.append(
                exhaustion("MemoryExhaustionPredicted", used, size, settings.memoryHorizon, "the memory"))
        }
        if catalogue.has("system_disk_usage_bytes"), catalogue.has("system_disk_size_bytes") {
            rules.append(
                exhaustion(
                    "DiskExhaustionPredicted", "system_disk_usage_bytes", "system_disk_size_bytes",
                    settings.diskHorizon,
                    "the disk of {{ $labels.path }}"))
        }
        return rules
    }

    /// The share of the CPU time that may be used.
    private var processor: MetricQuery? {
        let window = Duration.seconds(300)
        if catalogue.has("cgroup_cpu_limit_cores"), catalogue.has("process_cpu_seconds_total") {
            return .rate("process_cpu_seconds_total", over: window) / .value("cgroup_cpu_limit_cores")
        }
        if catalogue.has("system_cpu_usage_percent") { return .value("system_cpu_usage_percent") * 0.01 }
        return catalogue.has("process_cpu_seconds_total") ? .rate("process_cpu_seconds_total", over: window) : nil
    }

    private var memory: (used: MetricSelector, size: MetricSelector)? {
        if catalogue.has("cgroup_memory_limit_bytes"), catalogue.has("cgroup_memory_usage_bytes") {
            return ("cgroup_memory_usage_bytes", "cgroup_memory_limit_bytes")
        }
        return catalogue.has("system_memory_size_bytes") && catalogue.has("system_memory_usage_bytes")
            ? ("system_memory_usage_bytes", "system_memory_size_bytes") : nil
    }

    private func exhaustion(
        _ name: String, _ used: MetricSelector, _ size: MetricSelector, _ horizon: Duration, _ what: String
    ) -> AlertRule {
        rule(
            name, .prediction(of: used, relativeTo: size, in: horizon, from: .seconds(3_600)) > 1, for: .seconds(300),
            .warning, "system", "{{ $labels.instance }}: \(what) will be full",
            "At the pace of the last hour it is full within \(PromQLText.duration(horizon)).")
    }
}
