// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import HealthProbes

/// Which changes are told, and which are kept back: suppression, flapping, injected faults, incidents.
@Suite struct EventTellingTests {
    static func told(_ harness: CoreHarness, _ name: String) -> [String] {
        harness.events.filter { $0.subject == .check(name) }
            .map { "\($0.occasion.rawValue):\($0.previous.rawValue)-\($0.status.rawValue)" }
    }

    @Test func failingParentSilencesItsChildrenAndTheirs() throws {
        var harness = CoreHarness()
        try harness.add("db")
        var options = CheckOptions()
        options.dependsOn = ["db"]
        try harness.add("orders", options: options)
        options.dependsOn = ["orders"]
        try harness.add("report", critical: false, options: options)
        harness.answers = ["db": .pass, "orders": .pass, "report": .pass]
        harness.start()
        harness.run(until: 0)
        harness.answers["db"] = .fail("down")
        harness.run(for: .seconds(12))
        #expect(harness.report("orders")?.marks == .suppressed)
        #expect(harness.report("report")?.marks == .suppressed)
        harness.answers["orders"] = .fail("no db")
        harness.answers["report"] = .fail("no orders")
        harness.run(for: .seconds(12))
        #expect(harness.report("orders")?.status == .fail)
        #expect(Self.told(harness, "db") == ["transition:pass-fail"])
        #expect(Self.told(harness, "orders") == [])
        #expect(Self.told(harness, "report") == [])
        #expect(harness.core.incidents.incidents(now: harness.now).map(\.check) == ["db"])
        // The parent is back and the child is not: now that is news.
        harness.answers["db"] = .pass
        harness.run(for: .seconds(12))
        #expect(Self.told(harness, "orders") == ["transition:pass-fail"])
        #expect(harness.report("orders")?.marks == [])
    }

    @Test func suppressedFailureStillCounts() throws {
        var harness = CoreHarness()
        try harness.add("db", critical: false)
        var options = CheckOptions()
        options.dependsOn = ["db"]
        try harness.add("orders", options: options)
        harness.answers = ["db": .fail("down"), "orders": .fail("no db")]
        harness.start()
        harness.run(until: 0)
        #expect(harness.snapshot?.readiness == Verdict(.fail, causes: ["orders", "db"]))
    }

    @Test func flappingIsToldOnceInsteadOfEachChange() throws {
        var harness = CoreHarness()
        try harness.add("db", every: .seconds(1))
        harness.start()
        for number in 0..<40 {
            harness.answers["db"] = number % 2 == 0 ? .pass : .fail("down")
            harness.now = max(harness.now, harness.core.wakes[0])
            harness.run(until: harness.now)
        }
        let told = Self.told(harness, "db")
        #expect(told.count { $0.hasPrefix("transition") } == 5)
        #expect(told.count { $0.hasPrefix("flapping") } == 1)
        #expect(harness.report("db")?.marks == .flapping)
        harness.answers["db"] = .pass
        harness.run(for: .seconds(60))
        #expect(Self.told(harness, "db").suffix(2).contains { $0.hasPrefix("steady") })
        #expect(harness.report("db")?.marks == [])
    }

    static func escalations(_ harness: CoreHarness, _ name: String) -> [String] {
        harness.events.filter { $0.subject == .check(name) && $0.occasion == .escalation }.compactMap(\.escalation)
    }

    @Test func incidentTellsEachLevelOnceThatItReaches() throws {
        var harness = CoreHarness()
        try harness.add("db")
        harness.answers = ["db": .fail("down")]
        harness.start()
        harness.run(until: 0)
        harness.run(for: .seconds(119))
        #expect(Self.told(harness, "db") == ["transition:unknown-fail"])
        harness.run(for: .seconds(1))
        #expect(Self.told(harness, "db") == ["transition:unknown-fail", "escalation:fail-fail"])
        #expect(harness.events.last?.message == "down")
        #expect(Self.escalations(harness, "db") == ["on-call"])
        harness.run(for: .seconds(20_000))
        #expect(Self.escalations(harness, "db") == ["on-call", "lead", "management"])
        // The next failure is another incident.
        harness.answers["db"] = .pass
        harness.run(for: .seconds(60))
        harness.answers["db"] = .fail("down again")
        harness.run(for: .seconds(200))
        #expect(Self.escalations(harness, "db") == ["on-call", "lead", "management", "on-call"])
    }

    @Test func incidentThatAnotherExplainsEscalatesOnceItIsNewsAgain() throws {
        var harness = CoreHarness()
        try harness.add("db")
        var options = CheckOptions()
        options.dependsOn = ["db"]
        try harness.add("orders", options: options)
        harness.answers = ["db": .pass, "orders": .fail("no db")]
        harness.start()
        harness.run(for: .seconds(60))
        harness.answers["db"] = .fail("down")
        harness.run(for: .seconds(400))
        #expect(Self.escalations(harness, "orders") == [])
        #expect(Self.escalations(harness, "db") == ["on-call"])
        harness.answers["db"] = .pass
        harness.run(for: .seconds(60))
        #expect(Self.escalations(harness, "orders") == ["on-call"])
    }

