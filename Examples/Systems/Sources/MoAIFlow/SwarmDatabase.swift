// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument
import SQLite
import StructuredLog

/// The agents and the events that they wrote, in one SQLite file.
///
/// Three connections: readers see the last commit while a writer waits for its lock, and the health check asks for that
/// lock itself instead of queueing behind the writers.
final class SwarmDatabase: Sendable {
    /// An event as it is stored and served.
    struct Event: Codable, Sendable {
        var id: Int
        var eventType: String
        var agentID: String
        var payload: String
        var timestamp: Double

        enum CodingKeys: String, CodingKey {
            case id, payload, timestamp
            case eventType = "event_type"
            case agentID = "agent_id"
        }
    }

    /// An agent counts as active when it was seen this recently, in seconds.
    static let activeSeconds = 10.0
    /// A query that takes longer is logged, in seconds.
    static let slowSeconds = 0.1
    /// Older events are pruned, in seconds: a week.
    static let retentionSeconds = 7 * 86_400.0

    private let writer: SQLiteDatabase
    private let reader: SQLiteDatabase
    private let prober: SQLiteDatabase
    private let metrics: FlowMetrics
    private let log: StructuredLogger

    init(path: String, metrics: FlowMetrics, log: StructuredLogger) throws {
        writer = try SQLiteDatabase(path: path, busyTimeout: .milliseconds(700))
        try writer.execute(
            """
            CREATE TABLE IF NOT EXISTS agents (agent_id TEXT PRIMARY KEY, last_seen REAL NOT NULL);
            CREATE TABLE IF NOT EXISTS events (
                id INTEGER PRIMARY KEY, event_type TEXT NOT NULL, agent_id TEXT NOT NULL, payload TEXT NOT NULL,
                timestamp REAL NOT NULL);
            CREATE INDEX IF NOT EXISTS events_by_time ON events (timestamp);
            CREATE INDEX IF NOT EXISTS events_by_agent ON events (agent_id, id);
            """)
        reader = try SQLiteDatabase(path: path)
        prober = try SQLiteDatabase(path: path, busyTimeout: .milliseconds(300))
        self.metrics = metrics
        self.log = log
    }

    // MARK: Writing

    /// Stores an event and counts it.
    func insert(_ eventType: String, agent: String, payload: String) throws {
        try timed(.insert) {
            try writer.run(
                "INSERT INTO events (event_type, agent_id, payload, timestamp) VALUES (?, ?, ?, ?)", eventType, agent,
                payload, Date().timeIntervalSince1970)
        }
        metrics.events.with(eventType).increment()
    }

    /// Notes that an agent lives.
    func noteSeen(agent: String) throws {
        try timed(.insert) {
            try writer.run(
                "INSERT INTO agents VALUES (?, ?) ON CONFLICT (agent_id) DO UPDATE SET last_seen = excluded.last_seen",
                agent, Date().timeIntervalSince1970)
        }
    }

    /// Deletes what is older than the retention.
    ///
    /// - Returns: how many events went.
    func prune() throws -> Int {
        try timed(.prune) {
            try writer.run(
                "DELETE FROM events WHERE timestamp < ?", Date().timeIntervalSince1970 - Self.retentionSeconds)
        }
    }

    // MARK: Reading

    /// The newest events, of one agent or all.
    func events(agent: String?, limit: Int) throws -> [Event] {
        try timed(.select) {
            let rows = try reader.query(
                "SELECT * FROM events WHERE ?1 IS NULL OR agent_id = ?1 ORDER BY id DESC LIMIT ?2", agent, limit)
            return try rows.map { row in
                Event(
                    id: try row.value("id"), eventType: try row.value("event_type"), agentID: try row.value("agent_id"),
                    payload: try row.value("payload"), timestamp: try row.value("timestamp"))
            }
        }
    }

    /// How many events there are of each type.
    func eventCounts() throws -> [String: Int] {
        try timed(.aggregate) {
            let rows = try reader.query("SELECT event_type, count(*) AS events FROM events GROUP BY event_type")
            return try Dictionary(
                uniqueKeysWithValues: rows.map { (try $0.value("event_type"), try $0.value("events")) })
        }
    }

    /// The agents that were seen lately.
    func activeAgents() throws -> [String] {
        let since = Date().timeIntervalSince1970 - Self.activeSeconds
        return try reader.query("SELECT agent_id FROM agents WHERE last_seen >= ? ORDER BY agent_id", since).map {
            try $0.value("agent_id")
        }
    }

    /// The size of the database, in bytes.
    func byteCount() throws -> Int { try reader.byteCount() }

    /// Passes when events can be stored.
    func requireWritable() throws { try prober.requireWritable() }

    @discardableResult
    private func timed<Result>(_ kind: QueryKind, _ query: () throws -> Result) throws -> Result {
        let watch = Stopwatch()
        defer {
            let seconds = Double(watch.elapsedNanoseconds) / 1e9
            if seconds > Self.slowSeconds {
                log.warning("query took longer than expected") { fields in
                    fields["query_type"] = kind.rawValue
                    fields["seconds"] = seconds
                    fields["expected_seconds"] = Self.slowSeconds
                }
            }
        }
        return try metrics.measure(kind, query)
    }
}
