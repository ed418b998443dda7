// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import HealthProbes

/// Drives the core by hand: what it starts is noted here, and ends when the test says so.
struct CoreHarness {
    struct Started {
        var token: UInt64
        var id: Int
        var name: String
        var at: UInt64
    }

    var core: HealthCore
    var now: UInt64 = 0
    var started: [Started] = []
    var abandoned: [UInt64] = []
    var events: [HealthEvent] = []
    var drainActions: [DrainMachine.Action] = []
    var snapshot: HealthSnapshot?
    /// Checks that end as soon as they start, and how.
    var answers: [String: CheckResult] = [:]

    init(configuration: HealthConfiguration = HealthConfiguration(), drainDelay: Duration = .zero) {
        core = HealthCore(configuration: configuration, drainDelay: drainDelay, seed: 7)
    }

    var moment: HealthCore.Moment { HealthCore.Moment(now: now, unix: Int64(now)) }

    mutating func add(
        _ name: String, _ kinds: CheckKinds = .readiness, critical: Bool = true,
        every interval: Duration = .seconds(10),
        timeout: Duration = .seconds(1), options: CheckOptions = CheckOptions(), check: HealthCheck? = nil
    ) throws {
        _ = try core.add(
            CheckDefinition(
                name: name, kinds: kinds, isCritical: critical, interval: interval, timeout: timeout,
                options: options, check: check ?? HealthCheck(.blocking { _ in .pass })), at: moment)
        settle()
    }

    mutating func start() {
        core.start(at: moment)
        settle()
    }

    /// Moves time to `target` as the scheduler would: from one wake to the next.
    mutating func run(until target: UInt64) {
        while true {
            core.tick(at: moment, inFlight: 0)
            settle()
            for run in started {
                if let answer = answers[run.name] { finish(run.name, answer) }
            }
            guard now < target else { return }
            now = max(now + 1, min(core.nextWake, target))
        }
    }

    mutating func run(for duration: Duration) {
        run(until: now + UInt64(duration.components.seconds) * 1_000_000_000)
    }

    mutating func finish(_ name: String, _ result: CheckResult = .pass) {
        guard let index = started.firstIndex(where: { $0.name == name }) else { return }
        let run = started.remove(at: index)
        core.finish(token: run.token, id: run.id, result: result, at: moment)
        settle()
    }

    mutating func settle() {
        if let new = core.conclude(at: moment) { snapshot = new }
        for effect in core.takeEffects() {
            switch effect {
            case .start(let token, let id, let definition):
                started.append(Started(token: token, id: id, name: definition.name, at: now))
            case .abandon(let token, _): abandoned.append(token)
            case .tell(let event): events.append(event)
            case .drain(let action): drainActions.append(action)
            case .run(let work): work()
            case .measure, .show, .forget: break
            }
        }
    }

    func report(_ name: String) -> CheckReport? { snapshot?.check(named: name) }
}

@Suite struct HealthCoreTests {
    @Test func firstRunIsDueAtOnce() throws {
        var harness = CoreHarness()
        try harness.add("db")
        harness.start()
        harness.run(until: 0)
        #expect(harness.started.map(\.name) == ["db"])
        #expect(harness.core.reports[0].outstanding == 1)
    }

    @Test func nothingRunsBeforeTheStart() throws {
        var harness = CoreHarness()
        try harness.add("db")
        harness.run(for: .seconds(60))
        #expect(harness.started.isEmpty)
        #expect(harness.snapshot?.readiness.status == .fail)
    }

    @Test func runsFollowTheIntervalWithinATenth() throws {
        var harness = CoreHarness()
        try harness.add("db")
        harness.start()
        var starts: [UInt64] = []
        while starts.count < 20 {
            harness.run(until: harness.now)
            if let run = harness.started.first {
                starts.append(run.at)
                harness.finish("db")
            }
            harness.now = harness.core.nextWake
        }
        let gaps = zip(starts, starts.dropFirst()).map { $1 - $0 }
        #expect(gaps[0] >= 1_000_000_000 && gaps[0] <= 10_000_000_000)
        #expect(gaps.dropFirst().allSatisfy { $0 >= 9_000_000_000 && $0 <= 11_000_000_000 })
        #expect(Set(gaps).count > 10)
    }

    @Test func runPastItsTimeoutFailsAndIsAbandonedOnce() throws {
        var harness = CoreHarness()
        try harness.add("db", timeout: .seconds(1))
        harness.start()
        harness.run(for: .seconds(1))
        let report = try #require(harness.report("db"))
        #expect(report.status == .fail)
        #expect(report.result?.message == "timeout: no result within 1.0 seconds")
        #expect(report.marks.contains(.stuck))
        #expect(report.outstanding == 1)
        #expect(harness.abandoned.count == 1)
    }

    @Test func hungCheckIsNeverStartedAgainUntilItReturns() throws {
        var harness = CoreHarness()
        try harness.add("db")
        harness.start()
        harness.run(for: .seconds(600))
        #expect(harness.started.count == 1)
        #expect(harness.report("db")?.resultCount == 1)
        // What it returns after its timeout is thrown away; the run that was missed starts at once.
        harness.finish("db", .pass)
        #expect(harness.report("db")?.status == .fail)
        harness.run(until: harness.now)
        #expect(harness.started.count == 1)
        harness.finish("db", .pass)
        #expect(harness.report("db")?.status == .pass)
        #expect(harness.report("db")?.marks == [])
    }

