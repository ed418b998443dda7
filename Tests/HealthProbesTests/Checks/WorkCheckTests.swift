// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument
import Testing

@testable import HealthProbes

private let second: UInt64 = 1_000_000_000

@Suite struct FileCheckTests {
    @Test func ageSurvivesStepsOfTheWallClock() {
        var age = FileAge()
        let hour: Int64 = 3_600_000_000_000
        #expect(age.age(modified: 10 * hour, now: 0, unix: 11 * hour) == UInt64(hour))
        #expect(age.age(modified: 10 * hour, now: 5, unix: 12 * hour) == UInt64(hour) + 5)
        #expect(age.age(modified: 10 * hour, now: 7, unix: 9 * hour) == UInt64(hour) + 7)
        // Written again: the clock speaks anew, and never of the future.
        #expect(age.age(modified: 12 * hour, now: 8, unix: 9 * hour) == 0)
    }

    @Test func ageSizeAndContentAreJudged() throws {
        let directory = try TemporaryDirectory()
        try directory.write("{\"state\": 1}", to: "state.json")
        let path = directory.path + "state.json"
        let now = TimeSource.systemUnixNanoseconds()
        let young = HealthCheck.file(path, age: .above(warn: 60), size: .above(fail: 100)) {
            _ = try JSONSerialization.jsonObject(with: $0)
        }
        #expect(run(young, unix: now).status == .pass)
        #expect(run(young, now: 120 * second, unix: now).message.hasPrefix("age: "))
        #expect(run(.file(path, size: .above(warn: 5, fail: 10)), unix: now).message == "size: 12 is above 10")
        #expect(run(.file(path, bytesMin: 13), unix: now).status == .fail)
        try directory.write("{", to: "state.json")
        #expect(run(young, unix: now).status == .fail)
        #expect(run(.file(directory.path + "missing")).message.contains("No such file"))
    }
}

@Suite struct JobRecordTests {
    let clock = ManualClock()

    @Test func oldSuccessDegradesThenFails() {
        let job = JobRecord(time: .manual(clock))
        let check = HealthCheck.freshness(of: job, warn: .seconds(60), fail: .seconds(120))
        #expect(run(check).status == .pass)
        clock.advance(by: .seconds(61))
        #expect(run(check).status == .warn)
        clock.advance(by: .seconds(60))
        #expect(run(check).status == .fail)
        job.succeeded()
        #expect(run(check).status == .pass)
        job.failed("disk full")
        #expect(run(check).message == "the last run failed: disk full")
        job.succeeded()
        #expect(run(check).status == .pass)
    }

    @Test func wallClockStepsChangeNothing() {
        let job = JobRecord(lastSuccessAge: .seconds(30), time: .manual(clock))
        let check = HealthCheck.freshness(of: job, warn: .seconds(60), fail: .seconds(120))
        clock.stepWallClock(by: .seconds(3_600))
        #expect(run(check).status == .pass)
        #expect(run(check).status == .pass)
    }

    @Test func queueDepthIsJudged() {
        #expect(run(.queueDepth(.above(warn: 80, fail: 100)) { 99 }).status == .warn)
        #expect(run(.queueDepth(.above(warn: 80, fail: 100)) { 101 }).message == "101 is above 100")
    }
}

@Suite struct CircuitBreakerTests {
    let clock = ManualClock()
    let changes = Journal<CircuitBreaker.Position>()

    func breaker() -> CircuitBreaker {
        CircuitBreaker(failureThreshold: 3, cooldown: .seconds(30), time: .manual(clock)) { [changes] in
            changes.append($0)
        }
    }

    func fail(_ breaker: CircuitBreaker) {
        _ = try? breaker.run { throw CheckFailure("down") }
    }

    @Test func opensAfterFailuresInARowAndRefuses() throws {
        let breaker = breaker()
        for _ in 0..<2 { fail(breaker) }
        try breaker.run {}
        for _ in 0..<2 { fail(breaker) }
        #expect(breaker.position == .closed)
        fail(breaker)
        #expect(breaker.position == .open)
        #expect(throws: CircuitBreaker.Refused.self) { try breaker.run {} }
        #expect(run(.circuitBreaker(breaker)).status == .fail)
        #expect(changes.entries == [.open])
    }

    @Test func letsOneCallThroughAfterTheCooldown() async throws {
        let breaker = breaker()
        for _ in 0..<3 { fail(breaker) }
        clock.advance(by: .seconds(30))
        #expect(breaker.position == .halfOpen)
        #expect(run(.circuitBreaker(breaker)).status == .warn)
        _ = try breaker.run {
            // While one is through, all others are refused.
            #expect(throws: CircuitBreaker.Refused.self) { try breaker.run {} }
        }
        #expect(breaker.position == .closed)
        #expect(run(.circuitBreaker(breaker)).status == .pass)
        #expect(changes.entries == [.open, .closed])
        #expect(try await breaker.run { await Task.yield() } == ())
    }

    @Test func failedTrialOpensAgain() {
        let breaker = breaker()
        for _ in 0..<3 { fail(breaker) }
        clock.advance(by: .seconds(30))
        fail(breaker)
        #expect(breaker.position == .open)
        #expect(changes.entries == [.open, .open])
    }
}

@Suite struct RestartLogTests {
    let clock = ManualClock()

    @Test func countsWithinTheWindow() throws {
        let log = RestartLog(time: .manual(clock))
        let check = HealthCheck.restartLoop(log, max: 3, failing: 5, within: .seconds(3_600))
        for _ in 0..<3 { try log.note() }
        #expect(run(check).status == .pass)
        try log.note()
        #expect(run(check).status == .warn)
        for _ in 0..<2 { try log.note() }
        #expect(run(check).status == .fail)
        clock.advance(by: .seconds(3_600))
        #expect(run(check).status == .pass)
    }

    @Test func fileKeepsTheCountAcrossProcesses() throws {
        let directory = try TemporaryDirectory()
        for _ in 0..<4 {
            let log = try RestartLog(file: directory.path + "starts", time: .manual(clock))
            try log.note()
        }
        let log = try RestartLog(file: directory.path + "starts", time: .manual(clock))
        #expect(log.count(within: .seconds(60)) == 4)
        try directory.write("1\nnonsense\n\(clock.unixNanoseconds())\n", to: "starts")
        #expect(try RestartLog(file: directory.path + "starts", time: .manual(clock)).count(within: .seconds(60)) == 1)
    }

    @Test func logIsBounded() throws {
        let log = RestartLog(time: .manual(clock))
        for _ in 0..<1_000 { try log.note() }
        #expect(log.count(within: .seconds(60)) == RestartLog.keptMax)
    }
}
