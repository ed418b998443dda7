// SPDX-License-Identifier: Apache-2.0

import Foundation
import HealthProbes
import Instrument
import RedisClient

extension PleiotropyService {
    /// What decides between healthy, check required and unhealthy: only Redis makes the service unhealthy.
    func registerChecks() throws {
        try registerNeighbours()
        try registerWork()
        try registerResources()
    }

    private func registerNeighbours() throws {
        let redis = settings.redis
        var options = CheckOptions()
        options.publicMessage = "Redis does not answer"
        try health.register(
            "redis", .readiness, critical: true, every: settings.checkInterval, options: options,
            .redis(host: redis.host, port: redis.port))
        try health.register(
            "redis_port", .info, every: settings.checkInterval, .tcp(host: redis.host, port: redis.port))
        if settings.webPort > 0 {
            try health.register(
                "web_ui", .info, every: settings.checkInterval, .http(host: "127.0.0.1", port: settings.webPort))
        }

        let (queue, metrics) = (TaskQueue(redis), metrics)
        var dependent = CheckOptions()
        dependent.dependsOn = ["redis"]
        try health.register("redis_statistics", .info, every: settings.checkInterval, options: dependent) {
            let information = try await queue.information()
            func figure(_ name: String) -> Double { information[name].flatMap { Double($0) } ?? 0 }
            metrics.redisMemoryUsed.set(figure("used_memory"))
            metrics.redisMemoryMax.set(figure("maxmemory"))
            metrics.redisCommands.raise(to: figure("total_commands_processed"))
            metrics.redisClients.set(figure("connected_clients"))
        }
        try health.register(
            "redis_memory", .info, every: settings.checkInterval, options: dependent,
            .threshold(.above(warn: 80, fail: 95), unit: "percent") {
                let limit = metrics.redisMemoryMax.value
                return limit > 0 ? 100 * metrics.redisMemoryUsed.value / limit : 0
            })
        try health.register(
            "redis_connections", .info, every: settings.checkInterval, options: dependent,
            .threshold(metrics.redisClients, .above(warn: 100), unit: "clients"))
        try health.register(
            "hit_ratio", .info, every: settings.checkInterval,
            .threshold(metrics.hitRatio, .below(warn: 90), unit: "percent"))
    }

    private func registerWork() throws {
        let (redis, metrics) = (settings.redis, metrics)
        var dependent = CheckOptions()
        dependent.dependsOn = ["redis"]
        dependent.reachesDependency = true
        try health.register(
            "queue_length", .info, every: settings.checkInterval, options: dependent,
            .queueDepth(.above(warn: 100)) {
                let length = try TaskQueue.length(redis)
                metrics.queueLength.set(length)
                return length
            })
        try health.register(
            "failure_rate", .info, every: settings.checkInterval,
            .share(of: metrics.tasksFailed, in: metrics.tasksTaken, over: settings.sustained, .above(warn: 5)))
        let balance = BalanceBook()
        let names = (1...settings.agentCount).map { "analyzer-\($0)" }
        try health.register(
            "workload_balance", .info, every: settings.checkInterval,
            HealthCheck {
                balance.record(
                    Dictionary(uniqueKeysWithValues: names.map { ($0, metrics.tasksProcessed.with($0).value) }))
            })
        try health.register(
            "response_time", .info, every: settings.checkInterval,
            .threshold(.above(warn: 0.5, fail: 2), unit: "s") {
                // Nobody asked within the window: there is no quantile.
                let seconds = metrics.responseTime.quantile(0.95)
                return seconds.isNaN ? 0 : seconds
            })
        try health.register("restarts", .info, .restartLoop(starts, max: 3, within: .seconds(3_600)))
    }

    /// The guide's two kinds of limits: a table of warning and critical levels, and loads that last.
    private func registerResources() throws {
        let (interval, sustained) = (settings.checkInterval, settings.sustained)
        try health.register("cpu", .info, every: interval, .processor(.above(warn: 70, fail: 90)))
        try health.register("cpu_sustained", .info, every: interval, .processor(.above(warn: 80, for: sustained)))
        try health.register("memory", .info, every: interval, .memory(.above(warn: 80, fail: 95)))
        try health.register("memory_alert", .info, every: interval, .memory(.above(warn: 85)))
        try health.register(
            "disk", .info, every: interval, .disk([settings.dataFolder.path], .above(warn: 80, fail: 95)))
    }
}

/// Lets one check after the other look at the balance.
private final class BalanceBook: @unchecked Sendable {
    /// The lock guards `balance`, all that changes here.
    private let lock = NSLock()
    private var balance = WorkloadBalance()

    func record(_ totals: [String: Double]) -> CheckResult {
        lock.withLock {
            balance.record(totals)
            return balance.result
        }
    }
}
