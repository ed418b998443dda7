// SPDX-License-Identifier: Apache-2.0

/// One scrape's run of collectors, on threads that live as long as it does.
///
/// One thread runs them in turn. Whenever none has returned for a while another thread takes up what is left, so that
/// one that hangs holds up nobody but itself.
private final class CollectorRun: Sendable {
    private struct State {
        var waiting: ArraySlice<Collector>
        var unfinished: [String: Collector.Outcome?]
        var returned = 0
        var isClosed = false
    }

    private let state: Monitor<State>

    /// How long a collector may hold up the next one.
    private static let patienceNanoseconds: UInt64 = 100_000_000

    init(_ collectors: [Collector]) {
        var unfinished: [String: Collector.Outcome?] = [:]
        for collector in collectors { unfinished[collector.name] = .some(nil) }
        state = Monitor(State(waiting: collectors[...], unfinished: unfinished))
    }

    /// Runs all collectors until `deadline`.
    ///
    /// - Returns: those that are not done, with what became of them; nil for one that has not returned.
    func run(until deadline: UInt64) -> [String: Collector.Outcome?] {
        startThread()
        var returned = 0
        while true {
            let now = TimeSource.systemMonotonicNanoseconds()
            guard now < deadline else { break }
            let end: Void? = state.wait(until: min(deadline, now + Self.patienceNanoseconds)) { state in
                state.returned == state.unfinished.count ? () : nil
            }
            if end != nil { break }
            let (progress, hasMore) = state.withLock { ($0.returned, !$0.waiting.isEmpty) }
            if progress == returned, hasMore { startThread() }
            returned = progress
        }
        return state.withLock { state in
            state.isClosed = true
            return state.unfinished.filter { $0.value != .done }
        }
    }

    private func startThread() {
        // Without a thread nothing is run, and what waits is late at the deadline: the scrape still ends in time.
        let thread = try? PlainThread(name: "metrics-collect") { self.work() }
        thread?.detach()
    }

    private func work() {
        while let collector = state.withLock({ $0.isClosed ? nil : $0.waiting.popFirst() }) {
            let outcome = collector.run()
            state.withLock { state in
                state.unfinished[collector.name] = .some(outcome)
                state.returned += 1
            }
            state.wakeAll()
        }
    }
}

extension MetricRegistry {
    /// Brings collectors' metrics up to date.
    ///
    /// - Returns: the names of those whose metrics are to be left out.
    func run(_ collectors: [Collector], timeout: Duration) -> Set<String> {
        let nanoseconds = UInt64(max(0, timeout.saturatedNanoseconds))
        let deadline = TimeSource.systemMonotonicNanoseconds().addingReportingOverflow(nanoseconds)
        let left = CollectorRun(collectors).run(until: deadline.overflow ? .max : deadline.partialValue)
        for (name, outcome) in left {
            switch outcome {
            case .failed: ownMetrics.collectorFailures.with(name).increment()
            case nil, .stillRunning, .done: ownMetrics.collectorTimeouts.with(name).increment()
            }
        }
        return Set(left.keys)
    }
}
