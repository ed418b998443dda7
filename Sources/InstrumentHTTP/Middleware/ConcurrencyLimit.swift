// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Lets so many requests in at once and answers the others 503, so that overload is short instead of long.
public final class ConcurrencyLimit: RequestMiddleware {
    private let most: Int
    private let retryAfterSeconds: Int
    /// Relaxed: a bound, nothing else hangs on it.
    private let underWay = Atomic<Int>(0)

    /// Makes a limit; share it between the routes that it is for.
    ///
    /// - Parameters:
    ///   - most: requests at once, at least 1.
    ///   - retryAfterSeconds: when a refused client is told to come back.
    public init(_ most: Int, retryAfterSeconds: Int = 1) {
        precondition(most >= 1, "ConcurrencyLimit: got \(most) requests at once; use at least 1")
        self.most = most
        self.retryAfterSeconds = max(0, retryAfterSeconds)
    }

    /// Requests that are in now.
    public var inFlight: Int { underWay.load(ordering: .relaxed) }

    /// Lets a request in.
    ///
    /// - Throws: `RequestRefusal` with 503 when there are too many.
    public func begin(_ observation: inout RequestObservation) throws(RequestRefusal) {
        guard underWay.add(1, ordering: .relaxed).newValue > most else { return }
        underWay.subtract(1, ordering: .relaxed)
        throw RequestRefusal(
            .serviceUnavailable, headers: ["Retry-After": String(retryAfterSeconds)],
            reason: "too many requests at once")
    }

    /// Makes room for the next one.
    public func end(_ observation: RequestObservation, _ outcome: RequestOutcome) {
        underWay.subtract(1, ordering: .relaxed)
    }
}
