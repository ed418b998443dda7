// SPDX-License-Identifier: Apache-2.0

import Foundation
import HealthProbes
import Instrument
import InstrumentHTTP
import StructuredLog

/// The platform put together: database, cache, queue, workers, backups, checks and routes.
struct PlatformService: Sendable {
    let health = HealthRegistry()
    let server: InstrumentServer

    private let log: StructuredLogger
    private let store: JobStore
    private let queue: JobQueue
    private let workers: [Worker]
    private let backup: BackupJob

    /// Puts the platform together; nothing runs before `start()`.
    init(_ settings: Settings, environment: [String: String]) throws {
        let datasets = Datasets(folder: settings.datasets, source: settings.sourceFolder)
        for folder in [datasets.folder, datasets.source] {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        }
        let metrics = try PlatformMetrics(settings)
        log = StructuredLogger(
            "platform",
            pipeline: try LogPipeline(
                LogPipeline.Configuration(outputs: [LogOutput(.standardOutput)], metrics: metrics.registry)))

        let pool = try DatabasePool(path: settings.databasePath, size: settings.poolSize, metrics: metrics.database)
        let store = try JobStore(path: settings.databasePath, pool: pool)
        try store.collect(in: metrics)
        let cache = ResultCache(bytesMax: settings.cacheBytesMax, metrics: metrics.cache)
        let queue = JobQueue(jobsMax: settings.queueMax, metrics: metrics.jobs)
        let runner = JobRunner(datasets: datasets, cache: cache, metrics: metrics.jobs)
        let (health, log) = (health, log)
        workers = try (1...settings.workerCount).map { number in
            // Half of the limit is the rhythm, half the tolerance; jobs come as they come, so none is early.
            let heartbeat = try health.heartbeat(
                "worker-\(number)", every: settings.stallLimit / 2,
                tolerance: settings.stallLimit / 2 - .milliseconds(1), kinds: .readiness)
            return Worker(
                heartbeat: heartbeat, queue: queue, runner: runner, store: store, metrics: metrics.jobs, log: log)
        }
        self.store = store
        self.queue = queue
        backup = try BackupJob(settings, pool: pool, metrics: metrics.backup, log: log)
        try PlatformChecks(settings: settings, store: store, queue: queue, backup: backup).register(in: health)

        var endpoint = try EndpointConfiguration.fromEnvironment(environment)
        endpoint.port = settings.port
        endpoint.requestDurationBuckets = PlatformMetrics.requestSeconds
        endpoint.artifacts = PlatformArtifacts.make(settings, metrics: metrics.registry, health: health)
        server = try InstrumentServer(metrics: metrics.registry, health: health, log: log, configuration: endpoint)
        try PlatformRoutes(datasets: datasets, queue: queue, store: store, backup: backup, metrics: metrics.jobs)
            .add(to: server)
    }

    /// Listens, starts checks, workers and backups, and drains on SIGTERM and SIGINT.
    func start() throws {
        try health.drainOnSignals(then: .report)
        try store.abandonUnfinished()
        try health.start()
        try server.start()
        for worker in workers { worker.start() }
        backup.start()
        let (queue, workers, backup) = (queue, workers, backup)
        health.onDrain("jobs") {
            queue.close()
            for worker in workers { worker.waitUntilEnded() }
            backup.stop()
        }
        log.info("platform started") { $0["workers"] = workers.count }
    }
}
