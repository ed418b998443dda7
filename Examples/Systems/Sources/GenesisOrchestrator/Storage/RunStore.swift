// SPDX-License-Identifier: Apache-2.0

import Foundation
import SQLite

/// The runs, in an SQLite database.
struct RunStore: Sendable {
    private let database: SQLiteDatabase

    /// Opens the database and makes its table if there is none.
    init(path: String) throws {
        database = try SQLiteDatabase(path: path)
        try database.execute(
            """
            CREATE TABLE IF NOT EXISTS runs (
                id INTEGER PRIMARY KEY, day INTEGER NOT NULL, status TEXT NOT NULL, tokens INTEGER NOT NULL,
                document TEXT NOT NULL);
            CREATE INDEX IF NOT EXISTS runs_by_day ON runs (day)
            """)
    }

    /// Stores a run.
    ///
    /// - Returns: its number.
    func insert(_ run: Run) throws -> Int {
        // A database that was moved away would take the row, and lose it.
        try database.requireWritable()
        let document = String(decoding: try Self.encoder.encode(run), as: UTF8.self)
        return try database.transaction {
            try database.run(
                "INSERT INTO runs (day, status, tokens, document) VALUES (?, ?, ?, ?)", TokenBudget.today,
                run.status.rawValue, run.tokens, document)
            return database.lastInsertedID
        }
    }

    /// The newest runs, the newest first.
    func newest(_ count: Int) throws -> [Run] {
        try database.query("SELECT id, document FROM runs ORDER BY id DESC LIMIT ?", count).map(Self.run)
    }

    /// One run.
    func run(_ id: Int) throws -> Run? {
        try database.query("SELECT id, document FROM runs WHERE id = ?", id).first.map(Self.run)
    }

    /// How many runs ended how.
    func runsByStatus() throws -> [String: Int] {
        let rows = try database.query("SELECT status, count(*) AS runs FROM runs GROUP BY status")
        return Dictionary(uniqueKeysWithValues: try rows.map { (try $0.value("status"), try $0.value("runs")) })
    }

    /// What the runs of a day have spent.
    func tokensSpent(day: Int) throws -> Int {
        try database.query("SELECT coalesce(sum(tokens), 0) AS tokens FROM runs WHERE day = ?", day).first?
            .value("tokens") ?? 0
    }

    /// Passes while rows can be written.
    func requireWritable() throws { try database.requireWritable() }

    private static let encoder = JSONEncoder()

    private static func run(_ row: SQLiteRow) throws -> Run {
        let document: String = try row.value("document")
        var run = try JSONDecoder().decode(Run.self, from: Data(document.utf8))
        run.id = try row.value("id")
        return run
    }
}
