// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Instrument

@Suite struct TimeSourceTests {
    @Test func theManualClockStandsStillUntilAdvanced() {
        let clock = ManualClock(monotonicNanoseconds: 5, unixNanoseconds: 100)
        let time = TimeSource.manual(clock)
        #expect(time.monotonicNanoseconds() == 5)
        clock.advance(by: .nanoseconds(7))
        #expect(time.monotonicNanoseconds() == 12)
        #expect(time.unixNanoseconds() == 107)
    }

    @Test func aSteppedWallClockLeavesMonotonicTimeAlone() {
        let clock = ManualClock(monotonicNanoseconds: 5, unixNanoseconds: 100)
        clock.stepWallClock(by: .nanoseconds(-50))
        #expect(clock.monotonicNanoseconds() == 5)
        #expect(clock.unixNanoseconds() == 50)
    }

    @Test func systemTimeMovesForward() {
        let first = TimeSource.system.monotonicNanoseconds()
        #expect(TimeSource.system.monotonicNanoseconds() >= first)
        #expect(TimeSource.system.unixNanoseconds() > 1_700_000_000_000_000_000)
    }

    @Test(
        arguments: [
            (Duration.seconds(1), 1_000_000_000), (.milliseconds(-3), -3_000_000), (.zero, 0),
            (.seconds(Int64.max), .max), (.seconds(Int64.min), .min),
        ] as [(Duration, Int64)])
    func durationsBecomeNanosecondsAndSaturate(duration: Duration, expected: Int64) {
        #expect(duration.saturatedNanoseconds == expected)
    }
}
