// SPDX-License-Identifier: Apache-2.0

import Instrument
import Testing

@testable import HealthProbes

@Suite struct LifecycleTests {
    let clock = ManualClock()

    func registry(_ change: (inout DrainConfiguration) -> Void = { _ in }) -> HealthRegistry {
        var configuration = HealthConfiguration()
        configuration.drain.delay = .seconds(5)
        change(&configuration.drain)
        return HealthRegistry.manual(clock, configuration: configuration)
    }

    @Test func drainFailsReadinessAtOnceAndForGood() throws {
        let health = registry()
        try health.register("fine", [.liveness, .readiness], critical: true) {}
        try health.start()
        health.tick()
        #expect(health.snapshot().readiness.status == .pass)
        health.beginDrain()
        #expect(health.snapshot().readiness == Verdict(.fail, reason: "draining"))
        #expect(health.snapshot().phase == .draining)
        for _ in 0..<60 {
            advance(clock, health, by: .seconds(1))
            health.setMaintenance(false)
            #expect(health.snapshot().readiness.status == .fail)
            #expect(health.snapshot().liveness.status == .pass)
        }
        #expect(health.snapshot().phase == .stopped)
        #expect(health.waitUntilDrained() == 0)
    }

    @Test func drainAwaitsRequestsThenRunsHooksByStageNewestFirst() async throws {
        let health = registry()
        try health.start()
        let journal = Journal<String>()
        health.onDrain("log", stage: .final) { journal.append("log") }
        health.onDrain("listener", stage: .endpoint) { journal.append("listener") }
        health.onDrain("db") { journal.append("db") }
        health.onDrain("queue") { journal.append("queue") }
        health.enterRequest()
        health.enterRequest()
        health.beginDrain()
        #expect(!health.onDrain("too late") { journal.append("too late") })
        advance(clock, health, by: .seconds(6))
        #expect(journal.entries == [])
        #expect(health.requestsInFlight == 2)
        health.leaveRequest()
        health.leaveRequest()
        #expect(journal.entries == ["queue", "db", "listener", "log"])
        #expect(await health.drained() == 0)
    }

    @Test func tokenCountsUntilItGoesAway() {
        let health = registry()
        let token = health.beginRequest()
        #expect(health.requestsInFlight == 1)
        token.end()
        #expect(health.requestsInFlight == 0)
        do { _ = health.beginRequest() }
        #expect(health.requestsInFlight == 0)
    }

    @Test func failingHookForcesTheCodeAndIsTold() throws {
        let health = registry { $0.delay = .zero }
        let told = Journal<String>()
        try health.onEvent { if case .drainHook(let name) = $0.subject { told.append("\(name): \($0.message)") } }
        try health.start()
        health.onDrain("db") { throw CheckFailure("locked") }
        health.beginDrain()
        #expect(health.waitUntilDrained() == 1)
        #expect(told.entries == ["db: drain hook failed: locked"])
    }

    @Test func hookThatNeverEndsIsCutOffByTheBudget() async throws {
        var configuration = HealthConfiguration()
        configuration.drain.delay = .zero
        configuration.drain.budget = .milliseconds(100)
        let health = HealthRegistry(configuration: configuration)
        defer { health.stop() }
        let gate = Gate()
        defer { gate.open() }
        health.onDrain("stuck", timeout: .seconds(3_600)) { gate.wait() }
        // Also without a start: the drain brings its own thread.
        health.beginDrain()
        #expect(await health.drained() == 1)
    }

    @Test func asyncHooksAreAwaited() async throws {
        var configuration = HealthConfiguration()
        configuration.drain.delay = .zero
        configuration.drain.budget = .seconds(240)
        let health = HealthRegistry(configuration: configuration)
        defer { health.stop() }
        let journal = Journal<String>()
        health.onDrain("async", timeout: .seconds(120)) {
            await Task.yield()
            journal.append("async")
        }
        health.beginDrain()
        #expect(await health.drained() == 0)
        #expect(journal.entries == ["async"])
    }

    @Test func maintenanceTurnsReadinessThereAndBack() throws {
        let health = registry()
        try health.start()
        health.tick()
        #expect(health.snapshot().phase == .ready)
        health.setMaintenance(true)
        #expect(health.snapshot().readiness == Verdict(.fail, reason: "maintenance"))
        #expect(health.snapshot().liveness.status == .pass)
        health.setMaintenance(false)
        #expect(health.snapshot().phase == .ready)
        #expect(health.snapshot().readiness.status == .pass)
    }

    @Test func delayDependsOnWhereTheServiceRuns() {
        let configuration = DrainConfiguration()
        #expect(configuration.delay(environment: [:]) == .zero)
        #expect(configuration.delay(environment: ["KUBERNETES_SERVICE_HOST": "10.0.0.1"]) == .seconds(5))
        var fixed = configuration
        fixed.delay = .seconds(1)
        #expect(fixed.delay(environment: ["KUBERNETES_SERVICE_HOST": "10.0.0.1"]) == .seconds(1))
    }
}