    @Test func hungChecksTakeNoPlaceFromTheOthers() throws {
        var configuration = HealthConfiguration()
        configuration.concurrency = 2
        var harness = CoreHarness(configuration: configuration)
        for name in ["a", "b", "c", "d"] { try harness.add(name) }
        harness.start()
        harness.run(until: 0)
        #expect(harness.started.map(\.name) == ["a", "b"])
        harness.run(for: .seconds(1))
        #expect(harness.started.map(\.name) == ["a", "b", "c", "d"])
        harness.finish("c")
        harness.finish("d")
        #expect(harness.report("c")?.status == .pass)
        #expect(harness.core.active == 0)
    }

    @Test func checkWithoutAFinishedRunGoesStaleAndFailsReadiness() throws {
        var configuration = HealthConfiguration()
        configuration.concurrency = 1
        var harness = CoreHarness(configuration: configuration)
        try harness.add("slow", critical: false, every: .seconds(100), timeout: .seconds(100))
        try harness.add("starved", every: .seconds(10), timeout: .seconds(1))
        harness.start()
        harness.run(for: .seconds(30))
        #expect(harness.report("starved")?.marks == [])
        harness.run(for: .seconds(1))
        #expect(harness.report("starved")?.marks == .stale)
        #expect(harness.snapshot?.readiness.causes == ["starved"])
        #expect(harness.snapshot?.liveness.status == .pass)
    }

    @Test func startupLatchesAndItsCheckRetires() throws {
        var harness = CoreHarness()
        try harness.add("index", .startup, every: .seconds(1))
        harness.start()
        harness.run(until: 0)
        harness.finish("index", .fail("still reading"))
        #expect(harness.snapshot?.startup.status == .fail)
        #expect(harness.snapshot?.phase == .starting)
        #expect(harness.snapshot?.readiness.reason == "starting")
        harness.answers["index"] = .pass
        harness.run(for: .seconds(2))
        #expect(harness.snapshot?.startup.status == .pass)
        #expect(harness.snapshot?.phase == .ready)
        harness.run(for: .seconds(600))
        #expect(harness.started.isEmpty)
        #expect(harness.report("index")?.marks == [])
    }

    @Test func registryWithoutStartupChecksIsStartedFromTheFirst() {
        var harness = CoreHarness()
        harness.settle()
        #expect(harness.snapshot?.startup.status == .pass)
        harness.start()
        #expect(harness.snapshot?.phase == .ready)
    }

    @Test func recoveryIntervalAppliesWhileFailing() throws {
        var options = CheckOptions()
        options.recoveryInterval = .seconds(1)
        var harness = CoreHarness()
        try harness.add("db", every: .seconds(100), options: options)
        harness.start()
        harness.answers["db"] = .fail("down")
        harness.run(for: .seconds(100))
        let before = try #require(harness.report("db")?.resultCount)
        harness.run(for: .seconds(22))
        #expect(try #require(harness.report("db")?.resultCount) >= before + 20)
        harness.answers["db"] = .pass
        harness.run(for: .seconds(100))
        let after = try #require(harness.report("db")?.resultCount)
        harness.run(for: .seconds(100))
        #expect(try #require(harness.report("db")?.resultCount) <= after + 2)
    }

    @Test func eachChangeIsToldOnceAndLastingFailuresAreRecalled() throws {
        var harness = CoreHarness()
        try harness.add("db", every: .seconds(10))
        harness.start()
        harness.answers["db"] = .pass
        harness.run(until: 0)
        harness.answers["db"] = .fail("down")
        harness.run(for: .seconds(700))
        let told = harness.events.filter { $0.subject == .check("db") }
        #expect(told.map(\.occasion) == [.transition, .escalation, .reminder, .reminder])
        #expect(told[0].previous == .pass)
        #expect(told[0].message == "down")
    }

    @Test func removedCheckIsForgottenAndItsLateResultIgnored() throws {
        var harness = CoreHarness()
        try harness.add("a")
        try harness.add("b")
        harness.start()
        harness.run(until: 0)
        try harness.core.remove(named: "a", at: harness.moment)
        harness.settle()
        harness.finish("a", .fail("late"))
        harness.finish("b", .pass)
        #expect(harness.snapshot?.checks.map(\.name) == ["b"])
        #expect(harness.report("b")?.status == .pass)
        #expect(harness.core.active == 0)
        #expect(harness.abandoned.count == 1)
    }

    @Test func registrationRefusesWhatMakesNoSense() throws {
        var harness = CoreHarness()
        try harness.add("db")
        let duplicate = #expect(throws: HealthError.self) { try harness.add("db") }
        #expect(duplicate?.code == .duplicateName)
        var options = CheckOptions()
        options.dependsOn = ["cache"]
        let orphan = #expect(throws: HealthError.self) { try harness.add("orders", options: options) }
        #expect(orphan?.code == .unknownDependency)
        options = CheckOptions()
        options.reachesDependency = true
        let liveness = #expect(throws: HealthError.self) { try harness.add("redis", .liveness, options: options) }
        #expect(liveness?.code == .dependencyOnLiveness)
        options.allowsDependencyOnLiveness = true
        try harness.add("redis", .liveness, options: options)
        #expect(throws: HealthError.self) { try harness.add("x", []) }
        #expect(throws: HealthError.self) { try harness.add("x", every: .zero) }
        #expect(throws: HealthError.self) { try harness.add("x", timeout: .zero) }
    }

    @Test func checkCountIsLimited() throws {
        var configuration = HealthConfiguration()
        configuration.checksMax = 2
        var harness = CoreHarness(configuration: configuration)
        try harness.add("a")
        try harness.add("b")
        let error = #expect(throws: HealthError.self) { try harness.add("c") }
        #expect(error?.code == .tooManyChecks)
        #expect(
            error?.description == "check \"c\": 2 checks are registered; remove some or raise checksMax")
    }
}
