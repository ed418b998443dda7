// SPDX-License-Identifier: Apache-2.0

import Instrument
import Synchronization

/// The share of the last hundred plans that did not fail.
final class StabilityScore: Sendable {
    private static let keptMax = 100
    private let outcomes = Mutex<[Bool]>([])
    private let score: Gauge

    init(_ score: Gauge) { self.score = score }

    func record(isGood: Bool) {
        outcomes.withLock { outcomes in
            if outcomes.count == Self.keptMax { outcomes.removeFirst() }
            outcomes.append(isGood)
            score.set(Double(outcomes.count { $0 }) / Double(outcomes.count))
        }
    }
}
