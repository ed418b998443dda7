// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument
import Synchronization

/// The tokens that may be spent each day (UTC). A plan that begins within the budget is finished even if it ends past it.
final class TokenBudget: Sendable {
    private let limit: Int
    private let metrics: OrchestratorMetrics
    private let state: Mutex<(day: Int, spent: Int)>

    /// Today, in days since 1970.
    static var today: Int { Int(Date().timeIntervalSince1970 / 86_400) }

    /// Makes a budget.
    ///
    /// - Parameters:
    ///   - limit: tokens a day.
    ///   - spent: what today's runs have spent already.
    init(limit: Int, spent: Int, metrics: OrchestratorMetrics) {
        self.limit = limit
        self.metrics = metrics
        state = Mutex((Self.today, spent))
        metrics.tokenLimit.set(limit)
        metrics.tokensSpent.set(spent)
    }

    /// Whether there is anything left today.
    var isExhausted: Bool { spend(0) >= limit }

    /// Spends tokens.
    ///
    /// - Returns: what has been spent today.
    @discardableResult
    func spend(_ tokens: Int) -> Int {
        state.withLock { state in
            if state.day != Self.today { state = (Self.today, 0) }
            state.spent += tokens
            metrics.tokensSpent.set(state.spent)
            return state.spent
        }
    }
}
