// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Instrument
import SQLite
import Synchronization

/// Connections to the database that queries take turns at.
final class DatabasePool: Sendable {
    /// No connection was free in time.
    struct Exhausted: Error, CustomStringConvertible {
        let description = "no connection to the database was free in time"
    }

    /// How long a query waits for a connection.
    private static let patience = DispatchTimeInterval.seconds(1)

    private let free: DispatchSemaphore
    private let idle: Mutex<[SQLiteDatabase]>
    private let metrics: DatabaseMetrics

    init(path: String, size: Int, metrics: DatabaseMetrics) throws {
        idle = Mutex(try (0..<size).map { _ in try SQLiteDatabase(path: path) })
        free = DispatchSemaphore(value: size)
        self.metrics = metrics
        metrics.connections.set(size)
    }

    /// Runs a query on a connection of its own, and counts and times it.
    func use<Result>(_ kind: QueryKind, _ query: (SQLiteDatabase) throws -> Result) throws -> Result {
        let connection = try metrics.waiting.time { try take() }
        defer {
            idle.withLock { $0.append(connection) }
            free.signal()
        }
        return try metrics.active.track {
            do {
                return try metrics.duration.with(kind).time { try query(connection) }
            } catch {
                metrics.errors.increment()
                throw error
            }
        }
    }

    private func take() throws -> SQLiteDatabase {
        guard free.wait(timeout: .now() + Self.patience) == .success, let connection = idle.withLock({ $0.popLast() })
        else {
            metrics.timeouts.increment()
            throw Exhausted()
        }
        return connection
    }
}
