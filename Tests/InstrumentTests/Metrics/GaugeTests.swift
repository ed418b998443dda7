// SPDX-License-Identifier: Apache-2.0

import Instrument
import Testing

@Suite struct GaugeTests {
    @Test func setAddIncrementAndDecrement() throws {
        let gauge = try MetricRegistry().gauge("g", help: "h")
        gauge.set(2.5)
        gauge.add(-1)
        gauge.add(0.25)
        gauge.increment()
        gauge.decrement()
        gauge.decrement()
        #expect(gauge.value == 0.75)
        gauge.set(.milliseconds(1_500))
        #expect(gauge.value == 1.5)
        gauge.set(-3)
        #expect(gauge.value == -3)
    }

    @Test func currentTimeComesFromTheRegistrysClock() throws {
        let gauge = try MetricRegistry(time: .manual(ManualClock())).gauge("g", help: "h")
        gauge.setToCurrentTime()
        #expect(gauge.value == 1_767_225_600)
    }

    @Test func trackCountsWhatIsInFlight() async throws {
        struct Failure: Error {}
        let gauge = try MetricRegistry().gauge("g", help: "h")
        #expect(gauge.track { gauge.value } == 1)
        #expect(throws: Failure.self) { try gauge.track { throw Failure() } }
        let inside = await gauge.track {
            await Task.yield()
            return gauge.track { gauge.value }
        }
        #expect(inside == 2)
        #expect(gauge.value == 0)
    }
}
