// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Reads request heads, byte by byte if they come so; strict where leniency has been used to smuggle requests.
///
/// A value: it owns no socket, no clock and no buffer. It is shown all bytes of the message so far and remembers how
/// far it has read, so a head that drips in is read once. Every position is checked; no input can trap.
package struct RequestParser: Sendable {
    /// What to do next.
    package enum Step: Sendable, Equatable {
        /// More bytes are needed.
        case needsMore
        /// `head` is complete; the body starts after this many bytes.
        case complete(headBytes: Int)
        /// Answer and close.
        case rejected(RequestRejection)
    }

    /// What is known of the head so far; whole after `.complete`.
    package private(set) var head = RequestHead()

    private let limits: HeadLimits
    private var lineStart = 0
    private var scanned = 0
    private var hasRequestLine = false
    private var fieldsStart = 0

    /// Makes a parser at the start of a message.
    package init(limits: HeadLimits = HeadLimits()) { self.limits = limits }

    /// Begins the next message; the room for fields is kept.
    package mutating func reset() {
        head.removeAll()
        lineStart = 0
        scanned = 0
        hasRequestLine = false
        fieldsStart = 0
    }

    /// Whether no byte of a message has been seen.
    package var isAtStart: Bool { scanned == 0 }

    /// Reads on.
    ///
    /// - Parameter input: the message from its first byte on; at least what the last call was shown.
    /// - Complexity: O(bytes not seen before).
    package mutating func parse(_ input: UnsafeRawBufferPointer) -> Step {
        while let lineFeed = nextLineFeed(input) {
            let start = lineStart
            let end = lineFeed - 1
            // A line ends with CR LF and nothing less (RFC 9112 2.2 allows to accept a bare LF; smugglers rely on it).
            guard end >= start, input[end] == 0x0D else { return .rejected(.bad("line ends without CR")) }
            lineStart = lineFeed + 1
            scanned = lineStart
            let line = UnsafeRawBufferPointer(rebasing: input[start..<end])
            if !hasRequestLine {
                // RFC 9112 2.2: one empty line before the request is ignored.
                if line.isEmpty, start == 0 { continue }
                guard line.count <= limits.requestLineBytesMax else { return .rejected(.requestLineTooLong) }
                if let rejection = head.readRequestLine(line, at: start) { return .rejected(rejection) }
                hasRequestLine = true
                fieldsStart = lineStart
            } else if line.isEmpty {
                if let rejection = head.finish(input) { return .rejected(rejection) }
                return .complete(headBytes: lineStart)
            } else {
                guard lineStart - fieldsStart <= limits.fieldBytesMax, head.fields.count < limits.fieldCountMax else {
                    return .rejected(.headTooLarge)
                }
                if let rejection = head.readField(line, at: start) { return .rejected(rejection) }
            }
        }
        let pending = scanned - lineStart
        if !hasRequestLine {
            return pending > limits.requestLineBytesMax + 1 ? .rejected(.requestLineTooLong) : .needsMore
        }
        // The empty line that ends the head does not count against the limit.
        let isTooLarge = pending > 1 && scanned - fieldsStart > limits.fieldBytesMax
        return isTooLarge ? .rejected(.headTooLarge) : .needsMore
    }

    /// The position of the next LF that has not been seen, or nil when all of `input` has been.
    private mutating func nextLineFeed(_ input: UnsafeRawBufferPointer) -> Int? {
        guard let base = input.baseAddress, scanned < input.count else { return nil }
        guard let found = memchr(base + scanned, 0x0A, input.count - scanned) else {
            scanned = input.count
            return nil
        }
        return UnsafeRawPointer(found) - base
    }
}

/// How large a request head may be.
package struct HeadLimits: Sendable {
    /// Bytes of the request line without its line end.
    package var requestLineBytesMax = 8_192
    /// Bytes of all field lines with their line ends.
    package var fieldBytesMax = 16_384
    /// Field lines.
    package var fieldCountMax = 100

    package init() {}
}

extension RequestRejection {
    static let requestLineTooLong = RequestRejection(.uriTooLong, "request line too long")
    static let headTooLarge = RequestRejection(.requestHeaderFieldsTooLarge, "header fields too large")
}
