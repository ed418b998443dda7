// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import HealthProbes
import Instrument
import InstrumentHTTP
import StructuredLog

/// The monitor put together: the cycle, what watches over it, and what it answers.
struct MonitorService: Sendable {
    let settings: Settings
    let log: StructuredLogger
    let health: HealthRegistry
    let metrics: MonitorMetrics
    let monitor: Monitor
    let server: InstrumentServer

    /// The cycle's own sign of life.
    private let heartbeat: Heartbeat

    /// Puts the monitor together; nothing runs before `start()`.
    init(_ settings: Settings) throws {
        self.settings = settings
        try FileManager.default.createDirectory(at: settings.logFolder, withIntermediateDirectories: true)
        let registry = MetricRegistry()
        metrics = try MonitorMetrics(registry)

        try LogPipeline.reopenOnHangup()
        let file = LogSink.file(settings.logFolder.appendingPathComponent("monitoring.log").path)
        log = StructuredLogger(
            "monitor",
            pipeline: try LogPipeline(LogPipeline.Configuration(outputs: [LogOutput(file)], metrics: registry)))
        var configuration = HealthConfiguration()
        configuration.historyRetention = settings.retention
        health = HealthRegistry(configuration: configuration)
        monitor = Monitor(settings, metrics: metrics, log: log)
        heartbeat = try health.heartbeat(
            "monitoring_cycle", every: settings.cycle, tolerance: settings.cycle * 0.95, kinds: .readiness)

        var endpoint = try EndpointConfiguration.fromEnvironment()
        endpoint.port = settings.port
        endpoint.servesMetrics = settings.exportsMetrics
        if settings.collectsMetrics, settings.exportsMetrics {
            endpoint.artifacts = MonitorArtifacts.make(registry, health)
        }
        server = try InstrumentServer(
            metrics: settings.collectsMetrics ? registry : nil, health: health, log: log, configuration: endpoint)

        try registerChecks()
        try addRoutes()
    }

    /// Runs a first cycle, so that every component has had a turn; then listens, starts the checks and goes on.
    func start() throws {
        try monitor.start()
        try health.drainOnSignals(then: .report)
        let monitor = monitor
        try health.onEvent { monitor.note($0) }
        monitor.cycle()
        try health.start()
        try server.start()
        // A thread of its own: a cycle reads files, and a folder that hangs must take none of Swift's.
        let (stopping, ended) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let (heartbeat, pause) = (heartbeat, settings.cycle / .seconds(1))
        Thread.detachNewThread {
            heartbeat.beat()
            while stopping.wait(timeout: .now() + pause) == .timedOut {
                monitor.cycle()
                heartbeat.beat()
            }
            ended.signal()
        }
        health.onDrain("cycles") {
            stopping.signal()
            ended.wait()
        }
    }

    private func addRoutes() throws {
        let monitor = monitor
        try server.route(.get, "/api/agents") { _ in try .json(monitor.lastAgents) }
        try server.route(.get, "/api/history") { _ in try .json(monitor.history.samples) }
        try server.route(.post, "/components/:name/restart", needsCredentials: true) { request in
            guard let component = Component(rawValue: request.parameters["name"] ?? "") else {
                return .status(.notFound)
            }
            try monitor.restart(component)
            return .status(.noContent)
        }
    }
}
