// SPDX-License-Identifier: Apache-2.0

import StructuredLog

/// What is known of a request when it begins; for any server, not only this package's.
public struct RequestDescription: Sendable {
    /// The method.
    public var method: RequestMethod
    /// The template of the route that matched, such as `/items/:id`; nil when none did. Never the raw path: it becomes
    /// the value of a label.
    public var route: String?
    /// The path as sent, for logs.
    public var path: String
    /// The header fields.
    public var headers: HeaderFields
    /// The client's address, for logs.
    public var peer: String
    /// Bytes of the body.
    public var requestBytes: Int

    /// Describes a request.
    public init(
        method: RequestMethod, route: String?, path: String = "", headers: HeaderFields = [:], peer: String = "",
        requestBytes: Int = 0
    ) {
        self.method = method
        self.route = route
        self.path = path
        self.headers = headers
        self.peer = peer
        self.requestBytes = requestBytes
    }
}

/// A request under observation, from its beginning to its end.
public struct RequestObservation: Sendable {
    /// What was known when it began.
    public let request: RequestDescription
    /// When it began, in monotonic nanoseconds.
    public let startNanoseconds: UInt64
    /// The trace that the request belongs to, once a ``TraceContextMiddleware`` has looked.
    public var traceContext: TraceContext?
    /// The request's name, once a ``RequestIdentity`` has given it one.
    public var requestID: String?
    /// Fields that the answer should carry.
    public var responseHeaders: HeaderFields = [:]
    /// How many of the chain's middleware have begun; those are the ones to end.
    var begun = 0

    init(_ request: RequestDescription, startNanoseconds: UInt64) {
        self.request = request
        self.startNanoseconds = startNanoseconds
    }

    /// Runs `operation` with the trace and the request's name in the context of every line that it logs.
    public func withLogContext<Result>(_ operation: () throws -> Result) rethrows -> Result {
        guard traceContext != nil || requestID != nil else { return try operation() }
        return try StructuredLog.withLogContext({ addFields(to: &$0) }, operation: operation)
    }

    /// Runs `operation` with the trace and the request's name in the context of every line that it logs.
    public func withLogContext<Result>(
        isolation: isolated (any Actor)? = #isolation, _ operation: () async throws -> Result
    ) async rethrows -> Result {
        guard traceContext != nil || requestID != nil else { return try await operation() }
        return try await StructuredLog.withLogContext({ addFields(to: &$0) }, operation: operation)
    }

    func addFields(to fields: inout LogFields) {
        if let requestID { fields["request_id"] = requestID }
        guard let traceContext else { return }
        fields["trace_id"] = traceContext.traceID
        fields["span_id"] = traceContext.spanID
    }
}

/// How a request ended.
public struct RequestOutcome: Sendable {
    /// The status that was sent; 499 when the client left before, 500 when the handler threw.
    public var status: Int
    /// Bytes of the response's body, as far as they were sent.
    public var responseBytes: Int
    /// What went wrong, from a bounded set: a type's name, `cancelled`, `disconnected`, `timeout`; nil when nothing did.
    public var errorType: String?
    /// From the beginning to the end of the response's body.
    public var durationNanoseconds: UInt64

    /// Describes an end.
    public init(status: Int, responseBytes: Int, errorType: String?, durationNanoseconds: UInt64) {
        self.status = status
        self.responseBytes = responseBytes
        self.errorType = errorType
        self.durationNanoseconds = durationNanoseconds
    }
}

/// Why a middleware does not let a request pass.
public struct RequestRefusal: Error, Sendable {
    /// The status to answer with.
    public var status: ResponseStatus
    /// Fields to answer with, such as `Retry-After`.
    public var headers: HeaderFields
    /// A short reason that echoes nothing of the request.
    public var reason: String

    /// Refuses a request.
    public init(_ status: ResponseStatus, headers: HeaderFields = [:], reason: String) {
        self.status = status
        self.headers = headers
        self.reason = reason
    }

    /// The refusal as this package's server answers it.
    public var response: ServerResponse {
        var response = ServerResponse.text(reason + "\n", status: status)
        for field in headers.fields { response.headers.add(field.name, field.value) }
        return response
    }
}

/// Something that watches requests, or keeps them out: called at the beginning and at the end of each.
public protocol RequestMiddleware: Sendable {
    /// Notes that a request begins.
    ///
    /// - Throws: `RequestRefusal` to answer it here; then `end` is not called on this middleware.
    func begin(_ observation: inout RequestObservation) throws(RequestRefusal)

    /// Notes that a request has ended; called exactly once for each `begin` that did not throw.
    func end(_ observation: RequestObservation, _ outcome: RequestOutcome)
}
