// SPDX-License-Identifier: Apache-2.0

import Instrument
import TestSupport
import Testing

@testable import HealthProbes

/// The shell with real threads and tasks: nothing here depends on how long anything takes, only on that it happens.
@Suite struct HealthRegistryTests {
    @Test func syncAndAsyncClosuresBothRun() async throws {
        let health = HealthRegistry()
        defer { health.stop() }
        try health.register("sync", .readiness, critical: true, timeout: .seconds(60)) {}
        try health.register("async", .readiness, critical: true, timeout: .seconds(60)) { await Task.yield() }
        try health.register(
            "measured", .info, timeout: .seconds(60), HealthCheck { .warn("73 %", value: 73, unit: "percent") })
        try health.start()
        #expect(try await eventually { health.snapshot().readiness.status == .pass })
        #expect(try await eventually { health.snapshot().check(named: "measured")?.status == .warn })
        #expect(health.snapshot().check(named: "measured")?.result?.value == 73)
        #expect(health.snapshot().overall == Verdict(.warn, causes: ["measured"]))
    }

    @Test func thrownErrorIsAFailureWithItsText() async throws {
        let health = HealthRegistry()
        defer { health.stop() }
        try health.register("sync", .readiness, critical: true, timeout: .seconds(60)) {
            throw CheckFailure("no table")
        }
        try health.register("async", .readiness, critical: true, timeout: .seconds(60)) {
            await Task.yield()
            throw CheckFailure("no pool")
        }
        try health.start()
        #expect(try await eventually { health.snapshot().checks.allSatisfy { $0.status == .fail } })
        #expect(health.snapshot().check(named: "sync")?.result == .fail("no table"))
        #expect(health.snapshot().check(named: "async")?.result == .fail("no pool"))
    }

    @Test func hungSyncChecksStarveNobody() async throws {
        let health = HealthRegistry()
        defer { health.stop() }
        let gate = Gate()
        defer { gate.open() }
        for number in 0..<12 {
            try health.register("hung-\(number)", .info, every: .milliseconds(20), timeout: .milliseconds(300)) {
                gate.wait()
            }
        }
        try health.register("fine", .readiness, critical: true, every: .milliseconds(20), timeout: .seconds(60)) {}
        try health.start()
        #expect(try await eventually { (health.snapshot().check(named: "fine")?.resultCount ?? 0) >= 5 })
        #expect(
            try await eventually {
                (0..<12).allSatisfy { health.snapshot().check(named: "hung-\($0)")?.status == .fail }
            })
        for number in 0..<12 {
            let report = try #require(health.snapshot().check(named: "hung-\(number)"))
            #expect(report.outstanding == 1)
            #expect(report.marks.contains(.stuck))
            #expect(report.resultCount == 1)
        }
        gate.open()
        #expect(
            try await eventually {
                (0..<12).allSatisfy { health.snapshot().check(named: "hung-\($0)")?.status == .pass }
            })
    }

    @Test func hungAsyncCheckTimesOutAndIsCancelled() async throws {
        let health = HealthRegistry()
        defer { health.stop() }
        let cancelled = Journal<Bool>()
        try health.register("db", .readiness, critical: true, timeout: .milliseconds(20)) {
            do {
                try await untilCancelled()
            } catch {
                cancelled.append(Task.isCancelled)
                throw error
            }
        }
        try health.start()
        #expect(try await eventually { health.snapshot().check(named: "db")?.status == .fail })
        #expect(try await eventually { cancelled.entries == [true] })
        #expect(health.snapshot().check(named: "db")?.result?.message.hasPrefix("timeout") == true)
    }

    @Test func checkMayBeAddedAndRemovedWhileRunning() async throws {
        let health = HealthRegistry()
        defer { health.stop() }
        try health.start()
        try health.register("late", .readiness, critical: true, timeout: .seconds(60)) {}
        #expect(health.snapshot().check(named: "late") != nil)
        #expect(try await eventually { health.snapshot().check(named: "late")?.status == .pass })
        try health.remove("late")
        #expect(health.snapshot().checks.isEmpty)
        let error = #expect(throws: HealthError.self) { try health.remove("late") }
        #expect(error?.code == .unknownCheck)
    }

    @Test func stopStartsNothingMoreAndStartGoesOn() async throws {
        let health = HealthRegistry()
        defer { health.stop() }
        try health.register("tick", .info, every: .milliseconds(10), timeout: .seconds(60)) {}
        try health.start()
        #expect(try await eventually { (health.snapshot().check(named: "tick")?.resultCount ?? 0) >= 2 })
        health.stop()
        #expect(try await eventually { health.snapshot().check(named: "tick")?.outstanding == 0 })
        let count = health.snapshot().check(named: "tick")?.resultCount ?? 0
        health.engine.tick()
        #expect(health.snapshot().check(named: "tick")?.resultCount == count)
        try health.start()
        #expect(try await eventually { (health.snapshot().check(named: "tick")?.resultCount ?? 0) > count })
    }

    @Test func registryThatIsLetGoEndsItsThreads() async throws {
        weak var engine: HealthEngine?
        do {
            let health = HealthRegistry()
            try health.register("tick", .info, every: .milliseconds(10), timeout: .seconds(60)) {}
            _ = try health.heartbeat("agent", every: .seconds(30))
            try health.start()
            engine = health.engine
            #expect(try await eventually { health.snapshot().check(named: "tick")?.status == .pass })
        }
        #expect(try await eventually { engine == nil })
    }

    @Test func eventsReachCallbackAndStream() async throws {
        let health = HealthRegistry()
        defer { health.stop() }
        let told = Journal<HealthEvent.Subject>()
        try health.onEvent { told.append($0.subject) }
        let stream = health.events()
        try health.register("db", .readiness, critical: true, timeout: .seconds(60)) { throw CheckFailure("down") }
        try health.start()
        for await event in stream where event.subject == .check("db") {
            #expect(event.status == .fail)
            #expect(event.message == "down")
            break
        }
        #expect(try await eventually { told.entries.contains(.check("db")) })
        #expect(told.entries.first == .phase(from: .starting, to: .started))
    }

    @Test func requestsReadWhileChecksWrite() async throws {
        let health = HealthRegistry()
        defer { health.stop() }
        for number in 0..<20 { try health.register("check-\(number)", .readiness, every: .milliseconds(10)) {} }
        try health.start()
        var readers: [PlainThread] = []
        let done = Journal<UInt64>()
        for _ in 0..<4 {
            readers.append(
                try PlainThread(name: "reader") {
                    var last: UInt64 = 0
                    var isOrdered = true
                    for _ in 0..<20_000 {
                        let snapshot = health.snapshot()
                        isOrdered = isOrdered && snapshot.generation >= last && snapshot.checks.count == 20
                        last = snapshot.generation
                    }
                    done.append(isOrdered ? 1 : 0)
                })
        }
        #expect(try await eventually { done.entries.count == 4 })
        for reader in readers { reader.join() }
        #expect(done.entries == [1, 1, 1, 1])
    }
}

