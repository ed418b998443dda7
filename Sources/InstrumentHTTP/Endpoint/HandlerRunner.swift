// SPDX-License-Identifier: Apache-2.0

import Foundation
import StructuredLog

/// Runs a service's handlers inside its middleware and turns whatever comes out into an answer.
struct HandlerRunner: Sendable {
    let chain: MiddlewareChain
    let log: StructuredLogger?

    /// Runs a handler that may block, on the calling thread.
    func run(_ exchange: Exchange, _ handler: (ServerRequest) throws -> ServerResponse) -> Answer {
        guard var request = exchange.request else { return Self.misrouted }
        guard !chain.isEmpty else {
            do {
                return check(try handler(request), request)
            } catch {
                return answer(for: error, request)
            }
        }
        do {
            let observation = try begin(exchange, &request)
            do {
                let response = try observation.withLogContext { try handler(request) }
                return end(observation, response, request)
            } catch {
                return end(observation, error, request)
            }
        } catch {
            return check(error.response, request)
        }
    }

    /// Runs an asynchronous handler, as part of the calling task.
    func run(_ exchange: Exchange, _ handler: (ServerRequest) async throws -> ServerResponse) async -> Answer {
        guard var request = exchange.request else { return Self.misrouted }
        do {
            let observation = try begin(exchange, &request)
            do {
                let begun = request
                let response = try await observation.withLogContext { try await handler(begun) }
                return end(observation, response, request)
            } catch {
                return end(observation, error, request)
            }
        } catch {
            return check(error.response, request)
        }
    }

    private static let misrouted = Answer.failed(.internalServerError, errorType: "misrouted")

    private func begin(
        _ exchange: Exchange, _ request: inout ServerRequest
    ) throws(RequestRefusal) -> RequestObservation {
        let observation = try chain.begin(
            RequestDescription(
                method: request.method, route: request.route, path: request.path,
                headers: chain.isEmpty ? [:] : request.headers, peer: request.peer, requestBytes: exchange.requestBytes)
        )
        exchange.observation = observation
        request.traceContext = observation.traceContext
        request.requestID = observation.requestID
        return observation
    }

    private func end(
        _ observation: RequestObservation, _ response: ServerResponse, _ request: ServerRequest
    ) -> Answer {
        var response = response
        for field in observation.responseHeaders.fields { response.headers[field.name] = field.value }
        chain.end(observation, status: response.status.code, responseBytes: response.body.count)
        return check(response, request)
    }

    private func end(_ observation: RequestObservation, _ error: any Error, _ request: ServerRequest) -> Answer {
        switch error {
        case let response as ServerResponse: return end(observation, response, request)
        case let refusal as RequestRefusal: return end(observation, refusal.response, request)
        default:
            let answer = answer(for: error, request)
            if case .failed(let status, let errorType) = answer {
                chain.end(observation, status: status.code, responseBytes: 0, errorType: errorType)
            }
            return answer
        }
    }

    /// A field that cannot be sent makes the handler's answer a failure: cut off, it could split the response.
    private func check(_ response: ServerResponse, _ request: ServerRequest) -> Answer {
        guard let field = response.headers.firstInvalid() else { return .response(response) }
        log?.error("response has a field that cannot be sent") {
            $0["route"] = request.route
            $0["field"] = field.name
        }
        return .failed(.internalServerError, errorType: "invalid_response")
    }

    /// A thrown response or refusal is an answer; everything else is a failure.
    private func answer(for error: any Error, _ request: ServerRequest) -> Answer {
        switch error {
        case let response as ServerResponse: return check(response, request)
        case let refusal as RequestRefusal: return check(refusal.response, request)
        default:
            log?.error("handler failed", error: error) { $0["route"] = request.route }
            return .failed(.internalServerError, errorType: errorTypeName(error))
        }
    }
}
