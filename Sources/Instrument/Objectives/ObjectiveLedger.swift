// SPDX-License-Identifier: Apache-2.0

/// Good and bad events by time: a ring of minutes for burn rates, a ring of hours for the budget.
///
/// A value without a clock or a lock: whoever has it says what time it is. A window of `n` minutes at some time is the
/// minute of that time and the `n - 1` before it; hours alike.
struct ObjectiveLedger: Equatable, Sendable {
    /// Good and bad events of one span of time.
    struct Tally: Equatable, Sendable, Codable {
        var good: UInt64 = 0
        var bad: UInt64 = 0

        var total: UInt64 { good &+ bad }

        static func + (left: Tally, right: Tally) -> Tally {
            Tally(good: left.good &+ right.good, bad: left.bad &+ right.bad)
        }
    }

    /// The tallies of a run of equally long spans, the oldest overwritten by the newest.
    struct Ring: Equatable, Sendable {
        let spanSeconds: Int64
        private(set) var tallies: [Tally]
        /// The number of the newest span, counted from 1970; nil before the first event.
        private(set) var newest: Int64?

        init(spanSeconds: Int64, count: Int) {
            self.spanSeconds = spanSeconds
            tallies = Array(repeating: Tally(), count: max(1, count))
        }

        private func place(_ span: Int64) -> Int {
            let count = Int64(tallies.count)
            return Int(((span % count) + count) % count)
        }

        /// Adds to the span of a time; what is older than the ring is dropped.
        mutating func add(_ tally: Tally, at seconds: Int64) {
            let span = Self.span(seconds, spanSeconds)
            guard let newest else {
                self.newest = span
                tallies[place(span)] = tally
                return
            }
            if span > newest {
                for passed in (newest + 1)...min(span, newest + Int64(tallies.count)) {
                    tallies[place(passed)] = Tally()
                }
                self.newest = span
                // A jump past the whole ring has emptied all of it.
                tallies[place(span)] = tally
            } else if span > newest - Int64(tallies.count) {
                tallies[place(span)] = tallies[place(span)] + tally
            }
        }

        /// The sum of the last `count` spans at a time.
        func sum(last count: Int, at seconds: Int64) -> Tally {
            guard let newest else { return Tally() }
            let now = Self.span(seconds, spanSeconds)
            let first = max(now - Int64(count) + 1, newest - Int64(tallies.count) + 1)
            var sum = Tally()
            for span in stride(from: first, through: min(now, newest), by: 1) { sum = sum + tallies[place(span)] }
            return sum
        }

        /// The spans that are not empty, by number.
        var entries: [(span: Int64, tally: Tally)] {
            guard let newest else { return [] }
            return ((newest - Int64(tallies.count) + 1)...newest).compactMap { span in
                let tally = tallies[place(span)]
                return tally.total > 0 ? (span, tally) : nil
            }
        }

        private static func span(_ seconds: Int64, _ length: Int64) -> Int64 {
            seconds >= 0 ? seconds / length : (seconds - length + 1) / length
        }
    }

    private(set) var minutes = Ring(spanSeconds: 60, count: 361)
    private(set) var hours: Ring

    /// Makes an empty ledger whose budget looks back over `windowHours`.
    init(windowHours: Int) { hours = Ring(spanSeconds: 3_600, count: max(windowHours, 73)) }

    /// Adds events at a time.
    mutating func add(_ tally: Tally, at seconds: Int64) {
        guard tally.total > 0 else { return }
        minutes.add(tally, at: seconds)
        hours.add(tally, at: seconds)
    }

    /// Puts saved spans back.
    mutating func restore(minutes saved: [(Int64, Tally)], hours savedHours: [(Int64, Tally)]) {
        for (span, tally) in saved { minutes.add(tally, at: span * 60) }
        for (span, tally) in savedHours { hours.add(tally, at: span * 3_600) }
    }
}