    @Test func flappingRepeatsNoLevel() throws {
        var harness = CoreHarness()
        try harness.add("db", every: .seconds(1))
        harness.answers = ["db": .fail("down")]
        harness.start()
        harness.run(for: .seconds(130))
        for number in 0..<400 {
            harness.answers["db"] = number % 2 == 0 ? .pass : .fail("down")
            harness.now = max(harness.now, harness.core.wakes[0])
            harness.run(until: harness.now)
        }
        #expect(harness.report("db")?.marks == .flapping)
        let old = harness.core.incidents.incidents(now: harness.now).count { $0.age >= .seconds(120) }
        #expect(old >= 1)
        #expect(Self.escalations(harness, "db") == Array(repeating: "on-call", count: old))
    }

    @Test func injectedFaultIsShownToldAndMarkedUntilItEnds() throws {
        var harness = CoreHarness()
        try harness.add("db")
        harness.answers = ["db": .pass]
        harness.start()
        harness.run(until: 0)
        try harness.core.inject(.fail("drill"), into: "db", for: .seconds(60), at: harness.moment)
        harness.settle()
        #expect(harness.report("db")?.status == .fail)
        #expect(harness.report("db")?.marks == .test)
        #expect(harness.snapshot?.readiness.status == .fail)
        harness.run(for: .seconds(59))
        #expect(harness.report("db")?.result?.message == "drill")
        let incident = try #require(harness.core.incidents.incidents(now: harness.now).first)
        #expect(incident.isTest && incident.isOpen)
        harness.run(for: .seconds(1))
        #expect(harness.report("db")?.status == .pass)
        #expect(harness.report("db")?.marks == [])
        let events = harness.events.filter { $0.subject == .check("db") }
        #expect(events.map(\.status) == [.fail, .pass])
        #expect(events[0].marks == .test)
        #expect(harness.core.incidents.incidents(now: harness.now).first?.isOpen == false)
    }

    @Test func onDemandCheckRunsOnceAtTheStartAndThenWhenAsked() throws {
        var options = CheckOptions()
        options.onDemand = .seconds(30)
        var harness = CoreHarness()
        try harness.add("costly", options: options)
        harness.answers = ["costly": .pass]
        harness.start()
        harness.run(for: .seconds(600))
        #expect(harness.report("costly")?.resultCount == 1)
        #expect(harness.report("costly")?.marks == [])
        for _ in 0..<5 {
            harness.core.demand("costly", at: harness.moment)
            harness.run(until: harness.now)
        }
        #expect(harness.report("costly")?.resultCount == 2)
        harness.run(for: .seconds(30))
        harness.answers = [:]
        for _ in 0..<5 {
            harness.core.demand("costly", at: harness.moment)
            harness.run(until: harness.now)
        }
        #expect(harness.started.count == 1)
    }
}

/// An ordinary life raises no alarm: what belongs to starting, maintenance and draining is marked as expected.
@Suite struct ExpectedEventTests {
    @Test func ordinaryStartAndEndAreNoAlarm() throws {
        var harness = CoreHarness()
        try harness.add("index", .startup, every: .seconds(1))
        try harness.add("db")
        harness.answers = ["index": .fail("not yet"), "db": .pass]
        harness.start()
        harness.run(for: .seconds(3))
        harness.answers["index"] = .pass
        harness.run(for: .seconds(2))
        #expect(harness.snapshot?.phase == .ready)
        harness.core.setMaintenance(true, at: harness.moment)
        harness.settle()
        harness.core.setMaintenance(false, at: harness.moment)
        harness.settle()
        harness.core.beginDrain(hookTimeouts: [], inFlight: 0, at: harness.moment)
        harness.settle()
        #expect(harness.events.filter { $0.status == .fail && !$0.isExpected }.map(\.subject) == [])
        #expect(
            harness.events.contains {
                $0.subject == .phase(from: .starting, to: .started) || $0.subject == .phase(from: .starting, to: .ready)
            })
        #expect(harness.events.last?.subject == .phase(from: .ready, to: .stopped))
    }

    @Test func verdictsBeforeTheStartAreNoChange() throws {
        var harness = CoreHarness()
        try harness.add("index", .startup)
        #expect(harness.events.isEmpty)
    }

    @Test func failureInServiceIsNotExpected() throws {
        var harness = CoreHarness()
        try harness.add("db")
        harness.answers = ["db": .pass]
        harness.start()
        harness.run(until: 0)
        harness.answers = ["db": .fail("down")]
        harness.run(for: .seconds(12))
        let alarms = harness.events.filter { $0.status == .fail && !$0.isExpected }
        #expect(Set(alarms.map(\.subject)) == [.check("db"), .verdict(.readiness), .verdict(.overall)])
    }
}
