// SPDX-License-Identifier: Apache-2.0

/// Answers for results, and keeps the books on hits and misses.
actor ResultLookups {
    /// The lookups that the ratio is taken over.
    private static let window = 200

    private let queue: TaskQueue
    private let metrics: PleiotropyMetrics
    private var outcomes: [Bool] = []
    private var position = 0

    init(queue: TaskQueue, metrics: PleiotropyMetrics) {
        self.queue = queue
        self.metrics = metrics
    }

    /// The result as JSON, or nil.
    func result(_ id: String) async throws -> String? {
        let result = try await queue.result(id)
        let isHit = result != nil
        metrics.lookups.with(isHit ? "hit" : "miss").increment()
        if outcomes.count < Self.window {
            outcomes.append(isHit)
        } else {
            outcomes[position] = isHit
            position = (position + 1) % Self.window
        }
        metrics.hitRatio.set(100 * Double(outcomes.count { $0 }) / Double(outcomes.count))
        return result
    }
}
