// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import Instrument

@Suite struct SummaryTests {
    @Test func quantilesAreWithinOnePercentOfTheExactOnes() throws {
        let seed: UInt64 = 7
        var generator = SeededGenerator(seed: seed)
        let summary = try MetricRegistry(time: .manual(ManualClock())).summary("s", help: "h")
        let values = (0..<20_000).map { _ in exp(Double.random(in: -12...12, using: &generator)) }
        for value in values { summary.observe(value) }
        let sorted = values.sorted()
        for quantile in [0.001, 0.01, 0.1, 0.5, 0.9, 0.95, 0.99, 0.999, 1] {
            let exact = sorted[max(1, Int((quantile * 20_000).rounded(.up))) - 1]
            #expect(abs(summary.quantile(quantile) - exact) <= 0.01 * exact, "seed \(seed), quantile \(quantile)")
        }
        #expect(summary.count == 20_000)
    }

    @Test func negativeValuesAndZeroHaveTheirPlace() throws {
        let summary = try MetricRegistry(time: .manual(ManualClock())).summary("s", help: "h")
        for value in [-100.0, -1, 0, 1, 100] { summary.observe(value) }
        for (quantile, exact) in [(0.2, -100.0), (0.4, -1), (0.6, 0), (0.8, 1), (1, 100)] {
            #expect(abs(summary.quantile(quantile) - exact) <= 0.01 * abs(exact))
        }
    }

    @Test func windowSlidesAndEmptyWindowIsNaN() throws {
        let clock = ManualClock()
        let metrics = MetricRegistry(time: .manual(clock))
        let summary = try metrics.summary("s", help: "h", quantiles: [0.5], window: .seconds(600))
        #expect(summary.quantile(0.5).isNaN)
        summary.observe(1)
        clock.advance(by: .seconds(300))
        summary.observe(100)
        summary.observe(100)
        #expect(abs(summary.quantile(0.5) - 100) <= 1)
        #expect(abs(summary.quantile(0.1) - 1) <= 0.01)
        clock.advance(by: .seconds(400))
        #expect(abs(summary.quantile(0.1) - 100) <= 1)
        clock.advance(by: .seconds(600))
        #expect(summary.quantile(0.5).isNaN)
        #expect(metrics.exposition().contains("s{quantile=\"0.5\"} NaN\ns_sum 201\ns_count 3\n"))
        summary.observe(5)
        #expect(abs(summary.quantile(0.5) - 5) <= 0.05)
    }

    @Test func windowTakesAtMost64KiB() {
        #expect(QuantileWindow.bytesMax <= 64 * 1_024)
    }

    @Test func aValueBeyondTheSlotsOctavesCountsAsTheNearestThatItHas() throws {
        let metrics = MetricRegistry(time: .manual(ManualClock()))
        let summary = try metrics.summary("s", help: "h", quantiles: [])
        for exponent in 0..<46 { summary.observe(scalbn(1.5, exponent)) }
        #expect(!metrics.exposition().contains("instrument_summary_values_beyond_total"))
        summary.observe(1e300)
        summary.observe(1e-300)
        summary.observe(-5)
        #expect(summary.count == 49)
        #expect(summary.quantile(1 / 49.0) == 0, "no octave of its sign")
        #expect(abs(summary.quantile(2 / 49.0) - 1) <= 0.01, "the lower end of the lowest octave")
        #expect(abs(summary.quantile(1) / scalbn(1, 46) - 1) <= 0.01, "the upper end of the highest octave")
        #expect(abs(summary.quantile(25 / 49.0) / scalbn(1.5, 22) - 1) <= 0.01, "those within keep their ranks")
        #expect(metrics.exposition().contains("instrument_summary_values_beyond_total{family=\"s\"} 3\n"))
    }

    @Test func aValueBetweenTheSlotsOctavesKeepsItsRank() throws {
        let summary = try MetricRegistry(time: .manual(ManualClock())).summary("s", help: "h")
        for exponent in 0..<46 { summary.observe(-scalbn(1.5, exponent * 10)) }
        summary.observe(-scalbn(1.5, 13))
        summary.observe(-scalbn(1.5, 17))
        // Ranks from below: the 46 - 2 largest magnitudes, 2^20 and what counts at its near end, then 2^10 and its.
        #expect(abs(summary.quantile(44 / 48.0) / -scalbn(1.5, 20) - 1) <= 0.01)
        #expect(abs(summary.quantile(45 / 48.0) / -scalbn(1, 20) - 1) <= 0.01)
        #expect(abs(summary.quantile(46 / 48.0) / -scalbn(1, 11) - 1) <= 0.01)
        #expect(abs(summary.quantile(47 / 48.0) / -scalbn(1.5, 10) - 1) <= 0.01)
    }

    @Test func anEmptiedSlotHasRoomForOtherOctaves() throws {
        let clock = ManualClock()
        let metrics = MetricRegistry(time: .manual(clock))
        let summary = try metrics.summary("s", help: "h", quantiles: [], window: .seconds(600))
        for exponent in 0..<46 { summary.observe(scalbn(1.5, exponent)) }
        clock.advance(by: .seconds(600))
        for exponent in 500..<546 { summary.observe(scalbn(1.5, exponent)) }
        #expect(abs(summary.quantile(1) / scalbn(1.5, 545) - 1) <= 0.01)
        #expect(!metrics.exposition().contains("instrument_summary_values_beyond_total"))
    }

    @Test func totalsAreExactWhenThreadsCollide() throws {
        let summary = try MetricRegistry().summary("s", help: "h")
        let threads = try (0..<4).map { _ in
            try PlainThread(name: "observer") { for _ in 0..<20_000 { summary.observe(2) } }
        }
        for thread in threads { thread.join() }
        #expect(summary.count == 80_000)
        #expect(summary.sum == 160_000)
        #expect(abs(summary.quantile(0.5) - 2) <= 0.02)
    }

    @Test func windowThatLostTheRaceIsFreed() {
        let window = QuantileWindow(window: .seconds(600))
        #expect(window.observe(3, at: 1))
        #expect(window.observe(-300, at: 1))
        #expect(window.quantiles([1], at: 1)[0] > 2.9)
    }

    @Test(arguments: [[-0.1], [1.1], [.nan]]) func senselessQuantilesAreRefused(quantiles: [Double]) {
        let error = #expect(throws: MetricError.self) {
            try MetricRegistry().summary("s", help: "h", quantiles: quantiles)
        }
        #expect(error?.code == .invalidOption)
    }
}
