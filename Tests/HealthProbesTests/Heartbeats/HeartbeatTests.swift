// SPDX-License-Identifier: Apache-2.0

import Instrument
import Testing

@testable import HealthProbes

/// Moves a manual clock in steps that a running scheduler would wake at.
func advance(_ clock: ManualClock, _ health: HealthRegistry, by duration: Duration) {
    let end = clock.monotonicNanoseconds() + UInt64(duration.saturatedNanoseconds)
    while true {
        health.tick()
        let now = clock.monotonicNanoseconds()
        guard now < end else { return }
        let wake = min(health.nextWake, end, now + AwakeClock.tickNanoseconds)
        clock.advance(by: .nanoseconds(Int64(max(wake, now + 1) - now)))
    }
}

@Suite struct HeartbeatTests {
    let clock = ManualClock()
    let health: HealthRegistry

    init() throws {
        health = HealthRegistry.manual(clock)
        try health.start()
    }

    @Test func beatsWithinToleranceAreActive() throws {
        let heartbeat = try health.heartbeat("agent-1", every: .seconds(30), tolerance: .seconds(5), critical: true)
        heartbeat.beat()
        for seconds in [25, 35, 30] {
            advance(clock, health, by: .seconds(seconds))
            #expect(health.snapshot().check(named: "agent-1")?.status == .pass)
            heartbeat.beat()
        }
        let report = heartbeat.report()
        #expect(report.status == .active)
        #expect(report.beats == 4)
        #expect(report.earlyBeats == 0)
        #expect(report.lateBeats == 0)
        #expect(report.lastSeenUnixNanoseconds == clock.unixNanoseconds())
    }

    @Test func firstBeatAfterASuspensionIsNotEarly() throws {
        let heartbeat = try health.heartbeat("agent-1", every: .seconds(30), tolerance: .seconds(5))
        heartbeat.beat()
        advance(clock, health, by: .seconds(1))
        clock.advance(by: .seconds(60))
        health.tick()
        heartbeat.beat()
        #expect(heartbeat.report().status == .active)
        #expect(heartbeat.report().earlyBeats == 0)
        #expect(health.snapshot().check(named: "agent-1")?.status == .pass)
    }

    @Test func missingBeatFailsAndTheNextOneRecovers() throws {
        let heartbeat = try health.heartbeat("agent-1", every: .seconds(30), tolerance: .seconds(5), critical: true)
        heartbeat.beat()
        advance(clock, health, by: .seconds(36))
        #expect(heartbeat.report().status == .missing)
        #expect(health.snapshot().check(named: "agent-1")?.status == .fail)
        #expect(health.snapshot().overall.status == .fail)
        heartbeat.beat()
        #expect(health.snapshot().check(named: "agent-1")?.status == .pass)
        #expect(heartbeat.report().lateBeats == 1)
    }

    @Test func earlyBeatDegradesUntilOneInTime() throws {
        let heartbeat = try health.heartbeat("agent-1", every: .seconds(30), tolerance: .seconds(5))
        heartbeat.beat()
        advance(clock, health, by: .seconds(10))
        heartbeat.beat()
        #expect(health.snapshot().check(named: "agent-1")?.status == .warn)
        #expect(heartbeat.report().earlyBeats == 1)
        advance(clock, health, by: .seconds(30))
        heartbeat.beat()
        #expect(health.snapshot().check(named: "agent-1")?.status == .pass)
    }

    @Test func firstBeatIsAwaitedForOneInterval() throws {
        let heartbeat = try health.heartbeat("agent-1", every: .seconds(30), tolerance: .seconds(5))
        advance(clock, health, by: .seconds(35))
        #expect(heartbeat.report().status == .unknown)
        advance(clock, health, by: .seconds(1))
        #expect(health.snapshot().check(named: "agent-1")?.status == .fail)
    }

    @Test func idleLoopNeverFails() throws {
        let heartbeat = try health.heartbeat("loop", every: .seconds(1), kinds: .liveness, critical: true)
        heartbeat.beat()
        heartbeat.idle()
        advance(clock, health, by: .seconds(600))
        #expect(health.snapshot().liveness.status == .pass)
        heartbeat.beat()
        #expect(heartbeat.report().earlyBeats == 0)
        #expect(heartbeat.report().lateBeats == 0)
        advance(clock, health, by: .seconds(2))
        #expect(health.snapshot().liveness.status == .fail)
    }

    @Test func suspensionRaisesNoAlarm() throws {
        let heartbeat = try health.heartbeat("agent-1", every: .seconds(30), tolerance: .seconds(5), critical: true)
        heartbeat.beat()
        advance(clock, health, by: .seconds(20))
        clock.advance(by: .seconds(3_600))
        advance(clock, health, by: .seconds(10))
        #expect(health.snapshot().check(named: "agent-1")?.status == .pass)
        advance(clock, health, by: .seconds(10))
        #expect(health.snapshot().check(named: "agent-1")?.status == .fail)
    }

    @Test func wallClockStepsChangeNothing() throws {
        let heartbeat = try health.heartbeat("agent-1", every: .seconds(30), critical: true)
        heartbeat.beat()
        let before = health.snapshot().generation
        for hours in [1, -2, 1] {
            clock.stepWallClock(by: .seconds(hours * 3_600))
            advance(clock, health, by: .seconds(5))
            #expect(health.snapshot().overall.status == .pass)
        }
        #expect(health.snapshot().generation <= before + 1)
    }

    @Test func listShowsAllInOrder() throws {
        for name in ["c", "a", "b"] { _ = try health.heartbeat(name, every: .seconds(30)) }
        try health.remove("a")
        #expect(health.heartbeats().map(\.name) == ["c", "b"])
    }

    @Test func withoutARhythmNoBeatIsTooEarlyAndTheLimitHolds() throws {
        let heartbeat = try health.heartbeat("worker", within: .seconds(30), critical: true)
        for seconds in [0, 1, 29, 0] {
            heartbeat.beat()
            advance(clock, health, by: .seconds(seconds))
            #expect(health.snapshot().check(named: "worker")?.status == .pass)
        }
        #expect(heartbeat.report().earlyBeats == 0)
        advance(clock, health, by: .seconds(31))
        #expect(health.snapshot().check(named: "worker")?.status == .fail)
        heartbeat.idle()
        advance(clock, health, by: .seconds(1))
        #expect(health.snapshot().check(named: "worker")?.status == .pass)
    }

    @Test func toleranceMustBeLessThanTheInterval() {
        let error = #expect(throws: HealthError.self) {
            _ = try health.heartbeat("x", every: .seconds(5), tolerance: .seconds(5))
        }
        #expect(error?.code == .invalidOption)
    }
}
