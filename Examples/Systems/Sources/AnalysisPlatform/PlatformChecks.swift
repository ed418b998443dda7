// SPDX-License-Identifier: Apache-2.0

import HealthProbes

/// What is checked of the platform; the workers' heartbeats are checks of their own.
struct PlatformChecks {
    let settings: Settings
    let store: JobStore
    let queue: JobQueue
    let backup: BackupJob

    func register(in health: HealthRegistry) throws {
        let (every, store, queue) = (settings.checkInterval, store, queue)
        try health.register("database", .readiness, critical: true, every: every, timeout: .seconds(2)) {
            try store.requireWritable()
        }
        try health.register(
            "disk_space", .readiness, every: every, .disk([settings.folder.path], .above(warn: 80, fail: 95)))
        try health.register("memory", .info, every: every, .memory(.above(warn: 85, fail: 95)))
        let jobsMax = Double(settings.queueMax)
        try health.register(
            "queue", .readiness, every: every,
            .queueDepth(.above(warn: 0.5 * jobsMax, fail: 0.9 * jobsMax)) { queue.count }
        )
        // Success and recency: a failed last run degrades, an old last success fails.
        try health.register(
            "backup", .info, every: every,
            .freshness(of: backup.record, warn: settings.backupAgeMax * 0.5, fail: settings.backupAgeMax))
    }
}
