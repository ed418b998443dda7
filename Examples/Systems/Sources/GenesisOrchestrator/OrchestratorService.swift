// SPDX-License-Identifier: Apache-2.0

import Foundation
import HealthProbes
import Instrument
import InstrumentHTTP
import StructuredLog

/// The service put together.
struct OrchestratorService: Sendable {
    let health: HealthRegistry
    let server: InstrumentServer
    private let settings: Settings
    private let logs: ServiceLogs
    private let metrics: OrchestratorMetrics
    private let levels: ServiceLevels
    private let orchestrator: Orchestrator

    /// Puts the service together; nothing runs before `start()`.
    init(_ settings: Settings, environment: [String: String]) throws {
        self.settings = settings
        let endpoint = try EndpointConfiguration.fromEnvironment(environment)
        guard !endpoint.credentials.isEmpty else {
            throw SettingsError("INSTRUMENT_TOKEN is missing; set the secret that API clients present")
        }
        try FileManager.default.createDirectory(atPath: settings.inputFolder, withIntermediateDirectories: true)
        logs = try ServiceLogs(folder: settings.logFolder, bytesMax: settings.logBytesMax)
        metrics = try OrchestratorMetrics(dataFolder: settings.dataFolder)
        levels = try ServiceLevels(metrics, statePath: settings.dataFolder + "/objectives.json")

        var configuration = HealthConfiguration()
        configuration.escalation = settings.escalationLevels
        health = HealthRegistry(configuration: configuration)

        let store = try RunStore(path: settings.databasePath)
        let breaker = CircuitBreaker(failureThreshold: 3, cooldown: settings.breakerCooldown) { [metrics, logs] in
            metrics.breakerPosition.set($0)
            let position = $0.rawValue
            logs.incidents.warning("circuit breaker changed") { $0["position"] = position }
        }
        // Twice what its check allows: the recovery gets its turn first.
        let cache = ResultCache(bytesMax: settings.cacheBytesMax * 2, metrics: metrics)
        let worker = Worker(
            heartbeat: try health.heartbeat("worker", within: settings.stallLimit, kinds: .readiness, critical: true),
            restarts: metrics.workerRestarts)
        let budget = try TokenBudget(
            limit: settings.tokensPerDay, spent: try store.tokensSpent(day: TokenBudget.today), in: metrics.business)
        orchestrator = Orchestrator(
            runner: StepRunner(inputFolder: settings.inputFolder, cache: cache, store: store), store: store,
            worker: worker, breaker: breaker, budget: budget, metrics: metrics, levels: levels,
            stability: StabilityScore(metrics.stability), log: logs.orchestrator)

        try Monitoring(
            settings: settings, health: health, metrics: metrics, logs: logs, store: store, breaker: breaker,
            worker: worker, cache: cache, budget: budget
        ).register()
        try levels.register(in: health, every: settings.checkInterval)
        server = try InstrumentServer(
            metrics: metrics.application, health: health, log: logs.orchestrator,
            configuration: Self.configure(endpoint, settings, metrics, health, levels))
        try addRoutes(store)
    }

    /// Listens, starts the checks and the SLA monitor, and drains on SIGTERM and SIGINT.
    func start() throws {
        try health.drainOnSignals(then: .report)
        try health.start()
        try server.start()
        let monitoring = Task { [levels, health, settings, logs] in
            await levels.monitor(health, reportEvery: settings.reportInterval, log: logs.sla)
        }
        // A drain is no downtime: the samples end with its beginning.
        health.onDrain("sla_monitor") {
            monitoring.cancel()
            await monitoring.value
        }
        health.onDrain("logs", stage: .final) { [logs] in logs.flush() }
    }

    /// What the environment says of the endpoint, and the guide.
    private static func configure(
        _ endpoint: EndpointConfiguration, _ settings: Settings, _ metrics: OrchestratorMetrics,
        _ health: HealthRegistry, _ levels: ServiceLevels
    ) -> EndpointConfiguration {
        var endpoint = endpoint
        endpoint.port = settings.port
        endpoint.limits.handlerDeadline = max(endpoint.limits.handlerDeadline, settings.stallLimit * 2)
        endpoint.paths.metrics = nil
        endpoint.metricGroups = [
            EndpointMetricGroup(path: "/api/metrics/application", registries: [metrics.application]),
            EndpointMetricGroup(path: "/api/metrics/business", registries: [metrics.business]),
            EndpointMetricGroup(path: "/api/metrics/security", registries: [metrics.security]),
        ]
        endpoint.artifacts = OrchestratorArtifacts.make(metrics, health, levels, webhook: settings.automationWebhook)
        if endpoint.protectsMetrics { endpoint.artifacts?.scrape.tokenFile = "api_token" }
        endpoint.objectives = levels.book
        endpoint.paths.objectives = "/api/monitoring/sla"
        endpoint.paths.aliases = [
            "/api/monitoring/incidents": "/health/incidents",
            "/api/monitoring/health": "/health",
        ]
        endpoint.middleware = [
            RequestIdentity(),
            Authentication(check: CredentialCheck(endpoint.credentials), outcomes: metrics.authentications),
        ]
        return endpoint
    }

    private func addRoutes(_ store: RunStore) throws {
        let (orchestrator, metrics) = (orchestrator, metrics)
        try server.route(.post, "/api/orchestrations") { request in
            let plan: Plan
            do {
                plan = try request.json()
                try plan.validate()
            } catch {
                metrics.refusedPlans.with("malformed").increment()
                throw error
            }
            let run = try await orchestrator.run(plan)
            return try .json(run, status: run.status == .completed ? .created : .internalServerError)
        }
        try server.route(.get, "/api/orchestrations") { _ in try .json(try store.newest(100)) }
        try server.route(.get, "/api/orchestrations/:id") { request in
            guard let id = request.parameters["id"].flatMap(Int.init), let run = try store.run(id) else {
                throw ServerResponse.status(.notFound)
            }
            return try .json(run)
        }
        try addFaultRoutes()
    }

    /// Injected faults try alarms and reactions out; everything that comes of them is marked as a test.
    private func addFaultRoutes() throws {
        struct Fault: Decodable {
            var status: String
            var seconds: Double?
        }
        let (health, metrics) = (health, metrics)
        try server.route(.put, "/api/test/faults/:check") { request in
            let fault = try request.json(Fault.self)
            guard let seconds = Optional(fault.seconds ?? 60), (1...3_600).contains(seconds),
                let result: CheckResult = ["warn": .warn("test fault"), "fail": .fail("test fault")][fault.status]
            else { throw RequestRefusal(.badRequest, reason: "use status warn or fail, and 1 to 3600 seconds") }
            return try Self.change(request) {
                try health.inject(result, into: $0, for: .seconds(seconds))
                metrics.injectedFaults.increment()
            }
        }
        try server.route(.delete, "/api/test/faults/:check") { request in
            try Self.change(request) { try health.clearFault(in: $0) }
        }
    }

    private static func change(
        _ request: ServerRequest, _ body: (String) throws -> Void
    ) throws -> ServerResponse {
        do {
            try body(request.parameters["check"] ?? "")
            return ServerResponse(status: .noContent)
        } catch let error as HealthError where error.code == .unknownCheck {
            return .status(.notFound)
        }
    }
}
