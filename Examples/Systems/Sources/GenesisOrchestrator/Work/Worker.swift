// SPDX-License-Identifier: Apache-2.0

import Dispatch
import HealthProbes
import Instrument
import Synchronization

/// Runs one plan after the other on a thread apart, and can be restarted when a plan never ends.
///
/// It beats its heartbeat when a plan begins and says that it is idle when none is left: a beat that is overdue means
/// that a plan hangs.
final class Worker: Sendable {
    /// The error of plans whose worker was restarted under them.
    struct Restarted: Error, CustomStringConvertible {
        let description = "the worker was restarted before the plan ended"
    }

    /// A queue that can be given up: what it still holds is then skipped.
    private final class Lane: Sendable {
        let queue = DispatchQueue(label: "worker")
    }

    private struct State {
        var lane = Lane()
        var nextID = 0
        /// How to end each plan that has not ended by itself.
        var pending: [Int: @Sendable (any Error) -> Void] = [:]
    }

    private let heartbeat: Heartbeat
    private let restarts: Counter
    private let state = Mutex(State())

    init(heartbeat: Heartbeat, restarts: Counter) {
        self.heartbeat = heartbeat
        self.restarts = restarts
        heartbeat.idle()
    }

    /// Runs `work` once everything before it has ended.
    ///
    /// - Throws: what `work` throws, or `Restarted`.
    func perform<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            let (id, lane) = state.withLock { state in
                state.nextID += 1
                state.pending[state.nextID] = { continuation.resume(throwing: $0) }
                return (state.nextID, state.lane)
            }
            lane.queue.async { [self] in
                guard begin(on: lane) else { return }
                let result = Swift.Result { try work() }
                // Whoever takes the plan out of the pending ones resumes it, once: this, or a restart.
                guard finish(id) else { return }
                continuation.resume(with: result)
            }
        }
    }

    /// Leaves the thread that hangs behind, fails what waits for it, and begins anew.
    ///
    /// - Returns: how many plans were given up.
    @discardableResult
    func restart() -> Int {
        let given = state.withLock { state in
            defer { state.pending = [:] }
            state.lane = Lane()
            heartbeat.idle()
            return state.pending.values
        }
        restarts.increment()
        for fail in given { fail(Restarted()) }
        return given.count
    }

    // The heartbeat is told under the lock, so that a restart and the plans after it are told in their order.

    private func begin(on lane: Lane) -> Bool {
        state.withLock { state in
            guard state.lane === lane else { return false }
            heartbeat.beat()
            return true
        }
    }

    private func finish(_ id: Int) -> Bool {
        state.withLock { state in
            guard state.pending.removeValue(forKey: id) != nil else { return false }
            if state.pending.isEmpty { heartbeat.idle() }
            return true
        }
    }
}
