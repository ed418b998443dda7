// SPDX-License-Identifier: Apache-2.0

import CSQLite

/// A prepared statement of one connection. Used by `SQLiteDatabase` alone, and only under its lock.
struct SQLiteStatement {
    let handle: OpaquePointer
    let columns: [String]

    /// Compiles the first statement of `sql`; nil when SQLite refuses it.
    ///
    /// - Parameter rest: what follows the first statement.
    init?(_ sql: String, on connection: OpaquePointer, rest: inout String) {
        var statement: OpaquePointer?
        let (compiled, tail) = sql.withCString { text in
            var end: UnsafePointer<CChar>?
            let code = sqlite3_prepare_v3(connection, text, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, &end)
            return (code == SQLITE_OK, end.map { String(cString: $0) } ?? "")
        }
        guard compiled, let statement else { return nil }
        rest = tail
        handle = statement
        columns = (0..<sqlite3_column_count(statement)).map { column in
            sqlite3_column_name(statement, column).map { String(cString: $0) } ?? ""
        }
    }

    /// How many values the statement expects.
    var parameterCount: Int { Int(sqlite3_bind_parameter_count(handle)) }

    /// Binds a value; SQLite keeps a copy.
    ///
    /// - Parameter position: from 1.
    /// - Returns: the result code.
    func bind(_ value: SQLiteValue, at position: Int) -> Int32 {
        // SQLITE_TRANSIENT, a cast that the importer leaves out: "copy it now".
        let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        let position = Int32(position)
        let utf8Encoding = UInt8(SQLITE_UTF8)
        return switch value {
        case .null: sqlite3_bind_null(handle, position)
        case .integer(let number): sqlite3_bind_int64(handle, position, number)
        case .real(let number): sqlite3_bind_double(handle, position, number)
        case .text(var text):
            text.withUTF8 { utf8 in
                // An empty string may come without an address, which would bind NULL.
                utf8.withMemoryRebound(to: CChar.self) { bytes in
                    bytes.isEmpty
                        ? sqlite3_bind_text64(handle, position, "", 0, transient, utf8Encoding)
                        : sqlite3_bind_text64(
                            handle, position, bytes.baseAddress, UInt64(bytes.count), transient, utf8Encoding)
                }
            }
        case .blob(let bytes):
            bytes.isEmpty
                ? sqlite3_bind_zeroblob(handle, position, 0)
                : sqlite3_bind_blob64(handle, position, bytes, UInt64(bytes.count), transient)
        }
    }

    /// The current row's value in a column, from 0.
    func value(at column: Int) -> SQLiteValue {
        let column = Int32(column)
        switch sqlite3_column_type(handle, column) {
        case SQLITE_INTEGER: return .integer(sqlite3_column_int64(handle, column))
        case SQLITE_FLOAT: return .real(sqlite3_column_double(handle, column))
        case SQLITE_TEXT:
            let bytes = UnsafeBufferPointer(
                start: sqlite3_column_text(handle, column), count: Int(sqlite3_column_bytes(handle, column)))
            return .text(String(decoding: bytes, as: UTF8.self))
        case SQLITE_BLOB:
            let bytes = UnsafeRawBufferPointer(
                start: sqlite3_column_blob(handle, column), count: Int(sqlite3_column_bytes(handle, column)))
            return .blob(Array(bytes))
        default: return .null
        }
    }

    /// Makes it ready for the next use, and lets go of its locks and values.
    func reset() {
        // The code repeats the failure of the last step, which was reported then.
        _ = sqlite3_reset(handle)
        _ = sqlite3_clear_bindings(handle)
    }

    /// Gives it back to SQLite.
    func finalize() { sqlite3_finalize(handle) }
}
