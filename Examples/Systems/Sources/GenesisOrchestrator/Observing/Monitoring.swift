// SPDX-License-Identifier: Apache-2.0

import Foundation
import HealthProbes
import Instrument

/// What is checked, how often, and what is done about it.
struct Monitoring: Sendable {
    let settings: Settings
    let health: HealthRegistry
    let metrics: OrchestratorMetrics
    let logs: ServiceLogs
    let store: RunStore
    let breaker: CircuitBreaker
    let worker: Worker
    let cache: ResultCache
    let budget: TokenBudget

    /// Adds everything; the worker's heartbeat is there already.
    func register() throws {
        try registerDependencies()
        try registerThresholds()
        try registerForecasts()
        try registerAnomalies()
        try followIncidents()
        try registerRecoveries()
    }

    private func registerDependencies() throws {
        let store = store
        try health.watchCooperativePool()
        var outside = CheckOptions()
        outside.reachesDependency = true
        try health.register("database", .readiness, critical: true, every: settings.checkInterval, options: outside) {
            try store.requireWritable()
        }
        if let host = settings.redisHost {
            try health.register(
                "redis", .readiness, every: settings.checkInterval,
                .redis(host: host, port: settings.redisPort, password: settings.redisPassword))
        }
        // Whatever an outage of the database explains is silenced while it lasts.
        try health.register(
            "circuit_breaker", .readiness, every: settings.checkInterval, options: explained(by: "database"),
            .circuitBreaker(breaker))
    }

    private func registerThresholds() throws {
        let (metrics, budget) = (metrics, budget)
        let interval = settings.checkInterval
        try health.register(
            "disk_space", .readiness, every: interval,
            .disk([settings.dataFolder], .above(warn: settings.diskPercentMax - 10, fail: settings.diskPercentMax)))
        try health.register(
            "failure_rate", .info, every: interval, options: explained(by: "database", "worker"),
            .share(of: metrics.failedRuns, in: metrics.runs, over: .seconds(60), .above(warn: 5, fail: 15)))
        try health.register(
            "latency_p95", .info, every: interval, options: explained(by: "worker"),
            .threshold(.above(warn: 5, fail: 10), unit: "s") {
                let seconds = metrics.latency.quantile(0.95)
                return seconds.isNaN ? 0 : seconds
            })
        try health.register(
            "stability", .info, every: interval, options: explained(by: "database", "worker"),
            .threshold(metrics.stability, .below(warn: 0.95)))
        try health.register(
            "token_budget", .info, every: interval,
            .threshold(.above(warn: 80, fail: 95), unit: "percent") {
                100 * Double(budget.spentToday) / Double(budget.limit)
            })
        let bytesMax = Double(settings.cacheBytesMax)
        try health.register(
            "cache", .info, every: interval,
            .threshold(metrics.cacheBytes, .above(warn: 0.8 * bytesMax, fail: bytesMax), unit: "bytes"))
    }

    /// Disk full within four hours, memory within two, tokens within one.
    private func registerForecasts() throws {
        let (folder, budget) = (settings.dataFolder, budget)
        let diskBytes = Double(try SystemReading.disk(folder).totalBytes)
        let hour = Duration.seconds(3_600)
        try forecast("disk", limit: diskBytes, within: hour * 4, unit: "bytes") {
            Double(try SystemReading.disk(folder).usedBytes)
        }
        try forecast("memory", limit: settings.memoryBytesMax, within: hour * 2, unit: "bytes") {
            Double(try SystemReading.residentMemoryBytes())
        }
        try forecast("tokens", limit: Double(settings.tokensPerDay), within: hour, unit: "tokens") {
            Double(budget.spentToday)
        }
    }

    private func forecast(
        _ name: String, limit: Double, within span: Duration, unit: String,
        _ read: @escaping @Sendable () throws -> Double
    ) throws {
        try health.register(
            "\(name)_forecast", .info, every: settings.forecastInterval,
            .trend(towards: limit, warn: span, unit: unit, read))
    }

    private func registerAnomalies() throws {
        let (requests, responses) = (HistogramGrowth(metrics.duration), HistogramGrowth(metrics.duration))
        try anomaly("request_rate", deviations: 3) { requests.rate() }
        try anomaly("response_time", deviations: 2) { responses.mean() }
        try anomaly("memory_usage", deviations: 3) { Double(try SystemReading.residentMemoryBytes()) }
    }

    private func anomaly(_ name: String, deviations: Double, _ read: @escaping @Sendable () throws -> Double) throws {
        try health.register(
            "\(name)_anomaly", .info, every: settings.anomalyInterval, .anomaly(warn: deviations, read))
    }

    // MARK: What is done

    private func registerRecoveries() throws {
        let (worker, cache, logs) = (worker, cache, logs)
        try health.recover("worker") {
            let givenUp = worker.restart()
            logs.incidents.warning("recovery: worker restarted") { $0["plans_given_up"] = givenUp }
        }
        try health.recover("cache", attemptsMax: 60) {
            let results = cache.clear()
            logs.incidents.warning("recovery: cache cleared") { $0["results"] = results }
        }
        try health.recover("disk_space") {
            let freed = try logs.rotate()
            logs.incidents.warning("recovery: logs rotated") { $0["bytes_freed"] = freed }
        }
    }

    /// Writes incidents to a log of their own, and what concerns the service levels to that of the SLA monitor.
    private func followIncidents() throws {
        let logs = logs
        try health.onEvent { [weak health] event in
            guard let health, case .check(let name) = event.subject, !event.isExpected else { return }
            let report = health.snapshot().check(named: name)
            if report?.tags.contains("sla") == true {
                logs.sla.log(event.status == .pass ? .info : .warning, "error budget") {
                    $0["budget"] = name
                    $0["status"] = event.status.rawValue
                    $0["reason"] = event.message
                }
            }
            let incident = health.incidents().last { $0.check == name }
            logs.incidents.log(event.status == .fail ? .error : .info, "health \(event.occasion.rawValue)") {
                $0["check"] = name
                $0["from"] = event.previous.rawValue
                $0["to"] = event.status.rawValue
                $0["reason"] = event.message
                $0["test"] = event.marks.contains(.test)
                if let incident {
                    $0["incident"] = Int(clamping: incident.id)
                    $0["age_seconds"] = incident.age / .seconds(1)
                    $0["escalation"] = incident.escalation
                }
            }
        }
    }

    private func explained(by parents: String...) -> CheckOptions {
        var options = CheckOptions()
        options.dependsOn = parents
        return options
    }
}
