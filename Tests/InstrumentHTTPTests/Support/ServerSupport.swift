// SPDX-License-Identifier: Apache-2.0

import Instrument
import InstrumentHTTP

/// Runs `body` on a thread of its own: a client that waits for an answer must not hold a thread of the cooperative pool.
func onThread<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        do {
            try PlainThread(name: "test-client") {
                continuation.resume(with: Swift.Result { try body() })
            }.detach()
        } catch {
            continuation.resume(throwing: error)
        }
    }
}

/// Starts a server on a free port, runs `body` with it on a thread, and stops it.
func withServer<Result: Sendable>(
    _ server: InstrumentServer, _ body: @escaping @Sendable (InstrumentServer) throws -> Result
) async throws -> Result {
    try server.start()
    return try await onThread {
        defer { server.stop(deadline: .seconds(60)) }
        return try body(server)
    }
}

extension EndpointConfiguration {
    /// The defaults on a free port, with deadlines that a busy machine keeps.
    static func testing(_ change: (inout EndpointConfiguration) -> Void = { _ in }) -> EndpointConfiguration {
        var configuration = EndpointConfiguration()
        configuration.port = 0
        configuration.limits.headerDeadline = .seconds(240)
        configuration.limits.bodyDeadline = .seconds(240)
        configuration.limits.handlerDeadline = .seconds(240)
        change(&configuration)
        return configuration
    }
}
