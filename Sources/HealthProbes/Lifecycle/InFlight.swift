// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Counts requests in flight; tells when the last one ends during a drain.
final class InFlightCounter: Sendable {
    private let count = Atomic<Int>(0)
    /// Set once when a drain begins, before the drain first reads the count.
    private let isWatched = Atomic<Bool>(false)

    /// The requests in flight.
    var value: Int { count.load(ordering: .sequentiallyConsistent) }

    /// One more. A relaxed add would do for the count; the drain's two-way handshake below needs a total order.
    func enter() { count.add(1, ordering: .sequentiallyConsistent) }

    /// One less.
    ///
    /// - Returns: whether the drain waits for this one. Sequentially consistent on both words: either the drain sees
    ///   the count at zero after it set the flag, or the last request sees the flag after it took the count to zero.
    func leave() -> Bool {
        let rest = count.subtract(1, ordering: .sequentiallyConsistent).newValue
        precondition(rest >= 0, "InFlightCounter: a request left twice")
        return rest == 0 && isWatched.load(ordering: .sequentiallyConsistent)
    }

    /// Makes the last request tell.
    func watch() { isWatched.store(true, ordering: .sequentiallyConsistent) }
}

/// A request in flight: a drain waits until it ends.
public struct InFlightToken: ~Copyable, Sendable {
    private let engine: HealthEngine

    init(_ engine: HealthEngine) {
        self.engine = engine
        engine.requestBegan()
    }

    deinit { engine.requestEnded() }

    /// Ends the request; letting the token go does the same.
    public consuming func end() {}
}
