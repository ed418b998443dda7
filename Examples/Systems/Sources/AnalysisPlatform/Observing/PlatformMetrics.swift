// SPDX-License-Identifier: Apache-2.0

import Instrument

/// Everything that is measured, each with the labels that tell this installation from others.
struct PlatformMetrics: Sendable {
    /// Buckets that fit requests which are answered from memory or by a query or two.
    static let requestSeconds: HistogramBuckets = [
        0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]

    let registry: MetricRegistry
    let jobs: JobMetrics
    let database: DatabaseMetrics
    let backup: BackupMetrics
    let cache: CacheMetrics

    init(_ settings: Settings) throws {
        registry = MetricRegistry(
            constantLabels: ["cluster": settings.cluster, "environment": settings.environment])
        jobs = try JobMetrics(registry)
        database = try DatabaseMetrics(registry)
        backup = try BackupMetrics(registry)
        cache = try CacheMetrics(registry)
        try registry.registerProcessMetrics()
        try registry.registerSystemMetrics(diskPaths: [settings.folder.path])
    }
}
