// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Instrument

@Suite struct CounterTests {
    @Test func wholeAndFloatingIncrementsAddUp() throws {
        let counter = try MetricRegistry().counter("a_total", help: "h")
        counter.increment()
        counter.increment(by: 3)
        counter.increment(by: 0.25)
        counter.increment(by: .milliseconds(500))
        counter.increment(by: 0)
        #expect(counter.value == 4.75)
    }

    @Test func negativeAndNonFiniteIncrementsAreRefusedAndCounted() throws {
        let metrics = MetricRegistry()
        let counter = try metrics.counter("a_total", help: "h")
        counter.increment(by: -1)
        counter.increment(by: -0.5)
        counter.increment(by: .nan)
        counter.increment(by: .infinity)
        counter.increment(by: .seconds(-1))
        #expect(counter.value == 0)
        #expect(metrics.exposition().contains("instrument_refused_updates_total{family=\"a_total\"} 5\n"))
    }

    @Test func totalsAreExactWhenThreadsCollide() throws {
        let counter = try MetricRegistry().counter("a_total", help: "h")
        let threads = try (0..<4).map { _ in
            try PlainThread(name: "adder") {
                for _ in 0..<100_000 {
                    counter.increment()
                    counter.increment(by: 3)
                    counter.increment(by: 0.5)
                }
            }
        }
        for thread in threads { thread.join() }
        #expect(counter.value == 4 * 100_000 * 4.5)
    }

    @Test func counterThatWasQuietForLongIsSpreadOnceThreadsCollide() throws {
        let counter = try MetricRegistry().counter("a_total", help: "h")
        for _ in 0..<100_000 { counter.increment() }
        #expect(counter.series.stripes.pointee.load(ordering: .relaxed) == 0)
        // Another thread's add between an add and the look behind it.
        counter.series.lookForContention(total: 99_999)
        #expect(counter.series.stripes.pointee.load(ordering: .relaxed) > Stripes.asksForExemplars)
        counter.increment()
        #expect(counter.value == 100_001)
    }

    @Test func addThatPassesAMultipleOf64Looks() throws {
        let counter = try MetricRegistry().counter("a_total", help: "h")
        // Amounts of 64 and more pass one each time; the word always stands at the total here, so nothing is spread.
        for amount in [63, 1, 64, 128, 1_000_003] { counter.increment(by: amount) }
        #expect(counter.value == 1_000_259)
        #expect(counter.series.stripes.pointee.load(ordering: .relaxed) == 0)
    }

    @Test func quietCounterStaysOneWordAndContendedOneIsSpread() throws {
        let family = try MetricRegistry().counter("a_total", help: "h", labels: "x")
        let quiet = family.with("quiet")
        for _ in 0..<100_000 { quiet.increment() }
        #expect(quiet.series.stripes.pointee.load(ordering: .relaxed) == 0)
        #expect(quiet.value == 100_000)
        let bytes = family.memoryBytes
        Stripes.inflate(quiet.series)
        Stripes.inflate(quiet.series)
        quiet.increment()
        quiet.increment(by: 0.5)
        #expect(quiet.value == 100_001.5)
        #expect(family.memoryBytes == bytes + Stripes.count * 64)
    }
}
