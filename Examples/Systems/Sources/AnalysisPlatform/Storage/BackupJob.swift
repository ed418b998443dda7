// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import HealthProbes
import Instrument
import SQLite
import StructuredLog

/// Copies the database in a steady rhythm and when it is asked to, one copy at a time.
final class BackupJob: Sendable {
    /// How many copies are kept.
    private static let copiesMax = 5

    /// How the runs went, for the health check.
    let record: JobRecord

    private let folder: URL
    private let interval: Duration
    private let pool: DatabasePool
    private let metrics: BackupMetrics
    private let log: StructuredLogger
    private let turn = DispatchQueue(label: "backup")
    private let stopping = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)

    /// Takes over what the copies of an earlier process tell.
    init(_ settings: Settings, pool: DatabasePool, metrics: BackupMetrics, log: StructuredLogger) throws {
        folder = settings.backupFolder
        interval = settings.backupInterval
        self.pool = pool
        self.metrics = metrics
        self.log = log
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        guard let newest = try Self.copies(in: folder).last else {
            record = JobRecord()
            return
        }
        let values = try newest.resourceValues(forKeys: [.contentModificationDateKey, .fileSizeKey])
        let made = values.contentModificationDate ?? .distantPast
        record = JobRecord(lastSuccessAge: .seconds(max(0, -made.timeIntervalSinceNow)))
        metrics.lastSuccess.set(made.timeIntervalSince1970)
        metrics.success.set(1)
        metrics.bytes.set(values.fileSize ?? 0)
    }

    /// Copies from now on.
    func start() {
        Thread.detachNewThread { [self] in
            repeat {
                // Its failure stands in the metrics, the record and the log.
                _ = try? run()
            } while stopping.wait(timeout: .now() + interval / .seconds(1)) == .timedOut
            ended.signal()
        }
    }

    /// Ends after the present copy.
    func stop() {
        stopping.signal()
        ended.wait()
    }

    /// Copies now.
    ///
    /// - Returns: the size of the copy, in bytes.
    func run() throws -> Int {
        try turn.sync {
            do {
                let bytes = try metrics.duration.time { try copy() }
                metrics.bytes.set(bytes)
                metrics.success.set(1)
                metrics.lastSuccess.setToCurrentTime()
                record.succeeded()
                log.info("backup made") { $0["bytes"] = bytes }
                return bytes
            } catch {
                metrics.success.set(0)
                record.failed("\(error)")
                log.error("backup failed", error: error)
                throw error
            }
        }
    }

    private func copy() throws -> Int {
        let files = FileManager.default
        let part = folder.appendingPathComponent("part.db")
        if files.fileExists(atPath: part.path) { try files.removeItem(at: part) }
        // Half a copy must not fill the disk; a whole one has moved away.
        defer { try? files.removeItem(at: part) }
        try pool.use(.backup) { database in
            // What was moved away can still be copied, but it is not the database any more.
            try database.requireWritable()
            try database.copy(to: part.path)
        }
        // A copy that cannot be read is none.
        let tables = try SQLiteDatabase(path: part.path).tableCount()
        guard tables > 0 else { throw InputError("the copy has no tables") }
        let name = "platform-\(Int(Date().timeIntervalSince1970 * 1_000)).db"
        let place = folder.appendingPathComponent(name)
        try files.moveItem(at: part, to: place)
        for old in try Self.copies(in: folder).dropLast(Self.copiesMax) { try files.removeItem(at: old) }
        return try place.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
    }

    /// The copies, the newest last.
    private static func copies(in folder: URL) throws -> [URL] {
        try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.lastPathComponent.hasPrefix("platform-") && $0.pathExtension == "db" }
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
    }
}
