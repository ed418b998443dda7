// SPDX-License-Identifier: Apache-2.0

import Instrument
import Testing

@testable import HealthProbes

@Suite struct RecoveryTests {
    /// A component that a test breaks and an action repairs.
    final class Component: Sendable {
        private let broken = Lock(false)

        func set(broken isBroken: Bool) { broken.withLock { $0 = isBroken } }

        func check() throws {
            if broken.withLock({ $0 }) { throw CheckFailure("broken") }
        }
    }

    let clock = ManualClock()
    let component = Component()
    let health: HealthRegistry

    init() throws {
        var configuration = HealthConfiguration()
        configuration.reminderInterval = .seconds(60)
        health = HealthRegistry.manual(clock, configuration: configuration)
        let component = component
        try health.register("worker", .readiness, critical: true, every: .seconds(1)) { try component.check() }
        try health.start()
    }

    @Test func failureIsRepairedAtOnce() throws {
        let component = component
        let recovery = try health.recover("worker") { component.set(broken: false) }
        advance(clock, health, by: .seconds(5))
        #expect(recovery.attempts.count(within: .seconds(3_600)) == 0)
        component.set(broken: true)
        advance(clock, health, by: .seconds(5))
        #expect(health.snapshot().check(named: "worker")?.status == .pass)
        #expect(recovery.attempts.count(within: .seconds(3_600)) == 1)
        #expect(recovery.lastFailure == nil)
    }

    @Test func attemptsAreLimitedAndTheLimitIsShown() throws {
        let recovery = try health.recover("worker", attemptsMax: 3) { throw CheckFailure("no such unit") }
        try health.register("loop", .info, every: .seconds(1), .restartLoop(recovery.attempts, max: 2))
        component.set(broken: true)
        advance(clock, health, by: .seconds(600))
        #expect(recovery.attempts.count(within: .seconds(3_600)) == 3)
        #expect(recovery.isExhausted)
        #expect(recovery.lastFailure == "no such unit")
        #expect(health.snapshot().check(named: "loop")?.status == .warn)
    }

    @Test func drillsRepairNothing() throws {
        let recovery = try health.recover("worker") {}
        try health.inject(.fail("drill"), into: "worker")
        advance(clock, health, by: .seconds(5))
        #expect(recovery.attempts.count(within: .seconds(3_600)) == 0)
    }

    @Test func unknownCheckIsRefused() {
        let error = #expect(throws: HealthError.self) { try health.recover("nobody") {} }
        #expect(error?.code == .unknownCheck)
    }
}
