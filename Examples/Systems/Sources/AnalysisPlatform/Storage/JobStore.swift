// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument
import SQLite

/// A job as it is stored and shown.
struct StoredJob: Codable, Sendable {
    /// How far it has come.
    enum Status: String, Codable, Sendable {
        case queued
        case running
        case success
        case failure
    }

    var id: Int
    var kind: String
    var status: Status
    /// What came out, or why nothing did.
    var outcome: String?
}

/// The jobs, in the database.
struct JobStore: Sendable {
    private let pool: DatabasePool
    /// Apart from the pool, so that health and scrapes see the database as it is while the pool is busy.
    private let observer: SQLiteDatabase

    /// Opens the database and makes its tables if there are none.
    init(path: String, pool: DatabasePool) throws {
        self.pool = pool
        observer = try SQLiteDatabase(path: path, busyTimeout: .milliseconds(300))
        try observer.execute(
            """
            CREATE TABLE IF NOT EXISTS jobs (
                id INTEGER PRIMARY KEY, kind TEXT NOT NULL, status TEXT NOT NULL, outcome TEXT, queued REAL NOT NULL);
            CREATE TABLE IF NOT EXISTS outcomes_by_kind (
                kind TEXT NOT NULL, status TEXT NOT NULL, jobs INTEGER NOT NULL, PRIMARY KEY (kind, status));
            """)
    }

    /// Tells jobs that an earlier process left behind as failed.
    func abandonUnfinished() throws {
        try observer.run(
            """
            UPDATE jobs SET status = 'failure', outcome = 'the service was stopped'
            WHERE status IN ('queued', 'running')
            """)
    }

    /// Stores a job that waits.
    ///
    /// - Returns: its number.
    func insert(kind: String) throws -> Int {
        try pool.use(.insert) { database in
            try database.transaction {
                try database.run(
                    "INSERT INTO jobs (kind, status, queued) VALUES (?, 'queued', ?)", kind,
                    Date().timeIntervalSince1970)
                return database.lastInsertedID
            }
        }
    }

    func begin(_ id: Int) throws {
        try pool.use(.update) { _ = try $0.run("UPDATE jobs SET status = 'running' WHERE id = ?", id) }
    }

    /// Stores how a job ended, and counts it among its kind.
    func end(_ id: Int, _ status: StoredJob.Status, outcome: String) throws {
        try pool.use(.update) { database in
            try database.transaction {
                try database.run(
                    "UPDATE jobs SET status = ?, outcome = ? WHERE id = ?", status.rawValue, outcome, id)
                try database.run(
                    """
                    INSERT INTO outcomes_by_kind SELECT kind, status, 1 FROM jobs WHERE id = ?
                    ON CONFLICT (kind, status) DO UPDATE SET jobs = jobs + 1
                    """, id)
            }
        }
    }

    func job(_ id: Int) throws -> StoredJob? {
        try pool.use(.select) { database in
            try database.query("SELECT id, kind, status, outcome FROM jobs WHERE id = ?", id).first.map { row in
                StoredJob(
                    id: try row.value("id"), kind: try row.value("kind"),
                    status: StoredJob.Status(rawValue: try row.value("status")) ?? .failure,
                    outcome: try row.value("outcome"))
            }
        }
    }

    /// Passes when jobs can be stored.
    func requireWritable() throws { try observer.requireWritable() }

    /// Lets each scrape read what only the database knows.
    func collect(in metrics: PlatformMetrics) throws {
        let (database, observer) = (metrics.database, observer)
        try metrics.registry.collector("database", of: [database.bytes, database.tables]) {
            database.bytes.set(try observer.byteCount())
            database.tables.set(try observer.tableCount())
        }
    }
}
