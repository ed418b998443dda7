// SPDX-License-Identifier: Apache-2.0

import CSQLite
import Foundation

/// A connection to a database file, in write-ahead mode and patient with other writers.
///
/// ```swift
/// let database = try SQLiteDatabase(path: "data/orders.db")
/// try database.execute("CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, item TEXT NOT NULL)")
/// try database.run("INSERT INTO orders (item) VALUES (?)", "pencil")
/// for row in try database.query("SELECT id, item FROM orders WHERE id > ?", 10) {
///     print(try row.value("id", as: Int.self), try row.value("item", as: String.self))
/// }
/// ```
///
/// Every call blocks its thread until SQLite has answered, at most for the busy timeout if another process holds a lock.
///
/// `@unchecked Sendable`: `connection` and `statements` are touched only while `lock` is held, and rows leave as copies.
public final class SQLiteDatabase: @unchecked Sendable {
    /// Statements that stay compiled; past it all are compiled anew.
    static let statementsMax = 64

    /// The file.
    public let path: String
    // Recursive, so that the body of a transaction may use the connection.
    private let lock = NSRecursiveLock()
    private let connection: OpaquePointer
    private var statements: [String: SQLiteStatement] = [:]

    /// Opens the database, making the file and its folder if they are missing.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - busyTimeout: how long a statement waits for other connections' locks before it fails.
    /// - Throws: `SQLiteError`, or Foundation's error when the folder cannot be made.
    public init(path: String, busyTimeout: Duration = .seconds(1)) throws {
        self.path = path
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        var opened: OpaquePointer?
        // The lock serializes, SQLite need not.
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        let code = sqlite3_open_v2(path, &opened, flags, nil)
        guard let opened, code == SQLITE_OK else {
            sqlite3_close_v2(opened)
            throw SQLiteError(code: code, message: String(cString: sqlite3_errstr(code)), path: path, sql: nil)
        }
        connection = opened
        let milliseconds = busyTimeout / .milliseconds(1)
        sqlite3_busy_timeout(connection, Int32(max(0, min(milliseconds, 60_000))))
        let mode = try query("PRAGMA journal_mode = WAL").first?.values.first
        guard mode == .text("wal") else {
            throw SQLiteError(code: SQLITE_CANTOPEN, message: "no write-ahead log here", path: path, sql: nil)
        }
        try execute("PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON")
    }

    deinit {
        for statement in statements.values { statement.finalize() }
        sqlite3_close_v2(connection)
    }

    // MARK: Statements

    /// Runs statements without values, separated by semicolons: a schema, a pragma.
    ///
    /// - Throws: `SQLiteError`; the statements before the refused one stay done.
    public func execute(_ script: String) throws {
        try lock.withLock {
            guard sqlite3_exec(connection, script, nil, nil, nil) == SQLITE_OK else { throw lastError(script) }
        }
    }

    /// Runs a statement that changes rows.
    ///
    /// - Parameters:
    ///   - sql: one statement, with `?` for each value.
    ///   - values: what to put for them, in order.
    /// - Returns: how many rows it changed.
    /// - Throws: `SQLiteError`.
    @discardableResult
    public func run(_ sql: String, _ values: any SQLiteConvertible...) throws -> Int {
        try lock.withLock {
            let before = sqlite3_total_changes64(connection)
            _ = try rows(sql, values)
            return Int(sqlite3_total_changes64(connection) - before)
        }
    }

    /// Runs a statement that gives rows; put a `LIMIT` on what may grow, all of them stand in memory.
    ///
    /// - Parameters:
    ///   - sql: one statement, with `?` for each value.
    ///   - values: what to put for them, in order.
    /// - Throws: `SQLiteError`.
    public func query(_ sql: String, _ values: any SQLiteConvertible...) throws -> [SQLiteRow] {
        try lock.withLock { try rows(sql, values) }
    }

    /// The id of the row that the newest `INSERT` of this connection made; meaningful inside a transaction.
    public var lastInsertedID: Int { lock.withLock { Int(sqlite3_last_insert_rowid(connection)) } }

    /// Runs `body` with the write lock taken from the start: all of its changes happen, or none.
    ///
    /// - Parameter body: uses this connection; other threads wait meanwhile.
    /// - Throws: `SQLiteError` when the lock cannot be had in time, and whatever `body` throws.
    public func transaction<Result>(_ body: () throws -> Result) throws -> Result {
        try lock.withLock {
            try execute("BEGIN IMMEDIATE")
            do {
                let result = try body()
                try execute("COMMIT")
                return result
            } catch {
                // SQLite may have rolled back by itself, as it does on a full disk.
                if sqlite3_get_autocommit(connection) == 0 { try execute("ROLLBACK") }
                throw error
            }
        }
    }

    // MARK: Under the lock

    /// Runs `body` alone on the connection.
    func withConnection<Result>(_ body: (OpaquePointer) throws -> Result) rethrows -> Result {
        try lock.withLock { try body(connection) }
    }

    /// What SQLite says about its last call.
    func lastError(_ sql: String?) -> SQLiteError {
        SQLiteError(
            code: sqlite3_extended_errcode(connection), message: String(cString: sqlite3_errmsg(connection)),
            path: path,
            sql: sql)
    }

    private func rows(_ sql: String, _ values: [any SQLiteConvertible]) throws -> [SQLiteRow] {
        let statement = try prepared(sql)
        guard statement.parameterCount == values.count else {
            let message = "\(values.count) values for \(statement.parameterCount) placeholders"
            throw SQLiteError(code: SQLITE_RANGE, message: message, path: path, sql: sql)
        }
        defer { statement.reset() }
        for (index, value) in values.enumerated() {
            guard statement.bind(value.sqliteValue, at: index + 1) == SQLITE_OK else { throw lastError(sql) }
        }
        var rows: [SQLiteRow] = []
        while true {
            switch sqlite3_step(statement.handle) {
            case SQLITE_ROW:
                let values = statement.columns.indices.map(statement.value)
                rows.append(SQLiteRow(columns: statement.columns, values: values, path: path))
            case SQLITE_DONE: return rows
            default: throw lastError(sql)
            }
        }
    }

    private func prepared(_ sql: String) throws -> SQLiteStatement {
        if let statement = statements[sql] { return statement }
        var rest = ""
        guard let statement = SQLiteStatement(sql, on: connection, rest: &rest) else {
            let error = lastError(sql)
            guard error.code == SQLITE_OK else { throw error }
            throw SQLiteError(code: SQLITE_ERROR, message: "there is no statement", path: path, sql: sql)
        }
        guard rest.allSatisfy({ $0.isWhitespace || $0 == ";" }) else {
            statement.finalize()
            let message = "more than one statement; use execute(_:) for scripts"
            throw SQLiteError(code: SQLITE_ERROR, message: message, path: path, sql: sql)
        }
        if statements.count == Self.statementsMax {
            for old in statements.values { old.finalize() }
            statements = [:]
        }
        statements[sql] = statement
        return statement
    }
}
