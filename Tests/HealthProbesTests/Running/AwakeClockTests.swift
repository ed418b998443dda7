// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import HealthProbes

@Suite struct AwakeClockTests {
    @Test func ordinaryReadingsPassThrough() {
        var clock = AwakeClock()
        clock.rearm(at: 1_000)
        #expect(clock.advance(to: 2_000) == 2_000)
        #expect(clock.advance(to: 1_500_000_000) == 1_500_000_000)
        #expect(clock.suspended == 0)
    }

    @Test func longGapIsLeftOut() {
        var clock = AwakeClock()
        clock.rearm(at: 5_000_000_000)
        #expect(clock.advance(to: 65_000_000_000) == 5_000_000_000)
        #expect(clock.advance(to: 66_000_000_000) == 6_000_000_000)
        #expect(clock.raw(6_000_000_000) == 66_000_000_000)
    }

    @Test func timeBeforeRearmingDoesNotCount() {
        var clock = AwakeClock()
        _ = clock.advance(to: 1)
        clock.rearm(at: 100_000_000_000)
        #expect(clock.advance(to: 100_500_000_000) == 100_500_000_000)
    }
}
