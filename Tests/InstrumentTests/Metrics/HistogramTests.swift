// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Instrument

@Suite struct HistogramTests {
    @Test(arguments: [0, 1, 3, 4, 12, 31, 32, 33, 64, 100, 1_000])
    func everyValueFallsIntoTheBucketOfTheFirstBoundNotBelowIt(boundCount: Int) throws {
        let bounds = (0..<boundCount).map { Double($0) * 0.5 - 3 }
        let histogram = try MetricRegistry().histogram("h", help: "h", buckets: HistogramBuckets(bounds))
        var expected = [UInt64](repeating: 0, count: boundCount + 1)
        for step in -10...(boundCount * 2 + 10) {
            let value = Double(step) * 0.25 - 3
            histogram.observe(value)
            expected[bounds.firstIndex { value <= $0 } ?? boundCount] += 1
        }
        var buckets = [UInt64](repeating: 0, count: boundCount + 1)
        _ = histogram.series.readHistogram(into: &buckets)
        #expect(buckets == expected)
    }

    @Test func durationsFallOnTheBoundTheyName() throws {
        let histogram = try MetricRegistry().histogram("h", help: "h")
        for (index, bound) in HistogramBuckets.default.bounds.enumerated() {
            histogram.observe(.nanoseconds(Int64(bound * 1e9)))
            var buckets = [UInt64](repeating: 0, count: 12)
            _ = histogram.series.readHistogram(into: &buckets)
            #expect(buckets[index] == 1)
        }
    }

    @Test func negativeDurationsAreCountedAndNonFiniteValuesRefused() throws {
        let metrics = MetricRegistry()
        let histogram = try metrics.histogram("h", help: "h", buckets: [0, 1])
        histogram.observe(.seconds(-2))
        histogram.observe(.nan)
        histogram.observe(.infinity)
        #expect(histogram.count == 1)
        #expect(histogram.sum == -2)
        #expect(metrics.exposition().contains("h_bucket{le=\"0\"} 1\n"))
        #expect(metrics.exposition().contains("instrument_refused_updates_total{family=\"h\"} 2\n"))
    }

    @Test func totalsAreExactWhenThreadsCollide() throws {
        let histogram = try MetricRegistry().histogram("h", help: "h", buckets: [1, 2, 3])
        let threads = try (0..<4).map { number in
            try PlainThread(name: "observer") {
                for step in 0..<50_000 {
                    histogram.observe(Double((step + number) % 4) + 0.5)
                    histogram.observe(.milliseconds(500))
                }
            }
        }
        for thread in threads { thread.join() }
        var buckets = [UInt64](repeating: 0, count: 4)
        let reading = histogram.series.readHistogram(into: &buckets)
        #expect(buckets == [250_000, 50_000, 50_000, 50_000])
        #expect(reading.count == 400_000)
        #expect(reading.sum == 50_000 * (0.5 + 1.5 + 2.5 + 3.5) + 100_000)
    }

    @Test func takenLaneSendsObservationsToTheSharedOne() throws {
        let histogram = try MetricRegistry().histogram("h", help: "h", buckets: [1])
        let record = HistogramLane(record: histogram.series)
        #expect(record.take())
        histogram.observe(0.5)
        record.give()
        let tagged = histogram.series.stripes.pointee.load(ordering: .relaxed)
        #expect(tagged != 0)
        let bytes = histogram.series.head.pointee.laneBytes
        for index in 0..<Stripes.count(tagged) {
            #expect(HistogramLane(stripe: Stripes.base(tagged) + index * bytes).take())
        }
        histogram.observe(2)
        histogram.observe(.seconds(3))
        #expect(histogram.count == 3)
        #expect(histogram.sum == 5.5)
    }

    @Test func sumOfNanosecondsDoesNotWrap() throws {
        let histogram = try MetricRegistry().histogram("h", help: "h")
        for _ in 0..<5 { histogram.observe(nanoseconds: 1 << 61) }
        #expect(histogram.sum == 5 * Double(UInt64(1) << 61) / 1e9)
    }
}
