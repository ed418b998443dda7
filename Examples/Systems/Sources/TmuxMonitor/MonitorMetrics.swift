// SPDX-License-Identifier: Apache-2.0

import Instrument

/// What the monitor measures, under the names that its guide uses; `component_health` comes from the checks.
struct MonitorMetrics: Sendable {
    let cycleDuration: Gauge
    let agentsTotal: Gauge
    let agentsHealthy: Gauge
    let agentsIdle: Gauge
    let agentsPerSecond: Gauge
    let errors: Counter
    /// The guide asks for its rate under a name without `_total`, so it cannot be a counter to OpenMetrics.
    let detectionErrors: Untyped
    let detectedShare: Gauge

    init(_ metrics: MetricRegistry) throws {
        cycleDuration = try metrics.gauge("monitoring_cycle_duration", help: "Duration of the last cycle, in seconds.")
        agentsTotal = try metrics.gauge("agents_total", help: "Agents that the last cycle found.")
        agentsHealthy = try metrics.gauge("agents_healthy", help: "Agents whose process runs.")
        agentsIdle = try metrics.gauge("agents_idle", help: "Agents that run and wait.")
        agentsPerSecond = try metrics.gauge(
            "monitoring_agents_per_second", help: "Agents of the last cycle by its duration.")
        errors = try metrics.counter("errors_total", help: "Turns of components that failed.")
        detectionErrors = try metrics.untyped("agent_detection_errors", help: "Sessions that could not be read.")
        detectedShare = try metrics.gauge(
            "agent_detection_accuracy_percent", help: "Share of the sessions that could be read.")
        try metrics.registerProcessMetrics()
    }
}
