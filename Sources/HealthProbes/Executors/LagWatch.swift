// SPDX-License-Identifier: Apache-2.0

import Instrument

/// Sends beats through an executor and judges how long they take. The scheduler looks on: a stalled executor cannot
/// delay its own alarm.
final class LagWatch: Sendable {
    private struct State: Sendable {
        /// When the beat under way was sent, in awake monotonic nanoseconds.
        var sentAt: UInt64?
        /// How long the newest beat that came through took.
        var lag: UInt64 = 0
        /// Whether beats are judged.
        var isArmed: Bool
        var series: Gauge?
    }

    /// From one beat to the next, in nanoseconds.
    static let intervalNanoseconds: UInt64 = 1_000_000_000

    let name: String
    private let warn: Duration
    private let fail: Duration
    private let post: @Sendable (@escaping @Sendable () -> Void) -> Void
    private let awake: AwakeReading
    private let state: Lock<State>

    /// Makes a watch.
    ///
    /// - Parameters:
    ///   - isArmed: whether a first beat that never comes through is a stall; else it may be an executor that nobody
    ///     serves.
    ///   - post: runs the closure that it is given on the executor; must not wait.
    init(
        name: String, warn: Duration, fail: Duration, isArmed: Bool, awake: AwakeReading,
        post: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void
    ) {
        self.name = name
        self.warn = warn
        self.fail = fail
        self.post = post
        self.awake = awake
        state = Lock(State(isArmed: isArmed))
    }

    /// Shows the lag in the engine's metrics, if it has any.
    func publish(to engine: HealthEngine) {
        guard let series = engine.lagSeries(name) else { return }
        state.withLock { $0.series = series }
    }

    /// What the scheduler sees at `now`. A beat that is to be sent is in the result, to be sent once no lock is held.
    func evaluate(now: UInt64) -> HealthCheck.InlineResult {
        let (lag, isArmed, sends) = state.withLock { state -> (UInt64, Bool, Bool) in
            var lag = state.lag
            let sends = state.sentAt == nil
            if let sentAt = state.sentAt { lag = max(lag, now - min(sentAt, now)) }
            if sends { state.sentAt = now }
            state.series?.set(Double(lag) / 1e9)
            // A lag is judged once: the beat that is sent now makes the next one.
            if sends { state.lag = 0 }
            return (lag, state.isArmed, sends)
        }
        let next = now.addingSaturated(LagWatch.intervalNanoseconds)
        var found = HealthCheck.InlineResult(result: isArmed ? judge(lag) : nil, next: next)
        if sends {
            found.after = { [self] in post { [weak self] in self?.served() } }
        }
        return found
    }

    /// Notes that the beat has come through.
    private func served() {
        let now = awake.monotonicNanoseconds()
        state.withLock { state in
            guard let sentAt = state.sentAt else { return }
            state.lag = now - min(sentAt, now)
            state.sentAt = nil
            state.isArmed = true
            state.series?.set(Double(state.lag) / 1e9)
        }
    }

    private func judge(_ lag: UInt64) -> CheckResult {
        let lag = Duration.nanoseconds(Int64(clamping: lag))
        let seconds = Double(lag.saturatedNanoseconds) / 1e9
        if lag > fail { return .fail("stalled: a beat has taken more than \(fail)", value: seconds, unit: "s") }
        if lag > warn { return .warn("slow: a beat has taken more than \(warn)", value: seconds, unit: "s") }
        return .pass("", value: seconds, unit: "s")
    }
}
