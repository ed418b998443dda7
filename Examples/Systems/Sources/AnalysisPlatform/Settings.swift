// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What the environment says, with the defaults of a first try on one's own machine.
struct Settings: Sendable {
    /// `PORT`: where metrics, health and the API are served.
    var port = 8_000
    /// `DATA_DIR`: the database and the datasets.
    var folder = URL(fileURLWithPath: "./data/analysis-platform")
    /// `BACKUP_DIR`: where copies of the database go; on another disk, if there is one.
    var backupFolder = URL(fileURLWithPath: "./data/analysis-platform/backups")
    /// `SOURCE_DIR`: what downloads take their files from, such as a mounted share.
    var sourceFolder = URL(fileURLWithPath: "./data/analysis-platform/source")
    /// `CLUSTER`, `ENVIRONMENT`: labels of every series.
    var cluster = "local"
    var environment = "development"
    /// `WORKERS`: how many jobs run at once.
    var workerCount = 2
    /// `QUEUE_MAX`: how many jobs may wait; further ones are refused.
    var queueMax = 100
    /// `STALL_SECONDS`: a job that takes longer has stalled its worker.
    var stallLimit: Duration = .seconds(600)
    /// `POOL_SIZE`: connections to the database.
    var poolSize = 4
    /// `CACHE_BYTES_MAX`: results that are kept in memory.
    var cacheBytesMax = 16 << 20
    /// `BACKUP_SECONDS`: how often the database is copied.
    var backupInterval: Duration = .seconds(3_600)
    /// `BACKUP_AGE_MAX_SECONDS`: an older newest copy is an alarm.
    var backupAgeMax: Duration = .seconds(90_000)
    /// `CHECK_SECONDS`: how often the checks run.
    var checkInterval: Duration = .seconds(5)
    /// `SCRAPE_SECONDS`: how often the generated configuration lets Prometheus read the metrics.
    var scrapeInterval: Duration = .seconds(15)

    var databasePath: String { folder.appendingPathComponent("platform.db").path }
    var datasets: URL { folder.appendingPathComponent("datasets") }

    /// Reads the environment.
    ///
    /// - Throws: `SettingsError` for a value that makes no sense.
    init(_ environment: [String: String]) throws(SettingsError) {
        func set(_ name: String, _ range: ClosedRange<Double>, _ use: (Double) -> Void) throws(SettingsError) {
            guard let text = environment[name] else { return }
            guard let number = Double(text), range.contains(number) else {
                throw SettingsError("\(name) is \"\(text)\"; use \(range.lowerBound) to \(range.upperBound)")
            }
            use(number)
        }
        if let path = environment["DATA_DIR"] { folder = URL(fileURLWithPath: path) }
        backupFolder =
            environment["BACKUP_DIR"].map { URL(fileURLWithPath: $0) } ?? folder.appendingPathComponent("backups")
        sourceFolder =
            environment["SOURCE_DIR"].map { URL(fileURLWithPath: $0) } ?? folder.appendingPathComponent("source")
        cluster = environment["CLUSTER"] ?? cluster
        self.environment = environment["ENVIRONMENT"] ?? self.environment
        try set("PORT", 0...65_535) { port = Int($0) }
        try set("WORKERS", 1...64) { workerCount = Int($0) }
        try set("QUEUE_MAX", 1...100_000) { queueMax = Int($0) }
        try set("STALL_SECONDS", 0.1...86_400) { stallLimit = .seconds($0) }
        try set("POOL_SIZE", 1...64) { poolSize = Int($0) }
        try set("CACHE_BYTES_MAX", 0...1e12) { cacheBytesMax = Int($0) }
        try set("BACKUP_SECONDS", 0.5...86_400) { backupInterval = .seconds($0) }
        try set("BACKUP_AGE_MAX_SECONDS", 1...1e7) { backupAgeMax = .seconds($0) }
        try set("CHECK_SECONDS", 0.1...3_600) { checkInterval = .seconds($0) }
        try set("SCRAPE_SECONDS", 1...3_600) { scrapeInterval = .seconds($0) }
    }
}

/// An environment that makes no sense.
struct SettingsError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
