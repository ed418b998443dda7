// SPDX-License-Identifier: Apache-2.0

import CSQLite

extension SQLiteDatabase {
    /// Passes when the database can be written: its file is where it was opened, and the write lock can be had in time.
    ///
    /// For health checks. A file that was moved or deleted goes on working for those who have it open, and all that they
    /// write is lost; a reader does not notice another process's lock.
    ///
    /// - Throws: `SQLiteError` that says which.
    public func requireWritable() throws {
        try withConnection { connection in
            var hasMoved: Int32 = 0
            guard sqlite3_file_control(connection, "main", SQLITE_FCNTL_HAS_MOVED, &hasMoved) == SQLITE_OK else {
                throw lastError(nil)
            }
            guard hasMoved == 0 else {
                let message = "the file was moved or deleted since it was opened"
                // SQLITE_READONLY_DBMOVED, a macro that the importer leaves out.
                throw SQLiteError(code: SQLITE_READONLY | (4 << 8), message: message, path: path, sql: nil)
            }
            try transaction {}
        }
    }

    /// The size of the database, in bytes; the write-ahead log is not counted.
    public func byteCount() throws -> Int {
        let sql = "SELECT page_count * page_size AS bytes FROM pragma_page_count(), pragma_page_size()"
        return try query(sql).first?.value("bytes") ?? 0
    }

    /// How many tables there are.
    public func tableCount() throws -> Int {
        try query("SELECT count(*) AS tables FROM sqlite_schema WHERE type = 'table'").first?.value("tables") ?? 0
    }

    /// Writes a compact copy of the whole database, consistent while others write.
    ///
    /// - Parameter path: a file that does not exist yet or is empty.
    /// - Throws: `SQLiteError` when it cannot be written; what was written so far is left there.
    public func copy(to path: String) throws {
        try run("VACUUM INTO ?", path)
    }
}
