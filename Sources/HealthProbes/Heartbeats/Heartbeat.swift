// SPDX-License-Identifier: Apache-2.0

import Instrument
import Synchronization

/// Proof of life from an agent, a worker or a loop: it calls `beat()` in a known rhythm.
///
/// A beat may be `tolerance` early or late. One that is missing for longer fails the heartbeat's check; one that comes
/// too early degrades it until the next one in time, since two agents under one name look like that.
///
/// ```swift
/// let heartbeat = try health.heartbeat("agent-1", every: .seconds(30), tolerance: .seconds(5))
/// heartbeat.beat()
/// ```
public final class Heartbeat: Sendable {
    /// The name of the heartbeat and of its check.
    public let name: String
    /// The expected time between two beats.
    public let interval: Duration
    /// How much earlier or later a beat may come.
    public let tolerance: Duration

    /// Whether beats can come too early.
    private let hasRhythm: Bool
    private let awake: AwakeReading
    /// Weak: the engine holds the heartbeat through its check.
    private weak let engine: HealthEngine?
    private let intervalNanoseconds: UInt64
    private let toleranceNanoseconds: UInt64
    private let registeredAt: UInt64
    /// The id of the check, set once right after registration.
    private let checkID = Atomic<Int>(-1)
    /// Where the time of the newest beat is shown.
    private let series = Lock<Gauge?>(nil)
    // Each of these is a word of its own: a reader may see a beat's time before its count, and never half of either.
    private let lastBeat = Atomic<UInt64>(0)
    private let lastBeatUnix = Atomic<Int64>(0)
    /// What the clock had left out at the newest beat.
    private let lastBeatLeftOut = Atomic<UInt64>(0)
    private let beats = Atomic<UInt64>(0)
    private let earlyBeats = Atomic<UInt64>(0)
    private let lateBeats = Atomic<UInt64>(0)
    private let isEarly = Atomic<Bool>(false)
    private let isIdle = Atomic<Bool>(false)
    /// Whether the scheduler holds the heartbeat for anything but active, so that the next beat should tell it.
    private let isAlarmed = Atomic<Bool>(true)

    init(name: String, interval: Duration, tolerance: Duration, hasRhythm: Bool, engine: HealthEngine) {
        self.name = name
        self.interval = interval
        self.tolerance = tolerance
        self.hasRhythm = hasRhythm
        self.engine = engine
        awake = engine.awake
        intervalNanoseconds = UInt64(max(0, interval.saturatedNanoseconds))
        toleranceNanoseconds = UInt64(max(0, tolerance.saturatedNanoseconds))
        registeredAt = awake.monotonicNanoseconds()
    }

    /// Shows that the agent lives. Does not allocate; waits for no other heartbeat while all is well.
    public func beat() {
        let now = awake.monotonicNanoseconds()
        let previous = lastBeat.exchange(now, ordering: .relaxed)
        let unix = awake.time.unixNanoseconds()
        lastBeatUnix.store(unix, ordering: .relaxed)
        series.withLock { $0 }?.set(Double(unix) / 1e9)
        beats.add(1, ordering: .relaxed)
        let wasIdle = isIdle.exchange(false, ordering: .relaxed)
        // A timer that ran out during a suspension fires at its end: such a beat comes early on the awake clock.
        let leftOut = awake.leftOutNanoseconds
        let wasSuspended = lastBeatLeftOut.exchange(leftOut, ordering: .relaxed) != leftOut
        var isNewlyEarly = false
        // Beats with a suspension or an idle span between them have no distance to judge.
        if previous > 0, previous <= now, !wasIdle, !wasSuspended {
            let distance = now - previous
            isNewlyEarly = hasRhythm && distance.addingSaturated(toleranceNanoseconds) < intervalNanoseconds
            if isNewlyEarly { earlyBeats.add(1, ordering: .relaxed) }
            if distance > limit { lateBeats.add(1, ordering: .relaxed) }
        }
        let wasEarly = isEarly.exchange(isNewlyEarly, ordering: .relaxed)
        if isAlarmed.load(ordering: .relaxed) || wasEarly != isNewlyEarly { tellScheduler() }
    }

    /// Says that nothing is expected until the next beat: the loop is about to wait for work.
    public func idle() {
        isIdle.store(true, ordering: .relaxed)
        if isAlarmed.load(ordering: .relaxed) { tellScheduler() }
    }

    /// What is known of it now. Reads live values, takes no lock.
    public func report() -> HeartbeatReport {
        let last = lastBeat.load(ordering: .relaxed)
        let now = awake.monotonicNanoseconds()
        return HeartbeatReport(
            name: name, interval: interval, tolerance: tolerance, status: status(now: now),
            lastSeenUnixNanoseconds: last == 0 ? nil : lastBeatUnix.load(ordering: .relaxed),
            age: last == 0 ? nil : .nanoseconds(Int64(clamping: now - min(last, now))),
            beats: beats.load(ordering: .relaxed), earlyBeats: earlyBeats.load(ordering: .relaxed),
            lateBeats: lateBeats.load(ordering: .relaxed))
    }

    private var limit: UInt64 { intervalNanoseconds.addingSaturated(toleranceNanoseconds) }

    private func tellScheduler() {
        let id = checkID.load(ordering: .acquiring)
        guard id >= 0, let engine else { return }
        engine.mutate { core, moment in
            core.hurry(id: id, at: moment)
            core.tick(at: moment, inFlight: engine.requestsInFlight)
        }
    }

    private func status(now: UInt64) -> HeartbeatStatus {
        if isIdle.load(ordering: .relaxed) { return .idle }
        let last = lastBeat.load(ordering: .relaxed)
        let base = last == 0 ? registeredAt : last
        if now > base, now - base > limit { return .missing }
        if last == 0 { return .unknown }
        return isEarly.load(ordering: .relaxed) ? .early : .active
    }

    /// Ties the heartbeat to its check. Releasing: a beat that sees the id sees the heartbeat complete.
    func attach(id: Int) { checkID.store(id, ordering: .releasing) }

    /// Shows the time of the newest beat in the engine's metrics, if it has any.
    func publish(to engine: HealthEngine) {
        guard let series = engine.heartbeatSeries(name) else { return }
        self.series.withLock { $0 = series }
        let last = lastBeatUnix.load(ordering: .relaxed)
        if last != 0 { series.set(Double(last) / 1e9) }
    }

    /// What the scheduler sees at `now`, and when it should look again.
    func evaluate(now: UInt64) -> HealthCheck.InlineResult {
        let status = status(now: now)
        isAlarmed.store(status != .active, ordering: .relaxed)
        let last = lastBeat.load(ordering: .relaxed)
        // One past the limit is the first moment at which it is missing.
        let due = (last == 0 ? registeredAt : last).addingSaturated(limit).addingSaturated(1)
        // A beat tells a missing, early or idle heartbeat's change itself.
        let next = due > now ? due : now.addingSaturated(limit)
        switch status {
        case .unknown: return HealthCheck.InlineResult(result: nil, next: next)
        case .active: return HealthCheck.InlineResult(result: .pass, next: next)
        case .idle: return HealthCheck.InlineResult(result: .pass("idle"), next: next)
        case .early:
            let message = "early: the last two beats came closer together than \(interval) - \(tolerance)"
            return HealthCheck.InlineResult(result: .warn(message), next: next)
        case .missing:
            let message = "missing: no beat within \(interval) + \(tolerance)"
            return HealthCheck.InlineResult(result: .fail(message), next: next)
        }
    }
}
