// SPDX-License-Identifier: Apache-2.0

import HealthProbes
import Instrument

/// What the service measures beyond requests, checks and heartbeats, which the package counts by itself.
struct PleiotropyMetrics: Sendable {
    let tasksTaken: Counter
    let tasksFailed: Counter
    let tasksProcessed: Family<Counter, String>
    let taskDuration: Histogram
    let queueErrors: Counter
    let queueLength: Gauge
    let lookups: Family<Counter, String>
    let hitRatio: Gauge
    let responseTime: Summary
    let redisMemoryUsed: Gauge
    let redisMemoryMax: Gauge
    let redisCommands: Counter
    let redisClients: Gauge

    init(_ metrics: MetricRegistry, health: HealthRegistry) throws {
        tasksTaken = try metrics.counter("tasks_taken_total", help: "Tasks taken off the queue.")
        tasksFailed = try metrics.counter("tasks_failed_total", help: "Tasks that could not be analysed.")
        tasksProcessed = try metrics.counter(
            "tasks_processed_total", help: "Tasks that an agent is done with.", labels: "agent_name")
        taskDuration = try metrics.histogram(
            "task_duration_seconds", help: "Time to analyse one sequence.", unit: "seconds")
        queueErrors = try metrics.counter("queue_errors_total", help: "Times that the queue was not reached.")
        queueLength = try metrics.gauge("task_queue_length", help: "Tasks that wait, when last looked at.")
        lookups = try metrics.counter("result_lookups_total", help: "Results asked for.", labels: "outcome")
        hitRatio = try metrics.gauge(
            "result_hit_ratio_percent", help: "Share of the last 200 lookups that found a result.")
        responseTime = try metrics.summary(
            "api_response_time_seconds", help: "Response time of the API's own routes.", unit: "seconds",
            quantiles: [0.5, 0.95], window: .seconds(60))
        redisMemoryUsed = try metrics.gauge("redis_memory_used_bytes", help: "Memory that Redis uses.", unit: "bytes")
        redisMemoryMax = try metrics.gauge(
            "redis_memory_max_bytes", help: "Memory that Redis may use; 0 without a limit.", unit: "bytes")
        redisCommands = try metrics.counter("redis_commands_processed_total", help: "Commands that Redis answered.")
        redisClients = try metrics.gauge("redis_connected_clients", help: "Clients that Redis has.")
        hitRatio.set(100)
        try metrics.registerProcessMetrics()
        try metrics.registerSystemMetrics()
        try Self.registerOverview(metrics, health)
    }

    /// The figures of the overview panel.
    private static func registerOverview(_ metrics: MetricRegistry, _ health: HealthRegistry) throws {
        let active = try metrics.gauge("system_active_components", help: "Components whose check does not fail.")
        let uptime = try metrics.gauge("system_uptime_seconds", help: "Time since the start.", unit: "seconds")
        let start = Stopwatch()
        try metrics.collector("overview", of: [active, uptime]) {
            active.set(health.snapshot().checks.count { $0.status == .pass || $0.status == .warn })
            uptime.set(start.elapsed)
        }
    }
}
