// SPDX-License-Identifier: Apache-2.0

import Instrument
import TestSupport
import Testing

@testable import HealthProbes

@Suite struct ThresholdTests {
    static func statuses(_ threshold: Threshold, _ readings: [Double], step: UInt64 = 1) -> [CheckStatus] {
        var machine = ThresholdMachine(threshold)
        return readings.enumerated().map { index, reading in
            machine.record(reading, limits: threshold.limits(), now: UInt64(index) * step * 1_000_000_000)
        }
    }

    @Test func limitsThemselvesAreStillFine() {
        #expect(
            Self.statuses(.above(warn: 70, fail: 90), [0, 70, 70.1, 90, 90.1, 80, 70])
                == [.pass, .pass, .warn, .warn, .fail, .warn, .pass])
    }

    @Test func belowLooksTheOtherWay() {
        #expect(
            Self.statuses(.below(warn: 90, fail: 50), [95, 90, 89, 50, 49]) == [.pass, .pass, .warn, .warn, .fail])
    }

    @Test func sustainedLimitNeedsAnUnbrokenSpan() {
        let threshold = Threshold.above(warn: 80, for: .seconds(300))
        #expect(
            Self.statuses(threshold, [81, 90, 81, 81, 81], step: 100) == [.pass, .pass, .pass, .warn, .warn])
        #expect(
            Self.statuses(threshold, [81, 90, 79, 81, 81, 81, 81], step: 100)
                == [.pass, .pass, .pass, .pass, .pass, .pass, .warn])
    }

    @Test func clearBandHoldsTheStatusUntilReadingsCameBackFarEnough() {
        let threshold = Threshold.above(warn: 80, fail: 95, clearBand: 5)
        #expect(
            Self.statuses(threshold, [81, 79, 76, 75, 96, 91, 90, 76, 75])
                == [.warn, .warn, .warn, .pass, .fail, .fail, .warn, .warn, .pass])
    }

    @Test func tableFollowsTheLoad() {
        let load = Lock(1.0)
        let threshold = Threshold.above(
            byLoad: { load.withLock { $0 } },
            [.init(upTo: 10, warn: 100), .init(upTo: 50, warn: 200), .init(upTo: .infinity, warn: 400)])
        var machine = ThresholdMachine(threshold)
        for (agents, expected) in [(1.0, CheckStatus.warn), (11, .pass), (10, .warn), (1_000, .pass)] {
            load.withLock { $0 = agents }
            #expect(machine.record(150, limits: threshold.limits(), now: 0) == expected, "\(agents) agents")
        }
    }

    @Test func baselineMultiplies() {
        let usual = Lock(0.0)
        let threshold = Threshold.above(baseline: { usual.withLock { $0 } }, warn: 1.5, fail: 2)
        var machine = ThresholdMachine(threshold)
        for (baseline, expected) in [(0.0, CheckStatus.pass), (100, .fail), (120, .warn), (150, .pass)] {
            usual.withLock { $0 = baseline }
            #expect(machine.record(210, limits: threshold.limits(), now: 0) == expected, "baseline \(baseline)")
        }
    }

    /// The reference looks back over the whole history for each reading.
    @Test func agreesWithTheReferenceOnTenThousandSequences() async throws {
        let seed: UInt64 = 0x5EED_0004
        let mismatches = try await onThread {
            var generator = SeededGenerator(seed: seed)
            var mismatches = 0
            for _ in 0..<10_000 {
                let sustained = Int.random(in: 0...4, using: &generator)
                let band = Double(Int.random(in: 0...3, using: &generator))
                let threshold = Threshold.above(warn: 5, fail: 8, for: .seconds(sustained), clearBand: band)
                let readings = (0..<40).map { _ in Double(Int.random(in: 0...10, using: &generator)) }
                let statuses = Self.statuses(threshold, readings)
                for index in readings.indices {
                    let history = Array(readings[...index])
                    let isFailing = Self.isActive(history, limit: 8, sustained: sustained, band: band)
                    let isWarning = Self.isActive(history, limit: 5, sustained: sustained, band: band)
                    let expected: CheckStatus = isFailing ? .fail : isWarning ? .warn : .pass
                    if statuses[index] != expected { mismatches += 1 }
                }
            }
            return mismatches
        }
        #expect(mismatches == 0, "seed \(seed)")
    }

    /// Active if some reading ended a long enough run beyond the limit and none since came back by the band.
    private static func isActive(_ history: [Double], limit: Double, sustained: Int, band: Double) -> Bool {
        for end in history.indices.reversed() {
            if history[end] <= limit - band { return false }
            let start = end - sustained
            guard start >= 0 else { continue }
            if history[start...end].allSatisfy({ $0 > limit }) { return true }
        }
        return false
    }

    @Test func growthLooksBackOverTheWindow() {
        var window = GrowthWindow(length: 10)
        #expect(window.record(100, 0, now: 0) == nil)
        #expect(window.record(105, 0, now: 5)?.first == 5)
        #expect(window.record(110, 0, now: 10)?.first == 10)
        #expect(window.record(110, 0, now: 15)?.first == 5)
        #expect(window.record(110, 0, now: 20)?.first == 0)
        #expect(window.record(0, 0, now: 25)?.first == 0)
    }
}

@Suite struct ThresholdCheckTests {
    let clock = ManualClock()
    let health: HealthRegistry

    init() throws {
        health = HealthRegistry.manual(clock)
        try health.start()
    }

    @Test func gaugeIsJudgedOnTheCheckSchedule() throws {
        let metrics = MetricRegistry()
        let depth = try metrics.gauge("queue_depth", help: "Waiting jobs.")
        try health.register("queue", .info, .threshold(depth, .above(warn: 80, fail: 100)))
        depth.set(100.5)
        advance(clock, health, by: .seconds(15))
        let report = try #require(health.snapshot().check(named: "queue"))
        #expect(report.status == .fail)
        #expect(report.result == .fail("100.5 is above 100", value: 100.5))
        depth.set(3)
        advance(clock, health, by: .seconds(15))
        #expect(health.snapshot().check(named: "queue")?.status == .pass)
    }

    @Test func notANumberFails() throws {
        try health.register("x", .info, .threshold(.above(warn: 1)) { .nan })
        health.tick()
        #expect(health.snapshot().check(named: "x")?.result == .fail("the reading is not a number"))
    }

    @Test func errorRatePerMinuteAndFailureShare() throws {
        let metrics = MetricRegistry()
        let requests = try metrics.counter("requests_total", help: "Requests.")
        let errors = try metrics.counter("errors_total", help: "Errors.")
        try health.register(
            "errors", .info, every: .seconds(10), .rate(of: errors, per: .seconds(60), .above(warn: 5)))
        try health.register(
            "failures", .info, every: .seconds(10),
            .share(of: errors, in: requests, over: .seconds(60), .above(warn: 5, fail: 15)))
        for _ in 0..<30 {
            requests.increment(by: 100)
            errors.increment()
            advance(clock, health, by: .seconds(10))
        }
        #expect(health.snapshot().check(named: "errors")?.status == .warn)
        #expect(health.snapshot().check(named: "failures")?.status == .pass)
        for _ in 0..<30 {
            requests.increment(by: 10)
            errors.increment(by: 2)
            advance(clock, health, by: .seconds(10))
        }
        #expect(health.snapshot().check(named: "failures")?.status == .fail)
        for _ in 0..<30 { advance(clock, health, by: .seconds(10)) }
        #expect(health.snapshot().check(named: "errors")?.status == .pass)
        #expect(health.snapshot().check(named: "failures")?.status == .pass)
    }
}
