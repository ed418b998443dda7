// SPDX-License-Identifier: Apache-2.0

/// How an objective stands at one time.
public struct ObjectiveStatus: Sendable, Equatable, Encodable {
    /// How much of the budget is gone.
    public enum Level: String, Sendable, Comparable, CaseIterable, Encodable {
        /// Less than half.
        case ok
        /// 50 % or more.
        case half
        /// 80 % or more.
        case critical
        /// All of it.
        case exhausted

        private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

        /// Whether less of the budget is gone.
        public static func < (left: Level, right: Level) -> Bool { left.rank < right.rank }
    }

    /// The objective's name.
    public let name: String
    /// The share of events that must be good, such as 0.999.
    public let target: Double
    /// How far back the budget looks, in hours.
    public let windowHours: Int
    /// Events in the window.
    public let events: UInt64
    /// Bad ones among them.
    public let badEvents: UInt64
    /// The share of good events; 1 without events.
    public let attained: Double
    /// The share of the budget that is gone: 1 is all of it, more is past it.
    public let budgetConsumed: Double
    /// What is left of the budget; negative past it.
    public var budgetRemaining: Double { 1 - budgetConsumed }
    /// How fast the budget is used up, 1 being just within the window: over 5 and 30 minutes,
    /// 1 and 6 hours, and 3 days.
    public let burnRates: BurnRates
    /// When the budget is gone at the pace of the last hour, in seconds; 0 when it is gone, nil when it lasts.
    public let exhaustionSeconds: Double?
    /// How much of the budget is gone, in steps.
    public let level: Level

    /// Burn rates over the usual windows.
    public struct BurnRates: Sendable, Equatable, Encodable {
        /// Over 5 minutes.
        public let fiveMinutes: Double
        /// Over 30 minutes.
        public let thirtyMinutes: Double
        /// Over 1 hour.
        public let oneHour: Double
        /// Over 6 hours.
        public let sixHours: Double
        /// Over 3 days.
        public let threeDays: Double
    }

    init(name: String, target: Double, windowHours: Int, ledger: ObjectiveLedger, at seconds: Int64) {
        self.name = name
        self.target = target
        self.windowHours = windowHours
        let budget = 1 - target
        func burn(_ tally: ObjectiveLedger.Tally) -> Double {
            tally.total == 0 ? 0 : Double(tally.bad) / Double(tally.total) / budget
        }
        let window = ledger.hours.sum(last: windowHours, at: seconds)
        events = window.total
        badEvents = window.bad
        attained = window.total == 0 ? 1 : Double(window.good) / Double(window.total)
        let consumed = burn(window)
        budgetConsumed = consumed
        burnRates = BurnRates(
            fiveMinutes: burn(ledger.minutes.sum(last: 5, at: seconds)),
            thirtyMinutes: burn(ledger.minutes.sum(last: 30, at: seconds)),
            oneHour: burn(ledger.minutes.sum(last: 60, at: seconds)),
            sixHours: burn(ledger.minutes.sum(last: 360, at: seconds)),
            threeDays: burn(ledger.hours.sum(last: 72, at: seconds)))
        if consumed >= 1 {
            exhaustionSeconds = 0
        } else if burnRates.oneHour > 0 {
            exhaustionSeconds = (1 - consumed) * Double(windowHours) * 3_600 / burnRates.oneHour
        } else {
            exhaustionSeconds = nil
        }
        level = consumed >= 1 ? .exhausted : consumed >= 0.8 ? .critical : consumed >= 0.5 ? .half : .ok
    }
}
