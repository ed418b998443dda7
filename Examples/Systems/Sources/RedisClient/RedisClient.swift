// SPDX-License-Identifier: Apache-2.0

/// A server as tasks use it: one command after the other over one connection, on a queue of the client's own.
///
/// It connects when it is first used and again after a connection broke; a command that fails is not repeated. A command
/// that waits by itself keeps the others waiting: give whoever pops a queue a client of its own.
///
/// ```swift
/// let redis = RedisClient(RedisAddress(port: 6_379))
/// try await redis.set("greeting", "hello")
/// ```
public actor RedisClient {
    /// Where the server is.
    public nonisolated let address: RedisAddress

    private let executor: BlockingExecutor
    private var connection: RedisConnection?

    /// Makes a client; it connects with its first command.
    public init(_ address: RedisAddress) {
        self.address = address
        executor = BlockingExecutor("redis-\(address.port)")
    }

    /// The queue that the calls block.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Sends any command.
    ///
    /// - Parameters:
    ///   - words: the command and its arguments.
    ///   - waiting: how long the command waits by itself.
    /// - Throws: ``RedisError`` of any code.
    public func send(_ words: String..., waiting: Duration = .zero) throws(RedisError) -> RedisReply {
        let connection = try connected()
        do throws(RedisError) {
            return try connection.send(words, waiting: waiting)
        } catch {
            // What the server refused leaves the connection in order.
            if error.code != .refused { self.connection = nil }
            throw error
        }
    }

    private func connected() throws(RedisError) -> RedisConnection {
        if let connection { return connection }
        let connection = try RedisConnection(address)
        self.connection = connection
        return connection
    }

    /// `GET`: the value, or nil when there is none.
    public func get(_ key: String) throws(RedisError) -> String? {
        let reply = try send("GET", key)
        switch reply {
        case .string(let value): return value
        case .null: return nil
        default: throw .unexpected(reply, to: "GET", expected: "a string")
        }
    }

    /// `SET`, with a time to live if one is given.
    public func set(_ key: String, _ value: String, expiresAfterSeconds seconds: Int? = nil) throws(RedisError) {
        if let seconds {
            _ = try send("SET", key, value, "EX", "\(seconds)")
        } else {
            _ = try send("SET", key, value)
        }
    }

    /// `LPUSH`: puts a value in at the back of a queue.
    ///
    /// - Returns: how many wait now.
    @discardableResult
    public func push(_ value: String, to list: String) throws(RedisError) -> Int {
        let reply = try send("LPUSH", list, value)
        guard case .integer(let length) = reply else {
            throw .unexpected(reply, to: "LPUSH", expected: "a number")
        }
        return length
    }

    /// `BRPOP`: takes the value at the front of a queue, and waits for one while there is none.
    ///
    /// - Parameter patience: the longest wait, 10 ms or more; a shorter one counts as that.
    /// - Returns: nil when none came.
    public func pop(from list: String, patience: Duration) throws(RedisError) -> String? {
        let wait = max(patience, .milliseconds(10))
        let (seconds, attoseconds) = wait.components
        let reply = try send(
            "BRPOP", list, "\(Double(seconds) + Double(attoseconds / 1_000_000_000_000_000) / 1_000)", waiting: wait)
        switch reply {
        case .null: return nil
        case .array(let pair):
            guard pair.count == 2, case .string(let value) = pair[1] else { fallthrough }
            return value
        default: throw .unexpected(reply, to: "BRPOP", expected: "a list's name and a value")
        }
    }

    /// `INFO`: what the server tells about itself, by name.
    public func information() throws(RedisError) -> [String: String] {
        let reply = try send("INFO")
        guard case .string(let text) = reply else { throw .unexpected(reply, to: "INFO", expected: "a text") }
        var values: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { values[String(parts[0])] = String(parts[1]) }
        }
        return values
    }
}
