// SPDX-License-Identifier: Apache-2.0

import Instrument

extension HealthCheck {
    /// How much of an objective's error budget is used up.
    ///
    /// - Parameters:
    ///   - consumed: the share of the budget that is used, 0 to 1 and beyond; not a number while there is nothing to say.
    ///   - warn: the share above which it degrades.
    ///   - fail: the share above which it fails.
    public static func errorBudget(
        warn: Double = 0.5, fail: Double = 1, consumed: @escaping @Sendable () throws -> Double
    ) -> HealthCheck {
        let judge = Judge(.above(warn: 100 * warn, fail: 100 * fail), unit: "percent")
        return HealthCheck(
            .blocking { context in
                let share = try consumed()
                guard !share.isNaN else { return .pass("nothing has been counted yet") }
                return judge.result(100 * share, subject: "error budget: ", now: context.now)
            })
    }

    /// How much of an objective's error budget is used up, by two counters.
    ///
    /// With an objective of 0.999 one failure in a thousand is the whole budget.
    ///
    /// - Parameters:
    ///   - objective: the share of requests that must not fail, above 0 and below 1.
    ///   - failures: counts what failed.
    ///   - total: counts everything.
    ///   - window: how far back is looked.
    ///   - warn: the share of the budget above which it degrades.
    ///   - fail: the share of the budget above which it fails.
    /// - Precondition: `objective` lies between 0 and 1.
    public static func errorBudget(
        objective: Double, failures: Counter, of total: Counter, over window: Duration = .seconds(3_600),
        warn: Double = 0.5, fail: Double = 1
    ) -> HealthCheck {
        precondition(
            objective > 0 && objective < 1,
            "HealthCheck.errorBudget: objective is \(objective); use more than 0, less than 1")
        let percent = 100 * (1 - objective)
        return share(of: failures, in: total, over: window, .above(warn: warn * percent, fail: fail * percent))
    }
}
