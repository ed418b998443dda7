// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What a handler answers: a status, fields and a body that stands in memory.
///
/// It may also be thrown: `throw ServerResponse.status(.notFound)`.
public struct ServerResponse: Error, Sendable {
    /// The status.
    public var status: ResponseStatus
    /// Fields besides the server's own; `Content-Length`, `Connection`, `Transfer-Encoding` and `Date` are the server's.
    public var headers: HeaderFields
    /// The body.
    public var body: [UInt8]

    /// Makes an answer.
    public init(status: ResponseStatus = .ok, headers: HeaderFields = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// Plain text in UTF-8.
    public static func text(_ text: String, status: ResponseStatus = .ok) -> ServerResponse {
        ServerResponse(
            status: status, headers: ["Content-Type": "text/plain; charset=utf-8"], body: Array(text.utf8))
    }

    /// `value` as JSON with sorted keys, so that equal values give equal bytes.
    ///
    /// - Throws: what `value` throws when it is encoded; a handler may let it pass, the client then gets a 500.
    public static func json(_ value: some Encodable, status: ResponseStatus = .ok) throws -> ServerResponse {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return ServerResponse(
            status: status, headers: ["Content-Type": "application/json"], body: Array(try encoder.encode(value)))
    }

    /// A status with a short plain text that names it.
    public static func status(_ status: ResponseStatus) -> ServerResponse {
        status.forbidsBody ? ServerResponse(status: status) : .text("\(status.reason)\n", status: status)
    }
}
