// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument
import Synchronization

/// The tokens that may be spent each day (UTC). A plan that begins within the budget is finished even if it ends past it.
final class TokenBudget: Sendable {
    /// Tokens a day.
    let limit: Int
    private let state: Mutex<(day: Int, spent: Int)>

    /// Today, in days since 1970.
    static var today: Int { Int(Date().timeIntervalSince1970 / 86_400) }

    /// Makes a budget.
    ///
    /// - Parameters:
    ///   - limit: tokens a day.
    ///   - spent: what today's runs have spent already.
    ///   - metrics: where both are shown.
    init(limit: Int, spent: Int, in metrics: MetricRegistry) throws {
        self.limit = limit
        state = Mutex((Self.today, spent))
        try metrics.gauge("genesis_tokens_limit", help: "Tokens that may be spent a day.").set(limit)
        try metrics.gauge("genesis_tokens_spent", help: "Tokens spent today.") { [self] in Double(spentToday) }
    }

    /// What has been spent today.
    var spentToday: Int { spend(0) }

    /// Spends tokens.
    ///
    /// - Returns: what has been spent today.
    @discardableResult
    func spend(_ tokens: Int) -> Int {
        state.withLock { state in
            if state.day != Self.today { state = (Self.today, 0) }
            state.spent += tokens
            return state.spent
        }
    }
}
