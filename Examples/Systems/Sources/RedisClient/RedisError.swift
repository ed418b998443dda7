// SPDX-License-Identifier: Apache-2.0

/// Why a command has no answer.
public struct RedisError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of trouble it is.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The server cannot be reached, or the connection broke.
        public static let connection = Code(description: "connection")
        /// The server did not answer in time.
        public static let timeout = Code(description: "timeout")
        /// The server answered with an error of its own, such as a key of another type.
        public static let refused = Code(description: "refused")
        /// The answer has another shape than the command promises.
        public static let unexpectedReply = Code(description: "unexpected reply")

        /// The kind in words.
        public let description: String
    }

    /// What kind of trouble it is.
    public let code: Code
    /// What was tried, what went wrong and what to do.
    public let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }

    static func unexpected(_ reply: RedisReply, to command: String, expected: String) -> RedisError {
        RedisError(.unexpectedReply, "redis \"\(command)\": got \(reply), expected \(expected)")
    }
}
