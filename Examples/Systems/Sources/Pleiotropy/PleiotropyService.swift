// SPDX-License-Identifier: Apache-2.0

import Foundation
import HealthProbes
import Instrument
import InstrumentHTTP
import RedisClient
import StructuredLog

/// The service put together: an API, agents in the background, and a Redis beside it.
struct PleiotropyService: Sendable {
    let settings: Settings
    let log: StructuredLogger
    let health: HealthRegistry
    let metrics: PleiotropyMetrics
    let server: InstrumentServer
    /// The starts of the last hour, kept across them.
    let starts: RestartLog

    private let folder: SequenceFolder
    private let queue: TaskQueue
    private let agents: [SequenceAgent]
    private let external: [String: Heartbeat]

    /// Puts the service together; nothing runs before `start()`.
    init(_ settings: Settings) throws {
        self.settings = settings
        try FileManager.default.createDirectory(at: settings.logFolder, withIntermediateDirectories: true)
        folder = SequenceFolder(root: settings.dataFolder.appendingPathComponent("sequences"))
        starts = try RestartLog(file: settings.dataFolder.appendingPathComponent("starts").path)

        let registry = MetricRegistry()
        log = StructuredLogger("coordinator", pipeline: try Self.pipeline(settings, registry))
        var configuration = HealthConfiguration()
        configuration.heartbeatMetric = "agent_last_heartbeat_timestamp"
        configuration.heartbeatLabel = "agent_name"
        health = HealthRegistry(configuration: configuration)
        metrics = try PleiotropyMetrics(registry, health: health)
        queue = TaskQueue(settings.redis)

        let (health, metrics, log) = (health, metrics, log)
        agents = try (1...settings.agentCount).map { number in
            let heartbeat = try health.heartbeat(
                "analyzer-\(number)", every: settings.heartbeat, tolerance: settings.heartbeatTolerance)
            return SequenceAgent(
                name: heartbeat.name, heartbeat: heartbeat, queue: TaskQueue(settings.redis), metrics: metrics, log: log
            )
        }
        external = try Dictionary(
            uniqueKeysWithValues: settings.externalAgents.map { name in
                (name, try health.heartbeat(name, every: settings.heartbeat, tolerance: settings.heartbeatTolerance))
            })

        var endpoint = try EndpointConfiguration.fromEnvironment()
        endpoint.port = settings.port
        endpoint.paths.heartbeats = "/api/agents/status"
        endpoint.artifacts = PleiotropyArtifacts.make(registry, health)
        endpoint.middleware = [ResponseTimes(summary: metrics.responseTime)]
        server = try InstrumentServer(metrics: registry, health: health, log: log, configuration: endpoint)

        try registerChecks()
        try addRoutes()
    }

    /// Lines for people and awk in a file, whole ones for machines on standard output.
    private static func pipeline(_ settings: Settings, _ metrics: MetricRegistry) throws -> LogPipeline {
        try LogPipeline.reopenOnHangup()
        let file = LogSink.file(settings.logFolder.appendingPathComponent("coordinator.log").path)
        return try LogPipeline(
            LogPipeline.Configuration(
                outputs: [LogOutput(file, preset: .console(colours: false)), LogOutput(.standardOutput)],
                metrics: metrics))
    }

    /// Listens, starts the checks, the agents and the feeding of the folder's files, and drains on SIGTERM and SIGINT.
    func start() throws {
        try folder.prepare()
        try starts.note()
        try health.drainOnSignals(then: .report)
        try health.start()
        try server.start()
        let work = Task {
            await withTaskGroup { group in
                for agent in agents { group.addTask { await agent.run() } }
                group.addTask { await feed() }
            }
        }
        health.onDrain("agents") {
            work.cancel()
            await work.value
        }
    }

    /// Puts each file of the folder into the queue once; a file that could not be is tried again.
    private func feed() async {
        var fed: Set<String> = []
        while !Task.isCancelled {
            do {
                for file in try folder.files() where !fed.contains(file) {
                    // A file that cannot be read keeps none of the others waiting.
                    do {
                        for record in try folder.records(of: file) {
                            try await queue.add(SequenceTask(name: record.name, bases: record.bases, kMax: 8))
                        }
                        fed.insert(file)
                        log.info("file queued") { $0["file"] = file }
                    } catch {
                        log.error("file not queued", error: error) { $0["file"] = file }
                    }
                }
            } catch {
                log.error("folder not listed", error: error)
            }
            // Cancelled, the sleep ends at once and the loop with it.
            try? await Task.sleep(for: settings.checkInterval)
        }
    }

    private func addRoutes() throws {
        let (queue, metrics) = (queue, metrics)
        let lookups = ResultLookups(queue: queue, metrics: metrics)
        try server.route(.post, "/api/sequences") { request in
            let kMax = request.query["k"].map { Int($0) ?? 0 } ?? 8
            let records = FASTARecord.records(in: String(decoding: request.body, as: UTF8.self))
            guard !records.isEmpty, SequenceTask.kMaxRange.contains(kMax) else {
                return .text("send FASTA records, and ?k= from 1 to 32\n", status: .badRequest)
            }
            var answer = QueuedAnswer(ids: [], queueLength: Int(metrics.queueLength.value))
            for record in records {
                guard answer.queueLength < TaskQueue.tasksMax else {
                    throw RequestRefusal(
                        .serviceUnavailable, headers: ["Retry-After": "60"], reason: "too many tasks wait; try again")
                }
                let task = SequenceTask(name: record.name, bases: record.bases, kMax: kMax)
                answer.queueLength = try await queue.add(task)
                answer.ids.append(task.id)
            }
            return try .json(answer, status: .accepted)
        }
        try server.route(.get, "/api/results/:id") { request in
            guard let result = try await lookups.result(request.parameters["id"] ?? "") else {
                return .text("there is no result of that id, or not yet\n", status: .notFound)
            }
            return ServerResponse(headers: ["Content-Type": "application/json"], body: Array(result.utf8))
        }
        let external = external
        let log = log
        try server.route(.post, "/api/agents/:name/heartbeat") { request in
            guard let heartbeat = external[request.parameters["name"] ?? ""] else { return .status(.notFound) }
            heartbeat.beat()
            log.info("agent_heartbeat") { $0["agent"] = heartbeat.name }
            return .status(.noContent)
        }
        let health = health
        // A drill: what alarms do when a check fails, without breaking anything. Everything that comes of it says so.
        try server.route(.post, "/api/drills/:check", needsCredentials: true) { request in
            try Self.drill(request) { try health.inject(.fail("drill"), into: $0, for: .seconds(30)) }
        }
        try server.route(.delete, "/api/drills/:check", needsCredentials: true) { request in
            try Self.drill(request) { try health.clearFault(in: $0) }
        }
    }

    private static func drill(_ request: ServerRequest, _ body: (String) throws -> Void) throws -> ServerResponse {
        do {
            try body(request.parameters["check"] ?? "")
            return .status(.noContent)
        } catch let error as HealthError where error.code == .unknownCheck {
            return .status(.notFound)
        }
    }
}

/// What `POST /api/sequences` answers.
struct QueuedAnswer: Codable, Equatable, Sendable {
    var ids: [String]
    var queueLength: Int

    enum CodingKeys: String, CodingKey {
        case ids
        case queueLength = "queue_length"
    }
}
