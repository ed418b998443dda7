// SPDX-License-Identifier: Apache-2.0

import Instrument

/// Middleware in order, run around a handler of any server.
///
/// ```swift
/// let chain = MiddlewareChain([try RequestMetrics(metrics), AccessLog(log)])
/// let response = try await chain.observe(
///     RequestDescription(method: .get, route: "/items/:id", path: request.path),
///     refused: { MyResponse(status: $0.status.code) },
///     outcome: { (status: $0.status, bytes: $0.body.count) }
/// ) { observation in
///     try await handle(request)
/// }
/// ```
public struct MiddlewareChain: Sendable {
    private let middleware: [any RequestMiddleware]
    private let time: TimeSource

    /// Makes a chain.
    ///
    /// - Parameters:
    ///   - middleware: the first one begins first and ends last.
    ///   - time: the clock of the durations.
    public init(_ middleware: [any RequestMiddleware], time: TimeSource = .system) {
        self.middleware = middleware
        self.time = time
    }

    /// Whether there is nothing in it.
    public var isEmpty: Bool { middleware.isEmpty }

    /// Begins a request. Every observation that this returns goes to `end` exactly once.
    ///
    /// - Throws: `RequestRefusal` of the middleware that kept it out; those before it have been ended by then.
    public func begin(_ request: RequestDescription) throws(RequestRefusal) -> RequestObservation {
        var observation = RequestObservation(request, startNanoseconds: time.monotonicNanoseconds())
        for one in middleware {
            do {
                try one.begin(&observation)
            } catch {
                end(observation, status: error.status.code, responseBytes: error.reason.utf8.count)
                throw error
            }
            observation.begun += 1
        }
        return observation
    }

    /// Ends a request.
    ///
    /// - Parameters:
    ///   - observation: what `begin` returned.
    ///   - status: the status that was sent.
    ///   - responseBytes: bytes of the body that were sent.
    ///   - errorType: what went wrong, from a bounded set of names; nil when nothing did.
    public func end(
        _ observation: RequestObservation, status: Int, responseBytes: Int, errorType: String? = nil
    ) {
        let now = time.monotonicNanoseconds()
        let outcome = RequestOutcome(
            status: status, responseBytes: responseBytes, errorType: errorType,
            durationNanoseconds: now - min(now, observation.startNanoseconds))
        for one in middleware.prefix(observation.begun).reversed() { one.end(observation, outcome) }
    }

    /// Runs a handler under observation: the end is noted whether it returns, throws or is cancelled.
    ///
    /// - Parameters:
    ///   - request: what is known of the request.
    ///   - refused: makes the answer when a middleware keeps the request out.
    ///   - outcome: the status and body size of an answer.
    ///   - handler: the handler; it is given the observation.
    /// - Throws: what the handler throws.
    public func observe<Response: ~Copyable>(
        _ request: RequestDescription, refused: (RequestRefusal) -> Response,
        outcome: (borrowing Response) -> (status: Int, bytes: Int), _ handler: (RequestObservation) throws -> Response
    ) rethrows -> Response {
        let observation: RequestObservation
        switch beginning(request) {
        case .success(let begun): observation = begun
        case .failure(let refusal): return refused(refusal)
        }
        do {
            let response = try handler(observation)
            let (status, bytes) = outcome(response)
            end(observation, status: status, responseBytes: bytes)
            return response
        } catch {
            end(observation, status: 500, responseBytes: 0, errorType: errorTypeName(error))
            throw error
        }
    }

    /// Runs an asynchronous handler under observation: the end is noted whether it returns, throws or is cancelled.
    ///
    /// - Parameters:
    ///   - isolation: the caller's actor, filled in by the compiler.
    ///   - request: what is known of the request.
    ///   - refused: makes the answer when a middleware keeps the request out.
    ///   - outcome: the status and body size of an answer.
    ///   - handler: the handler; it is given the observation.
    /// - Throws: what the handler throws.
    public func observe<Response: ~Copyable>(
        isolation: isolated (any Actor)? = #isolation, _ request: RequestDescription,
        refused: (RequestRefusal) -> Response, outcome: (borrowing Response) -> (status: Int, bytes: Int),
        _ handler: (RequestObservation) async throws -> Response
    ) async rethrows -> Response {
        let observation: RequestObservation
        switch beginning(request) {
        case .success(let begun): observation = begun
        case .failure(let refusal): return refused(refusal)
        }
        do {
            let response = try await handler(observation)
            let (status, bytes) = outcome(response)
            end(observation, status: status, responseBytes: bytes)
            return response
        } catch {
            end(observation, status: 500, responseBytes: 0, errorType: errorTypeName(error))
            throw error
        }
    }

    private func beginning(_ request: RequestDescription) -> Result<RequestObservation, RequestRefusal> {
        do {
            return .success(try begin(request))
        } catch {
            return .failure(error)
        }
    }
}

/// The name of an error for a label: `cancelled`, or its type's, which a program has few of.
func errorTypeName(_ error: any Error) -> String {
    error is CancellationError ? "cancelled" : String(describing: type(of: error))
}
