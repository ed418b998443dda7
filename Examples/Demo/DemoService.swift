// SPDX-License-Identifier: Apache-2.0

import Foundation
import HealthProbes
import Instrument
import InstrumentHTTP
import StructuredLog

/// The service put together: what it measures, what it checks, and what it answers.
struct DemoService: Sendable {
    let log = StructuredLogger("demo")
    let health: HealthRegistry
    let indexer: Indexer
    let server: InstrumentServer

    private let folder: TextFolder

    /// Puts the service together; nothing runs before `start()`.
    init(folder: TextFolder, port: UInt16, environment: [String: String]) throws {
        self.folder = folder
        let metrics = MetricRegistry()
        let demoMetrics = try DemoMetrics(metrics)

        var healthConfiguration = HealthConfiguration()
        if let text = environment["DRAIN_DELAY"] {
            guard let seconds = Double(text), (0...20).contains(seconds) else {
                throw UsageError("the environment variable DRAIN_DELAY is \"\(text)\"; use 0 to 20 seconds")
            }
            healthConfiguration.drain.delay = .seconds(seconds)
        }
        health = HealthRegistry(configuration: healthConfiguration)
        indexer = try Indexer(folder: folder, metrics: demoMetrics, health: health, log: log)

        var endpoint = try EndpointConfiguration.fromEnvironment(environment)
        endpoint.port = Int(port)
        endpoint.paths.heartbeats = "/api/agents/status"
        endpoint.artifacts = DemoArtifacts.make(metrics, health)
        server = try InstrumentServer(metrics: metrics, health: health, log: log, configuration: endpoint)

        try registerChecks()
        try addRoutes(demoMetrics)
    }

    /// Listens, starts the checks and the first cycle, and drains on SIGTERM and SIGINT.
    func start() throws {
        try health.drainOnSignals(then: .report)
        try health.start()
        try server.start()
        let indexing = Task { await indexer.run() }
        health.onDrain("indexer") {
            indexing.cancel()
            await indexing.value
        }
    }

    private func registerChecks() throws {
        let folder = folder
        let indexer = indexer
        try health.register("folder", .readiness, critical: true, every: .seconds(2)) { _ = try folder.list() }
        try health.register("disk_space", .readiness, every: .seconds(30), .disk([folder.root.path]))
        try health.register("first_index", .startup, critical: true, every: .milliseconds(100)) {
            try await indexer.requireIndex()
        }
        // Until then there may be no index yet, which "first_index" tells.
        var options = CheckOptions()
        options.initialDelay = .seconds(5)
        try health.register("index_freshness", .readiness, every: .seconds(5), options: options) {
            try await indexer.requireFreshIndex(within: .seconds(30))
        }
    }

    private func addRoutes(_ metrics: DemoMetrics) throws {
        let indexer = indexer
        try server.route(.get, "/search") { request in
            guard let query = request.query["q"], !query.isEmpty else {
                return try .json(ErrorAnswer(error: "the word is missing; ask /search?q=word"), status: .badRequest)
            }
            let answer = SearchAnswer(query: query, in: await indexer.index)
            metrics.searches.with(answer.files.isEmpty ? "miss" : "hit").increment()
            return try .json(answer)
        }
    }
}
