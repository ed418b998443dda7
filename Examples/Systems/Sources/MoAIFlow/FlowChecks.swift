// SPDX-License-Identifier: Apache-2.0

import HealthProbes
import Instrument

/// The five named checks of the service, and the rest of its table of targets.
struct FlowChecks {
    let settings: Settings
    let metrics: FlowMetrics
    let database: SwarmDatabase
    let agents: [SwarmAgent]

    func register(in health: HealthRegistry) throws {
        try registerNamed(in: health)
        try registerTargets(in: health)
    }

    /// `database`, `disk_space`, `memory`, `query_performance` and `agents`.
    private func registerNamed(in health: HealthRegistry) throws {
        let (every, database, metrics) = (settings.checkInterval, database, metrics)
        try health.register(
            "database", [.readiness, .startup], critical: true, every: every, timeout: .seconds(2),
            HealthCheck {
                try database.requireWritable()
                let bytes = try database.byteCount()
                var result = CheckResult.pass("database is writable", value: Double(bytes), unit: "bytes")
                result.details = ["active_agents": "\(try database.activeAgents().count)", "bytes": "\(bytes)"]
                return result
            })
        try health.register(
            "disk_space", .readiness, every: every, .disk([settings.folder.path], .above(warn: 80, fail: 90)))
        try health.register("memory", .readiness, every: every, .memory(.above(warn: 80, fail: 95)))
        try health.register(
            "query_performance", .readiness, every: every, timeout: .seconds(2),
            .threshold(.above(warn: 0.1, fail: 0.5), unit: "s") {
                _ = try database.eventCounts()
                return metrics.slowestQuery()
            })
        // What restarting cures: so it is a question of liveness, too.
        try health.register("agents", [.liveness, .readiness], critical: true, every: every, agentsCheck)
    }

    /// Some agents that do not beat degrade the service, all of them fail it.
    private var agentsCheck: HealthCheck {
        // A turn may wait for the database's lock for a while: the check `database` tells that.
        let (agents, patience, began) = (agents, settings.agentInterval * 4 + .seconds(2), ContinuousClock.now)
        return HealthCheck {
            let stalled = agents.filter { ($0.heartbeat.report().age ?? began.duration(to: .now)) > patience }
            let active = agents.count - stalled.count
            let message = "\(active) of \(agents.count) agents active"
            var result =
                active == 0
                ? CheckResult.fail(message, value: 0)
                : stalled.isEmpty
                    ? .pass(message, value: Double(active)) : .warn(message, value: Double(active))
            result.details = ["stalled": stalled.map(\.name).joined(separator: ", ")]
            return result
        }
    }

    /// Targets that are no reason to take the service out of traffic.
    private func registerTargets(in health: HealthRegistry) throws {
        let (every, database, most) = (settings.checkInterval, database, settings.databaseBytesMax)
        try health.register("cpu", .info, every: every, .processor(.above(warn: 70, fail: 90, for: .seconds(60))))
        try health.register(
            "error_rate", .info, every: every,
            .share(of: metrics.errors, in: metrics.operations, over: .seconds(60), .above(warn: 0.1, fail: 1)))
        try health.register(
            "database_size", .info, every: every,
            .threshold(.above(fail: most), unit: "bytes") { Double(try database.byteCount()) })
        try health.register("uptime", .info, every: every, uptimeCheck(health))
    }

    /// The share of time that the service could be used since it came up, in percent, as readiness has it.
    private func uptimeCheck(_ health: HealthRegistry) -> HealthCheck {
        let uptime = Uptime()
        return .threshold(.below(warn: 99.9, fail: 99), unit: "percent") { [weak health] in
            guard let health else { return 100 }
            return uptime.note(isServing: health.snapshot().readiness.isServing)
        }
    }
}