@Suite struct OnDemandTests {
    @Test func askersShareOneRunAndGetItsResult() async throws {
        let health = HealthRegistry()
        defer { health.stop() }
        let runs = Journal<Int>()
        var options = CheckOptions()
        options.onDemand = .seconds(3_600)
        try health.register("costly", .info, timeout: .seconds(60), options: options) { runs.append(1) }
        try health.start()
        #expect(try await eventually { health.snapshot().check(named: "costly")?.status == .pass })
        let answers = Journal<CheckStatus?>()
        var askers: [PlainThread] = []
        for _ in 0..<8 {
            askers.append(try PlainThread(name: "asker") { answers.append(health.report("costly")?.status) })
        }
        #expect(try await eventually { answers.entries.count == 8 })
        for asker in askers { asker.join() }
        #expect(answers.entries.allSatisfy { $0 == .pass })
        #expect(runs.entries.count == 1)
    }

    @Test func impatientAskerGetsTheLastResult() async throws {
        let health = HealthRegistry()
        defer { health.stop() }
        let gate = Gate()
        defer { gate.open() }
        let runs = Journal<Int>()
        var options = CheckOptions()
        options.onDemand = .zero
        try health.register("slow", .info, timeout: .seconds(3_600), options: options) {
            runs.append(1)
            if runs.entries.count > 1 { gate.wait() }
        }
        try health.start()
        #expect(try await eventually { health.snapshot().check(named: "slow")?.status == .pass })
        let answers = Journal<CheckReport?>()
        let asker = try PlainThread(name: "asker") {
            for _ in 0..<3 { answers.append(health.report("slow", patience: .milliseconds(20))) }
        }
        #expect(try await eventually { answers.entries.count == 3 })
        asker.join()
        #expect(answers.entries.allSatisfy { $0?.status == .pass && $0?.outstanding == 1 })
        #expect(runs.entries.count == 2)
    }

    @Test func unknownCheckIsNil() {
        #expect(HealthRegistry().report("nothing") == nil)
    }
}
