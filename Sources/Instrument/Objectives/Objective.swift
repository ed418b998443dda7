// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A promise about a service and how well it is kept: 99.9 % of requests succeed, 95 % of them within two seconds.
///
/// Made by an ``ObjectiveBook``. Fed by hand with `record`, by closures with `measure`, or by counters and histograms
/// that are registered anyway.
public final class Objective: Sendable {
    /// What makes an event a good one.
    public enum Goal: Sendable, Equatable {
        /// It succeeded.
        case availability
        /// It succeeded within this time.
        case latency(Duration)
    }

    /// The name, a label value of the exported metrics.
    public let name: String
    /// The share of events that must be good, such as 0.999.
    public let target: Double
    /// What makes an event a good one.
    public let goal: Goal
    let windowHours: Int
    private let time: TimeSource
    private let state: Lock<State>
    /// Totals that are kept elsewhere.
    private let source: (@Sendable () -> (good: Double, total: Double))?

    private struct State {
        var ledger: ObjectiveLedger
        var latestSeconds: Int64 = .min
        var seen: (good: Double, total: Double) = (0, 0)
    }

    init(
        name: String, target: Double, goal: Goal, window: Duration, time: TimeSource,
        source: (@Sendable () -> (good: Double, total: Double))?
    ) throws(MetricError) {
        func refuse(_ reason: String) -> MetricError { MetricError(.invalidOption, subject: name, reason: reason) }
        guard target > 0, target < 1 else {
            throw refuse("objective's target is \(target); use a share between 0 and 1, such as 0.999")
        }
        let hours = window.components.seconds / 3_600
        guard window >= .seconds(3_600), hours <= 24 * 366 else {
            throw refuse("objective's window is \(window); use one hour to one year")
        }
        self.name = name
        self.target = target
        self.goal = goal
        self.time = time
        self.source = source
        windowHours = Int(hours)
        var state = State(ledger: ObjectiveLedger(windowHours: Int(hours)))
        if let source { state.seen = source() }
        self.state = Lock(state)
    }

    /// Counts an event.
    public func record(isGood: Bool) { record(good: isGood ? 1 : 0, bad: isGood ? 0 : 1) }

    /// Counts events.
    public func record(good: Int, bad: Int) {
        let tally = ObjectiveLedger.Tally(good: UInt64(max(0, good)), bad: UInt64(max(0, bad)))
        advance { state, seconds in state.ledger.add(tally, at: seconds) }
    }

    /// Counts a successful event by its duration: good within the goal's limit.
    public func record(_ duration: Duration) { record(isGood: isWithin(duration)) }

    /// Runs `body` and counts it: good when it returns, and in time if the goal is a latency.
    public func measure<Result: ~Copyable, Failure: Error>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let watch = Stopwatch(time: time)
        do {
            let result = try body()
            record(watch.elapsed)
            return result
        } catch {
            record(isGood: false)
            throw error
        }
    }

    /// Runs `body` on the caller's actor and counts it; a run that throws because its task was cancelled counts as
    /// neither.
    public func measure<Result: ~Copyable, Failure: Error>(
        isolation: isolated (any Actor)? = #isolation, _ body: () async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        let watch = Stopwatch(time: time)
        do {
            let result = try await body()
            record(watch.elapsed)
            return result
        } catch {
            if !Task.isCancelled, !(error is CancellationError) { record(isGood: false) }
            throw error
        }
    }

    /// How the objective stands now.
    public func status() -> ObjectiveStatus {
        advance { state, seconds in
            ObjectiveStatus(
                name: name, target: target, windowHours: windowHours, ledger: state.ledger, at: seconds)
        }
    }

    private func isWithin(_ duration: Duration) -> Bool {
        if case .latency(let limit) = goal { duration <= limit } else { true }
    }

    /// Takes what the source has counted since, then runs `body` with the time in seconds; time never goes back here.
    private func advance<Result>(_ body: (inout State, Int64) -> Result) -> Result {
        state.withLock { state in
            let seconds = max(time.unixNanoseconds() / 1_000_000_000, state.latestSeconds)
            state.latestSeconds = seconds
            if let source {
                let now = source()
                // A total that fell has started over.
                if now.total < state.seen.total || now.good < state.seen.good { state.seen = (0, 0) }
                // Whole events alone; what is left of a fraction is taken with the next ones.
                let total = (now.total - state.seen.total).rounded(.down)
                let good = min(total, (now.good - state.seen.good).rounded(.down))
                state.seen = (state.seen.good + good, state.seen.total + total)
                let tally = ObjectiveLedger.Tally(good: UInt64(good), bad: UInt64(total - good))
                state.ledger.add(tally, at: seconds)
            }
            return body(&state, seconds)
        }
    }

    /// The ledger's spans, for the state file.
    var saved: ObjectiveBook.SavedObjective {
        advance { state, seconds in
            ObjectiveBook.SavedObjective(
                seconds: seconds,
                minutes: state.ledger.minutes.entries.map { .init(span: $0.span, tally: $0.tally) },
                hours: state.ledger.hours.entries.map { .init(span: $0.span, tally: $0.tally) })
        }
    }

    /// Puts saved spans back.
    func restore(_ saved: ObjectiveBook.SavedObjective) {
        state.withLock { state in
            state.ledger.restore(
                minutes: saved.minutes.map { ($0.span, $0.tally) }, hours: saved.hours.map { ($0.span, $0.tally) })
        }
    }
}
