// SPDX-License-Identifier: Apache-2.0

import Foundation
import RedisClient

/// The list of tasks and the results, both in Redis. Whoever waits for tasks has one of its own.
struct TaskQueue: Sendable {
    /// The list that tasks wait in.
    static let list = "task_queue"
    /// Clients that add more than so many are asked to come again.
    static let tasksMax = 10_000
    /// How long a result is kept.
    private static let resultSeconds = 86_400

    private let redis: RedisClient

    init(_ address: RedisAddress) { redis = RedisClient(address) }

    /// Puts a task in.
    ///
    /// - Returns: how many wait now.
    @discardableResult
    func add(_ task: SequenceTask) async throws -> Int {
        try await redis.push(String(decoding: try JSONEncoder().encode(task), as: UTF8.self), to: Self.list)
    }

    /// Takes the oldest task out as it stands there, waiting for one; nil when none came.
    func next(patience: Duration) async throws -> String? { try await redis.pop(from: Self.list, patience: patience) }

    /// Keeps a result.
    func store(_ report: SequenceReport) async throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        try await redis.set(
            "result:\(report.id)", String(decoding: try encoder.encode(report), as: UTF8.self),
            expiresAfterSeconds: Self.resultSeconds)
    }

    /// A result as JSON; nil when there is none, or no longer.
    func result(_ id: String) async throws -> String? { try await redis.get("result:\(id)") }

    /// What the server tells about itself.
    func information() async throws -> [String: String] { try await redis.information() }

    /// How many tasks wait; on a connection of its own, for threads that may block.
    static func length(_ address: RedisAddress) throws -> Int {
        let reply = try RedisConnection(address).send(["LLEN", list])
        guard case .integer(let length) = reply else { throw SequenceError("LLEN answered \(reply)") }
        return length
    }
}
