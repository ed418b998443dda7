// SPDX-License-Identifier: Apache-2.0

import Instrument
import Synchronization

/// Results of steps whose input was seen before.
///
/// A health check watches its size, and the recovery hook of that check clears it. Should that not be enough, it keeps no
/// more than `bytesMax`.
final class ResultCache: Sendable {
    private struct Key: Hashable {
        var kind: Step.Kind
        var input: String
    }

    private struct State {
        var results: [Key: StepResult] = [:]
        /// Input that the results stand for.
        var bytes = 0
    }

    private let state = Mutex(State())
    private let bytesMax: Int
    private let metrics: OrchestratorMetrics

    init(bytesMax: Int, metrics: OrchestratorMetrics) {
        self.bytesMax = bytesMax
        self.metrics = metrics
    }

    /// The kept result, or that of `work`, which is kept from then on.
    func result(of kind: Step.Kind, for input: String, _ work: () -> StepResult) -> StepResult {
        let key = Key(kind: kind, input: input)
        if let known = state.withLock({ $0.results[key] }) {
            metrics.cacheLookups.with("hit").increment()
            return known
        }
        metrics.cacheLookups.with("miss").increment()
        let result = work()
        state.withLock { state in
            // Another worker may have been quicker.
            guard state.results[key] == nil, state.bytes + input.utf8.count <= bytesMax else { return }
            state.results[key] = result
            state.bytes += input.utf8.count
            metrics.cacheBytes.set(state.bytes)
        }
        return result
    }

    /// Forgets everything.
    ///
    /// - Returns: how many results there were.
    @discardableResult
    func clear() -> Int {
        state.withLock { state in
            defer { state = State() }
            metrics.cacheBytes.set(0)
            return state.results.count
        }
    }
}
