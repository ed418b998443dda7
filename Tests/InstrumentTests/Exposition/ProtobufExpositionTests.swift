// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Instrument

@Suite struct ProtobufExpositionTests {
    @Test func familiesAreDelimitedMessages() throws {
        let metrics = MetricRegistry(constantLabels: ["zone": "a"], time: .manual(ManualClock()))
        let requests = try metrics.counter("requests_total", help: "R.", labels: "path")
        requests.with("/").increment(by: 2, exemplar: ["trace_id": "t"])
        try metrics.gauge("depth", help: "D.").set(-1.5)
        try metrics.untyped("legacy", help: "L.").set(4)
        let summary = try metrics.summary("sizes_bytes", help: "S.", unit: "bytes", quantiles: [0.5])
        summary.observe(0)
        let families = try #require(ProtobufMessage.delimited(metrics.expositionBytes(.protobuf)))
        #expect(families.map { $0.string(1) } == ["depth", "legacy", "requests_total", "sizes_bytes"])
        #expect(families.map { $0.unsigned(3) } == [1, 3, 0, 2])
        #expect(families[0].message(4)?.message(2)?.double(1) == -1.5)
        #expect(families[1].message(4)?.message(5)?.double(1) == 4)
        let metric = try #require(families[2].message(4))
        #expect(metric.messages(1).map { $0.string(1) } == ["zone", "path"])
        #expect(metric.messages(1).map { $0.string(2) } == ["a", "/"])
        let counter = try #require(metric.message(3))
        #expect(counter.double(1) == 2)
        #expect(counter.message(2)?.message(1)?.string(2) == "t")
        #expect(counter.message(2)?.message(3)?.unsigned(1) == 1_767_225_600)
        #expect(counter.message(3)?.unsigned(1) == 1_767_225_600)
        let read = try #require(families[3].message(4)?.message(4))
        #expect(read.unsigned(1) == 1)
        #expect(read.message(3)?.double(1) == 0.5)
        #expect(families[3].string(5) == "bytes")
    }

    @Test("Each length is one to five bytes of seven bits, the last of them without the high bit")
    func messagesOfEveryLengthStandBehindIt() throws {
        for length in [0, 100, 126, 127, 128, 129, 16_380, 16_384, 16_385, 40_000, 2_097_152, 2_200_000] {
            for width in 1...4 {
                var buffer = ByteBuffer(capacity: 16)
                buffer.append(UInt8(9))
                let text = String(repeating: "x", count: length)
                buffer.append(delimited: width) { $0.append(text) }
                var expected: [UInt8] = [9]
                var rest = length
                while rest >= 128 {
                    expected.append(UInt8(rest % 128 + 128))
                    rest /= 128
                }
                expected.append(UInt8(rest))
                expected += Array(text.utf8)
                #expect(buffer.withUnsafeBytes { Array($0) } == expected, "\(length) bytes, \(width) set aside")
            }
        }
    }

    @Test func stateSetsHaveAMetricForEachState() throws {
        enum State: CaseIterable { case up, down }
        let metrics = MetricRegistry(constantLabels: ["zone": "a"])
        try metrics.stateSet("link", help: "h", of: State.self, labels: "port").with("1").set(.down)
        let families = try #require(ProtobufMessage.delimited(metrics.expositionBytes(.protobuf)))
        let samples = families[0].messages(4)
        #expect(
            samples.map { $0.messages(1).map { $0.string(1) } } == [
                ["zone", "port", "link"], ["zone", "port", "link"],
            ])
        #expect(samples.map { $0.messages(1).map { $0.string(2) } } == [["a", "1", "up"], ["a", "1", "down"]])
        #expect(samples.map { $0.message(2)?.double(1) } == [0, 1])
    }

    @Test func classicHistogramHasCumulativeBuckets() throws {
        let metrics = MetricRegistry()
        let histogram = try metrics.histogram("h", help: "H.", buckets: [1, 2])
        for value in [0.5, 1.5, 1.5, 9] { histogram.observe(value) }
        let families = try #require(ProtobufMessage.delimited(metrics.expositionBytes(.protobuf)))
        let message = try #require(families[0].message(4)?.message(7))
        #expect(message.unsigned(1) == 4)
        #expect(message.double(2) == 12.5)
        #expect(message.messages(3).map { $0.unsigned(1) } == [1, 3, 4])
        #expect(message.messages(3).map { $0.double(2) } == [1, 2, .infinity])
        #expect(message.all(5).isEmpty)
    }

    @Test func nativeHistogramHasSpansAndDeltasThatAddUpToItsCount() throws {
        let metrics = MetricRegistry()
        let histogram = try metrics.histogram(
            "h", help: "H.", buckets: [], native: NativeBuckets(growthFactorMax: 2))
        for value in [1.0, 1.5, 2, 3, 4, 64, 0, -3, -3] { histogram.observe(value) }
        let families = try #require(ProtobufMessage.delimited(metrics.expositionBytes(.protobuf)))
        let message = try #require(families[0].message(4)?.message(7))
        #expect(message.unsigned(1) == 9)
        #expect(message.signeds(5) == [0])
        #expect(message.double(6) == 0x1p-128)
        #expect(message.unsigned(7) == 1)
        // Buckets 0: 1, 1: two, 2: two; 6: one behind a gap of three. Negative: bucket 2: two.
        #expect(message.messages(12).map { $0.signeds(1)[0] } == [0, 3])
        #expect(message.messages(12).map { $0.unsigned(2) } == [3, 1])
        #expect(message.signeds(13) == [1, 1, 0, -1])
        #expect(message.messages(9).map { $0.signeds(1)[0] } == [2])
        #expect(message.signeds(10) == [2])
        #expect(message.messages(3).isEmpty)
        #expect(metrics.exposition().contains("h_count 9\n"))
    }

    @Test func emptyNativeHistogramIsToldApartByAnEmptySpan() throws {
        let metrics = MetricRegistry()
        _ = try metrics.histogram("h", help: "H.", buckets: [], native: .standard)
        let families = try #require(ProtobufMessage.delimited(metrics.expositionBytes(.protobuf)))
        let message = try #require(families[0].message(4)?.message(7))
        #expect(message.messages(12).map { $0.unsigned(2) } == [0])
        #expect(message.signeds(5) == [3])
    }

    @Test func classicBucketsStandBesideNativeOnes() throws {
        let metrics = MetricRegistry()
        let histogram = try metrics.histogram("h", help: "H.", buckets: [1], native: .standard)
        for value in [0.5, 3] { histogram.observe(value) }
        let families = try #require(ProtobufMessage.delimited(metrics.expositionBytes(.protobuf)))
        let message = try #require(families[0].message(4)?.message(7))
        #expect(message.messages(3).map { $0.unsigned(1) } == [1, 2])
        #expect(message.signeds(13) == [1, 0])
    }
}
