// SPDX-License-Identifier: Apache-2.0

import CHiredis
import Foundation

/// One connection whose calls block the calling thread, for at most the address's timeouts.
///
/// For threads that may block, such as the ones that health checks run on. Tasks use ``RedisClient``. Not for several
/// threads at once; once a call has thrown `.connection` or `.timeout` the connection is of no further use.
public final class RedisConnection {
    private let context: UnsafeMutablePointer<redisContext>
    private let address: RedisAddress

    /// Connects.
    ///
    /// - Throws: ``RedisError/Code/connection`` when nobody answers at the address in time.
    public init(_ address: RedisAddress) throws(RedisError) {
        let place = "\(address.host):\(address.port)"
        guard
            let context = redisConnectWithTimeout(
                address.host, Int32(address.port), interval(address.connectTimeout))
        else { throw RedisError(.connection, "redis \(place): no memory for a connection") }
        guard context.pointee.err == 0 else {
            let reason = Self.reason(of: context)
            redisFree(context)
            throw RedisError(.connection, "redis \(place): \(reason); is the server up?")
        }
        self.context = context
        self.address = address
    }

    deinit { redisFree(context) }

    /// Sends a command and waits for its answer.
    ///
    /// - Parameters:
    ///   - words: the command and its arguments.
    ///   - waiting: how long the command waits by itself, such as the last argument of `BRPOP`.
    /// - Throws: ``RedisError`` of any code.
    public func send(_ words: [String], waiting: Duration = .zero) throws(RedisError) -> RedisReply {
        let name = words.first ?? ""
        guard redisSetTimeout(context, interval(address.commandTimeout + waiting)) == REDIS_OK else {
            throw failure(name)
        }
        guard let raw = call(words) else { throw failure(name) }
        defer { freeReplyObject(raw) }
        var refused: String?
        let copy = RedisReply(raw.assumingMemoryBound(to: redisReply.self).pointee, refused: &refused)
        if let refused { throw RedisError(.refused, "redis \"\(name)\": \(refused)") }
        guard let copy else {
            throw RedisError(.unexpectedReply, "redis \"\(name)\": the answer is of a type that is not known here")
        }
        return copy
    }

    /// The arguments stand one after the other in one buffer, so that they may hold any byte and any length.
    private func call(_ words: [String]) -> UnsafeMutableRawPointer? {
        let lengths = words.map(\.utf8.count)
        var bytes: [CChar] = []
        bytes.reserveCapacity(lengths.reduce(0, +) + 1)
        for word in words { bytes.append(contentsOf: word.utf8.lazy.map { CChar(bitPattern: $0) }) }
        bytes.append(0)
        return bytes.withUnsafeBufferPointer { buffer in
            var arguments: [UnsafePointer<CChar>?] = []
            var offset = 0
            for length in lengths {
                arguments.append(buffer.baseAddress.map { $0 + offset })
                offset += length
            }
            return redisCommandArgv(context, Int32(words.count), &arguments, lengths)
        }
    }

    private func failure(_ command: String) -> RedisError {
        let place = "redis \(address.host):\(address.port) \"\(command)\""
        if context.pointee.err == REDIS_ERR_IO, errno == EAGAIN || errno == EWOULDBLOCK || errno == ETIMEDOUT {
            return RedisError(.timeout, "\(place): no answer within \(address.commandTimeout)")
        }
        return RedisError(.connection, "\(place): \(Self.reason(of: context)); is the server up?")
    }

    private static func reason(of context: UnsafeMutablePointer<redisContext>) -> String {
        withUnsafePointer(to: &context.pointee.errstr) { tuple in
            tuple.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: tuple.pointee)) {
                String(cString: $0)
            }
        }
    }
}

/// A duration as the C library wants it; at least a microsecond, since zero would wait for ever.
private func interval(_ duration: Duration) -> timeval {
    let (seconds, attoseconds) = duration.components
    let microseconds = attoseconds / 1_000_000_000_000
    guard seconds > 0 || microseconds > 0 else { return Foundation.timeval(tv_sec: 0, tv_usec: 1) }
    return Foundation.timeval(tv_sec: Int(seconds), tv_usec: numericCast(microseconds))
}
