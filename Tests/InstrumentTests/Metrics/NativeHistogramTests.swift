// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import Instrument

@Suite struct NativeHistogramTests {
    private func make(_ native: NativeBuckets, time: TimeSource = .system) throws -> Histogram {
        try MetricRegistry(time: time).histogram("h", help: "h", buckets: [], native: native)
    }

    @Test(
        arguments: [
            (1.1, 3), (1.0027, 8), (1.0001, 8), (2, 0), (1.5, 1), (4, -1), (65_536, -4), (1e9, -4), (1.001, 8),
        ] as [(Double, Int)]) func growthFactorChoosesTheNextFinerSchema(factor: Double, schema: Int)
    {
        #expect(NativeBuckets(growthFactorMax: factor).schema == schema)
    }

    @Test(arguments: -4...8) func everyValueLiesInItsBucket(schema: Int) {
        let scale = LogScale.of(schema: schema)
        let seed = UInt64(42 + schema + 4)
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<5_000 {
            let value = Double(bitPattern: UInt64.random(in: 1..<0x7FE0_0000_0000_0000, using: &generator))
            let index = scale.index(value)
            #expect(scale.upperBound(index) >= value, "seed \(seed), \(value)")
            #expect(scale.upperBound(index - 1) < value, "seed \(seed), \(value)")
        }
    }

    @Test(arguments: [0, 1, 3, 8]) func boundsBelongToTheBucketBelow(schema: Int) {
        let scale = LogScale.of(schema: schema)
        for index in stride(from: -300, through: 300, by: 7) {
            let bound = scale.upperBound(index)
            #expect(scale.index(bound) == index)
            #expect(scale.index(bound.nextUp) == index + 1)
        }
    }

    @Test func subnormalValuesHaveBuckets() {
        let scale = LogScale.of(schema: 0)
        #expect(scale.index(.leastNonzeroMagnitude) == -1_074)
        #expect(scale.index(.leastNormalMagnitude) == -1_022)
        #expect(scale.index(.leastNormalMagnitude / 3) == -1_023)
        #expect(scale.index(.greatestFiniteMagnitude) == 1_024)
    }

    @Test func resolutionIsHalvedUntilTheBucketsFit() throws {
        let histogram = try make(NativeBuckets(growthFactorMax: 1.1, bucketsMax: 8))
        let values = (1...200).map { Double($0) }
        for value in values { histogram.observe(value) }
        let reading = try #require(histogram.series.readNative())
        #expect(reading.positive.count <= 8)
        #expect(reading.schema < 3)
        #expect(reading.count == 200)
        let scale = LogScale.of(schema: reading.schema)
        var expected: [Int: UInt64] = [:]
        for value in values { expected[scale.index(value), default: 0] += 1 }
        #expect(Dictionary(uniqueKeysWithValues: reading.positive.map { ($0.index, $0.count) }) == expected)
    }

    @Test func zeroBucketIsWidenedFirstWhenItMay() throws {
        let histogram = try make(
            NativeBuckets(growthFactorMax: 2, bucketsMax: 8, zeroThreshold: 0x1p-20, zeroThresholdMax: 0x1p-4))
        for exponent in -19...(-8) { histogram.observe(scalbn(1, exponent)) }
        let reading = try #require(histogram.series.readNative())
        #expect(reading.schema == 0)
        #expect(reading.positive.count == 8)
        #expect(reading.zeroCount == 4)
        #expect(reading.zeroThreshold == 0x1p-16)
        #expect(reading.count == 12)
    }

    @Test func histogramStartsOverWhenItIsOldEnough() throws {
        let clock = ManualClock()
        let metrics = MetricRegistry(time: .manual(clock))
        let histogram = try metrics.histogram(
            "h", help: "h", buckets: [1e9],
            native: NativeBuckets(growthFactorMax: 2, bucketsMax: 8, resetIntervalMin: .seconds(60)))
        for exponent in 0..<8 { histogram.observe(scalbn(1, exponent)) }
        clock.advance(by: .seconds(61))
        histogram.observe(scalbn(1, 20))
        let reading = try #require(histogram.series.readNative())
        #expect(reading.positive == [.init(index: 20, count: 1)])
        #expect(histogram.count == 1)
        #expect(histogram.sum == scalbn(1, 20))
        #expect(
            metrics.exposition(.openMetrics, options: ExpositionOptions(showsCreated: true)).contains(
                "h_created 1767225661.000"))
        for exponent in 0..<9 { histogram.observe(scalbn(1, exponent)) }
        #expect(try #require(histogram.series.readNative()).schema == -1)
        #expect(histogram.count == 10)
    }

    @Test func totalsAreExactWhenThreadsCollideAndTheResolutionIsHalved() throws {
        let histogram = try make(NativeBuckets(growthFactorMax: 1.01, bucketsMax: 20))
        let threads = try (0..<4).map { number in
            try PlainThread(name: "observer") {
                var generator = SeededGenerator(seed: UInt64(number))
                for _ in 0..<20_000 {
                    histogram.observe(Double(UInt64.random(in: 1...1_000_000, using: &generator)))
                }
            }
        }
        for _ in 0..<200 {
            let reading = try #require(histogram.series.readNative())
            #expect(reading.count <= 80_000)
        }
        for thread in threads { thread.join() }
        let reading = try #require(histogram.series.readNative())
        #expect(reading.count == 80_000)
        #expect(reading.positive.count <= 20)
        #expect(histogram.count == 80_000)
    }

    @Test func gapsOfTwoBucketsAreFilledAndLongerOnesAreNot() {
        let spans = NativeSpans([
            .init(index: -3, count: 2), .init(index: 0, count: 5), .init(index: 1, count: 1), .init(index: 5, count: 4),
        ])
        #expect(spans.spans == [.init(offset: -3, length: 5), .init(offset: 3, length: 1)])
        #expect(spans.deltas == [2, -2, 0, 5, -4, 3])
    }

    @Test(arguments: [
        NativeBuckets(growthFactorMax: 1), NativeBuckets(growthFactorMax: .nan), NativeBuckets(bucketsMax: 1),
        NativeBuckets(zeroThreshold: 0), NativeBuckets(zeroThreshold: 1, zeroThresholdMax: 0.5),
    ]) func senselessOptionsAreRefused(native: NativeBuckets) {
        let error = #expect(throws: MetricError.self) { try make(native) }
        #expect(error?.code == .invalidOption)
    }
}
