// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A request as a handler sees it, whole, with its body in memory.
public struct ServerRequest: Sendable {
    /// The method.
    public let method: RequestMethod
    /// The path as sent, never decoded or normalised. Client data: not for a metric's label, see ``route``.
    public let path: String
    /// The template that matched, such as `/items/:id`.
    public let route: String
    /// What stood in place of the template's `:names`, percent-decoded.
    public let parameters: [String: String]
    /// The decoded query.
    public let query: QueryParameters
    /// The body; empty when there was none.
    public internal(set) var body: [UInt8]
    /// The client's address, such as `127.0.0.1`, or `unix`.
    public let peer: String

    /// The trace that it belongs to, when a ``TraceContextMiddleware`` runs.
    public internal(set) var traceContext: TraceContext?
    /// Its name, when a ``RequestIdentity`` runs.
    public internal(set) var requestID: String?

    private let headBytes: [UInt8]
    private let head: RequestHead

    init(
        head: RequestHead, bytes: UnsafeRawBufferPointer, route: String, parameters: [String: String], peer: String
    ) {
        method = RequestMethod(head.method.string(in: bytes))
        path = head.path.count == 0 ? "/" : head.path.string(in: bytes)
        query = QueryParameters(bytes: head.query.bytes(in: bytes))
        self.route = route
        self.parameters = parameters
        self.peer = peer
        body = []
        headBytes = Array(bytes)
        self.head = head
    }

    /// All header fields, in order.
    public var headers: HeaderFields {
        headBytes.withUnsafeBytes { bytes in
            var headers = HeaderFields()
            for field in head.fields { headers.add(field.name.string(in: bytes), field.value.string(in: bytes)) }
            return headers
        }
    }

    /// The first value of the field `name`, in any case, or nil.
    public func header(_ name: String) -> String? { headers[name] }

    /// Reads the body as JSON.
    ///
    /// - Throws: `RequestRefusal` with 400 when the body is not JSON of that shape; a handler may let it pass.
    public func json<Value: Decodable>(_ type: Value.Type = Value.self) throws(RequestRefusal) -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(body))
        } catch {
            throw RequestRefusal(.badRequest, reason: "the body is not the JSON that is expected here")
        }
    }
}
