// SPDX-License-Identifier: Apache-2.0

import Instrument

/// A minimal client: one GET over one connection, without TLS, and the part of the answer that a probe looks at.
package struct HTTPProbe: Sendable {
    /// What came back.
    package struct Answer: Sendable {
        /// The status code.
        package let status: Int
        /// The body, as far as it was read; anything that is not UTF-8 is repaired.
        package let body: String
    }

    /// The most that is read of an answer.
    package static let bytesMax = 64 * 1_024

    private let host: String
    private let port: UInt16
    private let request: [UInt8]

    /// Makes the request.
    ///
    /// - Precondition: neither path nor headers contain line breaks.
    package init(host: String, port: UInt16, path: String, headers: [String: String] = [:]) {
        self.host = host
        self.port = port
        let authority = host.contains(":") ? "[\(host)]" : host
        var lines = ["GET \(path) HTTP/1.1", "Host: \(authority):\(port)", "Connection: close", "Accept: */*"]
        for (name, value) in headers.sorted(by: { $0.key < $1.key }) { lines.append("\(name): \(value)") }
        precondition(
            lines.allSatisfy { !$0.contains { $0.isNewline } }, "HTTPProbe: the path or a header has a line break")
        request = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }

    /// Asks once.
    ///
    /// - Parameters:
    ///   - deadline: on the system's monotonic clock, in nanoseconds.
    ///   - readsBody: whether the body is waited for, up to `bytesMax`.
    package func get(deadline: UInt64, readsBody: Bool) throws -> Answer {
        let socket = try DeadlineSocket(host: host, port: port, deadline: deadline)
        try socket.send(request)
        let bytes = try socket.receive(bytesMax: HTTPProbe.bytesMax) { received in
            guard let head = HTTPProbe.headEnd(received) else { return false }
            guard readsBody else { return true }
            guard let length = HTTPProbe.contentLength(received[..<head]) else { return false }
            return received.count >= head + length
        }
        // RFC 9112 section 4: the version, a space, three digits.
        let line = String(
            decoding: bytes.prefix { $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        let words = line.split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), words[1].utf8.count == 3, let status = Int(words[1])
        else {
            throw CheckFailure(bytes.isEmpty ? "the peer closed without an answer" : "the answer is not HTTP/1")
        }
        let body = HTTPProbe.headEnd(bytes).map { bytes[$0...] } ?? []
        return Answer(status: status, body: String(decoding: body, as: UTF8.self))
    }

    /// Where the body begins, once the whole head is there.
    private static func headEnd(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        let end: [UInt8] = [13, 10, 13, 10]
        for start in 0...(bytes.count - 4) where bytes[start] == 13 {
            if bytes[start..<(start + 4)].elementsEqual(end) { return start + 4 }
        }
        return nil
    }

    private static func contentLength(_ head: ArraySlice<UInt8>) -> Int? {
        for line in String(decoding: head, as: UTF8.self).split(whereSeparator: \.isNewline) {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2, parts[0].lowercased() == "content-length" {
                return Int(parts[1].trimmingPrefix { $0 == " " }).flatMap { $0 >= 0 ? $0 : nil }
            }
        }
        return nil
    }
}
