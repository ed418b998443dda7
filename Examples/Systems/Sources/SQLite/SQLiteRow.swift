// SPDX-License-Identifier: Apache-2.0

import CSQLite

/// One row of an answer: a copy, so it may be kept.
public struct SQLiteRow: Sendable {
    let columns: [String]
    /// The values, in the statement's order.
    public let values: [SQLiteValue]
    let path: String

    /// Reads a column.
    ///
    /// ```swift
    /// let count = try row.value("count", as: Int.self)
    /// let note: String? = try row.value("note")
    /// ```
    ///
    /// - Throws: `SQLiteError` when there is no such column, or it holds a value of another kind.
    public func value<Value: SQLiteConvertible>(_ column: String, as type: Value.Type = Value.self) throws -> Value {
        guard let index = columns.firstIndex(of: column) else {
            throw wrong("no column \"\(column)\" in the answer; there are \(columns.joined(separator: ", "))")
        }
        guard let value = Value(sqliteValue: values[index]) else {
            throw wrong("column \"\(column)\" holds \(values[index]), expected \(type)")
        }
        return value
    }

    private func wrong(_ message: String) -> SQLiteError {
        SQLiteError(code: SQLITE_MISMATCH, message: message, path: path, sql: nil)
    }
}
