// SPDX-License-Identifier: Apache-2.0

import CSQLite
import Foundation
import SQLite
import Testing

@Suite final class SQLiteDatabaseTests: Sendable {
    let folder: URL
    let database: SQLiteDatabase

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("sqlite-tests-\(UUID().uuidString)")
        database = try SQLiteDatabase(path: folder.appendingPathComponent("a.db").path, busyTimeout: .milliseconds(20))
        try database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT UNIQUE, size REAL, data BLOB)")
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    @Test func valuesOfEveryKindComeBackAsTheyWereBound() throws {
        try database.run("INSERT INTO t VALUES (?, ?, ?, ?)", 1, "a'; DROP TABLE t; --", 2.5, [UInt8]([0, 255]))
        try database.run("INSERT INTO t VALUES (?, ?, ?, ?)", 2, "", Double?.none, [UInt8]())
        let rows = try database.query("SELECT * FROM t ORDER BY id")
        #expect(
            rows.map(\.values) == [
                [.integer(1), .text("a'; DROP TABLE t; --"), .real(2.5), .blob([0, 255])],
                [.integer(2), .text(""), .null, .blob([])],
            ])
        #expect(try rows[1].value("size", as: Double?.self) == nil)
        #expect(throws: SQLiteError.self) { try rows[1].value("size", as: Double.self) }
        #expect(throws: SQLiteError.self) { try rows[1].value("absent", as: Int.self) }
    }

    @Test func errorsCarrySQLitesMessage() throws {
        try database.run("INSERT INTO t (name) VALUES (?)", "a")
        let refusal = #expect(throws: SQLiteError.self) { try database.run("INSERT INTO t (name) VALUES (?)", "a") }
        #expect(refusal?.message == "UNIQUE constraint failed: t.name")
        #expect(refusal?.code == SQLITE_CONSTRAINT | (8 << 8))
        let syntax = #expect(throws: SQLiteError.self) { try database.query("SELEC 1") }
        #expect(syntax?.message == "near \"SELEC\": syntax error")
        let count = #expect(throws: SQLiteError.self) { try database.query("SELECT ?", 1, 2) }
        #expect(count?.message == "2 values for 1 placeholders")
        let two = #expect(throws: SQLiteError.self) { try database.run("DELETE FROM t; DELETE FROM t") }
        #expect(two?.message == "more than one statement; use execute(_:) for scripts")
        #expect(try database.query("SELECT * FROM t").count == 1)
    }

    @Test func aFailedTransactionLeavesNothing() throws {
        #expect(throws: CancellationError.self) {
            try database.transaction {
                #expect(try database.run("INSERT INTO t (name) VALUES (?)", "a") == 1)
                #expect(database.lastInsertedID == 1)
                throw CancellationError()
            }
        }
        #expect(try database.query("SELECT * FROM t").isEmpty)
    }

    @Test func aLockOfAnotherConnectionIsToldAsBusy() throws {
        let other = try SQLiteDatabase(path: database.path)
        try other.transaction {
            let refusal = #expect(throws: SQLiteError.self) { try database.requireWritable() }
            #expect(refusal?.isBusy == true)
            #expect(refusal?.message == "database is locked")
        }
        try database.requireWritable()
    }

    @Test func aMovedFileIsNotWritable() throws {
        let moved = database.path + ".away"
        try FileManager.default.moveItem(atPath: database.path, toPath: moved)
        let refusal = #expect(throws: SQLiteError.self) { try database.requireWritable() }
        #expect(refusal?.message == "the file was moved or deleted since it was opened")
        try FileManager.default.moveItem(atPath: moved, toPath: database.path)
        try database.requireWritable()
    }

    @Test func aCopyHoldsWhatWasCommitted() throws {
        try database.run("INSERT INTO t (name) VALUES (?)", "a")
        let path = folder.appendingPathComponent("copy.db").path
        try database.copy(to: path)
        let copy = try SQLiteDatabase(path: path)
        #expect(try copy.query("SELECT name FROM t").map(\.values) == [[.text("a")]])
        #expect(try copy.byteCount() > 0)
        #expect(try copy.tableCount() == 1)
        #expect(throws: SQLiteError.self) { try database.copy(to: path) }
    }

    @Test func threadsShareOneConnection() throws {
        DispatchQueue.concurrentPerform(iterations: 8) { worker in
            for number in 0..<100 {
                #expect(throws: Never.self) {
                    try database.run("INSERT INTO t (name) VALUES (?)", "\(worker)-\(number)")
                }
            }
        }
        #expect(try database.query("SELECT count(*) AS n FROM t").first?.value("n", as: Int.self) == 800)
    }

    @Test func moreStatementsThanAreKeptStillWork() throws {
        for number in 0..<200 {
            #expect(try database.query("SELECT \(number) AS n").first?.value("n", as: Int.self) == number)
        }
    }
}
