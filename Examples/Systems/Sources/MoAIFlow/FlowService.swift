// SPDX-License-Identifier: Apache-2.0

import Foundation
import HealthProbes
import Instrument
import InstrumentHTTP
import StructuredLog

/// The service put together: database, agents, checks, routes and log.
struct FlowService: Sendable {
    let health = HealthRegistry()
    let server: InstrumentServer

    private let settings: Settings
    private let log: StructuredLogger
    private let metrics: FlowMetrics
    private let database: SwarmDatabase
    private let agents: [SwarmAgent]

    /// Puts the service together; nothing runs before `start()`.
    init(_ settings: Settings, environment: [String: String]) throws {
        self.settings = settings
        let files = FileManager.default
        let logFolder = URL(fileURLWithPath: settings.logPath).deletingLastPathComponent()
        for folder in [settings.inbox, settings.failed, logFolder] {
            try files.createDirectory(at: folder, withIntermediateDirectories: true)
        }
        let registry = MetricRegistry()
        // Console and file at once, both one flat JSON object a line.
        let pipeline = try LogPipeline(
            LogPipeline.Configuration(
                outputs: [LogOutput(.standardOutput), LogOutput(.file(settings.logPath))], level: settings.logLevel,
                metrics: registry))
        try LogPipeline.reopenOnHangup()
        log = StructuredLogger("moai_flow", pipeline: pipeline)

        metrics = try FlowMetrics(registry, queryWindow: settings.queryWindow)
        try metrics.registerNode(in: registry, folder: settings.folder.path)
        database = try SwarmDatabase(path: settings.databasePath, metrics: metrics, log: log)
        try metrics.collect(from: database, in: registry)
        agents = try (1...settings.agentCount).map { [settings, database, metrics, health, log] number in
            try SwarmAgent(
                number: number, settings: settings, database: database, metrics: metrics, health: health, log: log)
        }

        var endpoint = try EndpointConfiguration.fromEnvironment(environment)
        endpoint.port = settings.port
        endpoint.detailsPort = settings.detailsPort
        endpoint.paths.heartbeats = "/agents"
        endpoint.artifacts = FlowArtifacts.make(registry, health)
        // Requests and changes of health under a name of their own: `logger` tells them from the service's lines.
        server = try InstrumentServer(
            metrics: registry, health: health, log: StructuredLogger("moai_flow.endpoint", pipeline: pipeline),
            configuration: endpoint)

        let checks = FlowChecks(settings: settings, metrics: metrics, database: database, agents: agents)
        try checks.register(in: health)
        try FlowRoutes(database: database, health: health, log: log).add(to: server)
    }

    /// Listens, starts the checks and the agents, and drains on SIGTERM and SIGINT.
    func start() throws {
        let log = log
        try health.onEvent { event in
            // The word that pages somebody, besides the usual line about a check that changed.
            guard event.subject == .check("database"), event.occasion == .transition, event.status == .fail else {
                return
            }
            log.critical("database connection lost") { $0["reason"] = event.message }
        }
        try health.drainOnSignals(then: .report)
        try health.start()
        try server.start()
        for agent in agents { agent.start() }
        let agents = agents
        health.onDrain("agents") {
            for agent in agents { agent.stop() }
            for agent in agents { agent.waitUntilEnded() }
        }
        log.info("service started") { [settings] in
            $0["agents"] = settings.agentCount
            $0["database"] = settings.databasePath
        }
    }
}
