// SPDX-License-Identifier: Apache-2.0

import CSQLite

/// What SQLite refused, in its own words.
public struct SQLiteError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The extended result code, such as `SQLITE_BUSY` or `SQLITE_CONSTRAINT_UNIQUE`
    /// ([result codes](https://www.sqlite.org/rescode.html)).
    public let code: Int32
    /// SQLite's message, or what this library found wrong.
    public let message: String
    /// The database file.
    public let path: String
    /// The statement, if it was one.
    public let sql: String?

    /// Whether another connection held a lock for longer than the busy timeout: trying again later may help.
    public var isBusy: Bool { [SQLITE_BUSY, SQLITE_LOCKED].contains(code & 0xff) }

    /// The file, the message, the code and the statement in one line.
    public var description: String {
        let place = sql.map { " in \"\($0)\"" } ?? ""
        return "database \"\(path)\": \(message) (code \(code))\(place)"
    }
}
