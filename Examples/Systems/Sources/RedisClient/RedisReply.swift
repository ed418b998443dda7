// SPDX-License-Identifier: Apache-2.0

import CHiredis

/// An answer of the server
/// ([protocol](https://redis.io/docs/latest/develop/reference/protocol-spec/)), copied out of the C library's memory.
public enum RedisReply: Sendable, Equatable {
    /// A status such as `OK` or `PONG`.
    case status(String)
    /// A number.
    case integer(Int)
    /// A value; bytes that are not UTF-8 are repaired.
    case string(String)
    /// Several answers.
    case array([RedisReply])
    /// There is no such value.
    case null

    /// Copies a reply; nil for a type that version 2 of the protocol does not know. An error reply becomes `refused`.
    init?(_ reply: redisReply, refused: inout String?) {
        func text() -> String {
            guard let start = reply.str else { return "" }
            return String(decoding: UnsafeRawBufferPointer(start: start, count: reply.len), as: UTF8.self)
        }
        switch reply.type {
        case REDIS_REPLY_STATUS: self = .status(text())
        case REDIS_REPLY_INTEGER: self = .integer(Int(reply.integer))
        case REDIS_REPLY_STRING: self = .string(text())
        case REDIS_REPLY_NIL: self = .null
        case REDIS_REPLY_ERROR:
            refused = text()
            self = .null
        case REDIS_REPLY_ARRAY:
            var elements: [RedisReply] = []
            for index in 0..<reply.elements {
                guard let element = reply.element?[index],
                    let copy = RedisReply(element.pointee, refused: &refused)
                else { return nil }
                elements.append(copy)
            }
            self = .array(elements)
        default: return nil
        }
    }
}
