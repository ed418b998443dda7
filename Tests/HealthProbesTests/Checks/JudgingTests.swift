// SPDX-License-Identifier: Apache-2.0

import Instrument
import TestSupport
import Testing

@testable import HealthProbes

private let second: UInt64 = 1_000_000_000

@Suite struct TrendTests {
    @Test func checkDegradesBeforeTheLimit() throws {
        let value = Lock(50.0)
        let check = HealthCheck.trend(towards: 100, warn: .seconds(14_400), fail: .seconds(600), unit: "percent") {
            value.withLock { $0 }
        }
        var statuses: [CheckStatus] = []
        for minute in 0..<50 as Range<UInt64> {
            value.withLock { $0 = 50 + Double(minute) }
            statuses.append(run(check, now: minute * 60 * second).status)
        }
        #expect(statuses[3] == .pass)
        #expect(statuses[5] == .warn)
        #expect(statuses[39] == .warn)
        #expect(statuses[41] == .fail)
        value.withLock { $0 = .nan }
        #expect(run(check, now: 3_100 * second).status == .fail)
    }
}

@Suite struct AnomalyTests {
    static let seed: UInt64 = 0x5EED_0005

    @Test func noiseIsUsualAndAJumpIsNot() {
        var generator = SeededGenerator(seed: Self.seed)
        var score = AnomalyDetector(smoothing: 0.05, warmUpCount: 20, dampingScore: 3)
        var alarms = 0
        for number in 0..<5_000 {
            // The sum of twelve evenly spread numbers is close to a normal distribution around 6 with deviation 1.
            let noise = (0..<12).map { _ in Double.random(in: 0..<1, using: &generator) }.reduce(0, +)
            let distance = score.observe(100 + noise)
            if number < 20 { #expect(distance == nil) }
            if (distance ?? 0).magnitude > 4 { alarms += 1 }
        }
        #expect(alarms < 25, "seed \(Self.seed)")
        let jump = score.observe(126)
        #expect((jump ?? 0) > 8)
        let usual = score.observe(106)
        #expect((usual ?? 9).magnitude < 4)
    }

    @Test func outageDoesNotBecomeUsualAtOnceButInTheEnd() {
        var score = AnomalyDetector(smoothing: 0.05, warmUpCount: 20, dampingScore: 3)
        for number in 0..<200 { _ = score.observe(100 + Double(number % 3)) }
        var alarms = 0
        for _ in 0..<2_000 where (score.observe(200) ?? 0) > 3 { alarms += 1 }
        #expect(alarms >= 3)
        #expect(alarms < 2_000)
    }

    @Test func sideDecidesWhatCounts() {
        let value = Lock(100.0)
        let above = HealthCheck.anomaly(warn: 3, fail: 50, side: .above) { value.withLock { $0 } }
        let below = HealthCheck.anomaly(warn: 3, side: .below) { value.withLock { $0 } }
        for number in 0..<50 {
            value.withLock { $0 = 100 + Double(number % 2) }
            #expect(run(above).status == .pass)
            #expect(run(below).status == .pass)
        }
        value.withLock { $0 = 90 }
        #expect(run(above).status == .pass)
        #expect(run(below).status == .warn)
        value.withLock { $0 = 1_000 }
        #expect(run(above).status == .fail)
    }
}

@Suite struct ErrorBudgetTests {
    @Test func consumedShareIsJudged() {
        #expect(run(.errorBudget { 0.3 }).status == .pass)
        #expect(run(.errorBudget { 0.8 }).message == "error budget: 80 is above 50")
        #expect(run(.errorBudget { 1.2 }).status == .fail)
        #expect(run(.errorBudget { .nan }).status == .pass)
    }

    @Test func countersAreMeasuredAgainstTheObjective() throws {
        let metrics = MetricRegistry()
        let total = try metrics.counter("requests_total", help: "Requests.")
        let failures = try metrics.counter("failures_total", help: "Failures.")
        let check = HealthCheck.errorBudget(objective: 0.99, failures: failures, of: total)
        #expect(run(check, now: 0).status == .pass)
        total.increment(by: 1_000)
        failures.increment(by: 4)
        #expect(run(check, now: 60 * second).status == .pass)
        failures.increment(by: 2)
        #expect(run(check, now: 120 * second).status == .warn)
        failures.increment(by: 5)
        #expect(run(check, now: 180 * second).status == .fail)
    }
}
