// SPDX-License-Identifier: Apache-2.0

import Instrument
import Synchronization

/// Results of steps whose input was seen before.
///
/// It takes what it is given: a health check watches its size, and the recovery hook of that check clears it.
final class ResultCache: Sendable {
    private struct Key: Hashable {
        var kind: Step.Kind
        var input: String
    }

    private let results = Mutex<[Key: StepResult]>([:])
    private let metrics: OrchestratorMetrics

    init(metrics: OrchestratorMetrics) { self.metrics = metrics }

    /// The kept result, or that of `work`, which is kept from then on.
    func result(of kind: Step.Kind, for input: String, _ work: () -> StepResult) -> StepResult {
        let key = Key(kind: kind, input: input)
        if let known = results.withLock({ $0[key] }) {
            metrics.cacheLookups.with("hit").increment()
            return known
        }
        metrics.cacheLookups.with("miss").increment()
        let result = work()
        results.withLock { results in
            // Another worker may have been quicker.
            if results.updateValue(result, forKey: key) == nil { metrics.cacheBytes.add(input.utf8.count) }
        }
        return result
    }

    /// Forgets everything.
    ///
    /// - Returns: how many results there were.
    @discardableResult
    func clear() -> Int {
        results.withLock { results in
            defer { results = [:] }
            metrics.cacheBytes.set(0)
            return results.count
        }
    }
}
