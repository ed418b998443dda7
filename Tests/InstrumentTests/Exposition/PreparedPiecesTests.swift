// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Instrument

/// What a family renders once must come out in every format as if it were rendered for each sample.
@Suite struct PreparedPiecesTests {
    private enum State: String, CaseIterable, Sendable { case up, down }

    /// Texts with every byte and scalar that some format escapes, and some that none does.
    static let texts: [String] =
        (0..<0xA0).map { "<" + String(Unicode.Scalar(UInt32($0))!) + ">" }
        + [
            "", "\\", "\\\\n", "\"\"", "a\"b\\c\nd\r\te", "\u{2028}\u{2029}", "\u{7F}\u{80}\u{9F}", "é\u{E2}\u{2030}€𝄞",
            "<\u{FEFF}>", "{x=\"y\"} 1", "a,b=c", String(repeating: "\n", count: 1_024),
            String(repeating: "é", count: 512),
        ]

    private static func samples(_ bytes: [UInt8]) throws -> [(labels: [String: String], metric: ProtobufMessage)] {
        try #require(ProtobufMessage.delimited(bytes)).flatMap { $0.messages(4) }.map { metric in
            let pairs = metric.messages(1).map { ($0.string(1) ?? "?", $0.string(2) ?? "?") }
            #expect(Set(pairs.map(\.0)).count == pairs.count)
            return (Dictionary(pairs) { first, _ in first }, metric)
        }
    }

    @Test func everyLabelValueComesBackFromJSONAndProtobuf() throws {
        for text in Self.texts {
            let metrics = MetricRegistry(constantLabels: ["zone": text])
            let expected = ["zone": text, "x": text, "y": "-"]
            try metrics.counter("a_total", help: text, labels: "x", "y").with(text, "-").increment()
            let json = try #require(
                try JSONSerialization.jsonObject(with: Data(metrics.expositionBytes(.json))) as? [[String: Any]])
            let sample = try #require((json[0]["samples"] as? [[String: Any]])?.first)
            #expect(sample["labels"] as? [String: String] == expected)
            #expect(json[0]["help"] as? String == text)
            let protobuf = try Self.samples(metrics.expositionBytes(.protobuf))
            #expect(protobuf.map(\.labels) == [expected])
        }
    }

    @Test(arguments: [ExpositionFormat.prometheusText, .openMetrics])
    func everyLabelValueIsEscapedInTextAndNothingElseIs(format: ExpositionFormat) throws {
        for text in Self.texts {
            let metrics = MetricRegistry(constantLabels: ["zone": text])
            try metrics.histogram("h", help: "h", buckets: [1], labels: "x").with(text).observe(2)
            try metrics.stateSet("s", help: "h", of: State.self, labels: "x").with(text).set(.up)
            let escaped = text.unicodeScalars.map { scalar in
                switch scalar {
                case "\\": "\\\\"
                case "\"": "\\\""
                case "\n": "\\n"
                default: String(scalar)
                }
            }.joined()
            let labels = "zone=\"\(escaped)\",x=\"\(escaped)\""
            let one = format == .openMetrics ? "1.0" : "1"
            let output = metrics.exposition(format).unicodeScalars.split(separator: "\n").map { String($0) }
            #expect(
                output.filter { !$0.hasPrefix("#") } == [
                    "h_bucket{\(labels),le=\"\(one)\"} 0", "h_bucket{\(labels),le=\"+Inf\"} 1", "h_sum{\(labels)} 2",
                    "h_count{\(labels)} 1", "s{\(labels),s=\"up\"} 1", "s{\(labels),s=\"down\"} 0",
                ])
        }
    }

    @Test func removedSeriesAreGoneFromEveryFormatAndComeBack() throws {
        let metrics = MetricRegistry(time: .manual(ManualClock()))
        let gone = try metrics.gauge("a", help: "h", labels: "x")
        let kept = try metrics.histogram("b", help: "h", buckets: [1], labels: "x")
        gone.with("1").set(1)
        for value in ["1", "2", "3"] { kept.with(value).observe(1) }
        #expect(try gone.remove("1"))
        #expect(try kept.remove("2"))
        func json() -> String { metrics.exposition(.json) }
        func protobuf() throws -> [[String: String]] {
            try Self.samples(metrics.expositionBytes(.protobuf)).map(\.labels)
        }
        let buckets = #""count":1,"sum":1,"buckets":[{"le":1,"count":1},{"le":"+Inf","count":1}]}"#
        let head = #"{"name":"b","type":"histogram","help":"h","unit":null,"samples":["#
        #expect(
            json() == "[\(head)\n{\"labels\":{\"x\":\"1\"},\(buckets),\n{\"labels\":{\"x\":\"3\"},\(buckets)]}]\n")
        #expect(try protobuf() == [["x": "1"], ["x": "3"]])
        kept.clear()
        #expect(json() == "[]\n")
        #expect(metrics.expositionBytes(.protobuf) == [])
        gone.with("1").set(2)
        #expect(
            json() == """
                [{"name":"a","type":"gauge","help":"h","unit":null,"samples":[
                {"labels":{"x":"1"},"value":2}]}]

                """)
        #expect(try protobuf() == [["x": "1"]])
    }

    @Test(arguments: ExpositionFormat.allCases)
    func expiredSeriesAreGoneFromEveryFormatUntilTheyChange(format: ExpositionFormat) throws {
        let clock = ManualClock()
        let metrics = MetricRegistry(time: .manual(clock))
        let family = try metrics.summary(
            "s", help: "h", quantiles: [0.5], limits: SeriesLimits(idleExpiry: .seconds(60)), labels: "x")
        let idle = family.with("idle-one")
        idle.observe(1)
        family.with("busy-one").observe(1)
        let both = metrics.expositionBytes(format)
        clock.advance(by: .seconds(59))
        family.with("busy-one").observe(1)
        _ = metrics.expositionBytes(format)
        clock.advance(by: .seconds(2))
        let one = metrics.expositionBytes(format)
        idle.observe(1)
        let again = metrics.expositionBytes(format)
        func holds(_ bytes: [UInt8], _ text: String) -> Bool { String(decoding: bytes, as: UTF8.self).contains(text) }
        #expect(holds(both, "idle-one") && holds(both, "busy-one"))
        #expect(!holds(one, "idle-one") && holds(one, "busy-one"))
        #expect(holds(again, "idle-one") && holds(again, "busy-one"))
    }

    @Test func foreignLabelNamesAreReplacedInProtobufAndKeptInJSON() throws {
        let metrics = MetricRegistry(constantLabels: ["the.zone": "a"], names: .utf8)
        try metrics.stateSet("link.état", help: "h", of: State.self, labels: "the.port").with("1").set(.up)
        let protobuf = try Self.samples(metrics.expositionBytes(.protobuf)).map(\.labels)
        #expect(
            protobuf == [
                ["the_zone": "a", "the_port": "1", "link__tat": "up"],
                ["the_zone": "a", "the_port": "1", "link__tat": "down"],
            ])
        #expect(
            metrics.exposition(.json) == """
                [{"name":"link.état","type":"stateSet","help":"h","unit":null,"samples":[
                {"labels":{"the.zone":"a","the.port":"1"},"states":[{"state":"up","active":true},\
                {"state":"down","active":false}]}]}]

                """)
    }

    @Test func eachBucketTellsItsOwnExemplarInProtobuf() throws {
        let text = "a\"\\\n\u{0}é"
        let clock = ManualClock(unixNanoseconds: 1_700_000_000_250_000_000)
        let metrics = MetricRegistry(constantLabels: ["zone": "a"], time: .manual(clock))
        let family = try metrics.histogram("h", help: "h", buckets: [1, 2], labels: "x")
        family.with("plain").observe(1)
        let told = family.with("told")
        told.observe(0.5, exemplar: ["trace_id": "first", "span_id": text])
        clock.advance(by: .seconds(1))
        told.observe(.seconds(9), exemplar: ["trace_id": "last"])
        let samples = try Self.samples(metrics.expositionBytes(.protobuf))
        #expect(samples.map { $0.labels["x"] } == ["plain", "told"])
        let plain = try #require(samples[0].metric.message(7)).messages(3)
        #expect(plain.map { $0.messages(3).isEmpty } == [true, true, true])
        let buckets = try #require(samples[1].metric.message(7)).messages(3)
        #expect(buckets.map { $0.messages(3).count } == [1, 0, 1])
        let first = try #require(buckets[0].message(3))
        #expect(first.messages(1).map { $0.string(1) } == ["trace_id", "span_id"])
        #expect(first.messages(1).map { $0.string(2) } == ["first", text])
        #expect(first.double(2) == 0.5)
        #expect(first.message(3)?.unsigned(1) == 1_700_000_000)
        #expect(first.message(3)?.unsigned(2) == 250_000_000)
        let last = try #require(buckets[2].message(3))
        #expect(last.messages(1).map { $0.string(2) } == ["last"])
        #expect(last.double(2) == 9)
        #expect(last.message(3)?.unsigned(1) == 1_700_000_001)
        #expect(buckets[2].double(2) == .infinity)
    }

    @Test func anExemplarOfAPurelyNativeHistogramStandsBesideItsBuckets() throws {
        let metrics = MetricRegistry()
        let histogram = try metrics.histogram("h", help: "h", buckets: [], native: .standard)
        histogram.observe(3, exemplar: ["trace_id": "t"])
        let message = try #require(try Self.samples(metrics.expositionBytes(.protobuf)).first?.metric.message(7))
        #expect(message.messages(3).isEmpty)
        #expect(message.message(16)?.message(1)?.string(2) == "t")
        #expect(message.message(16)?.double(2) == 3)
    }

    @Test(arguments: ExpositionFormat.allCases)
    func registriesOfAGroupKeepTheirOwnConstantLabelsAndValues(format: ExpositionFormat) throws {
        let registries = ["one", "two", "three"].map {
            MetricRegistry(constantLabels: $0 == "two" ? [:] : ["from": $0])
        }
        for (index, registry) in registries.enumerated() {
            // Each registry counts a refused update under one family's name.
            try registry.counter("c\(index)_total", help: "h", labels: "x").with("v").increment(by: -1)
        }
        var buffer = ByteBuffer()
        let options = ExpositionOptions(families: ["instrument_refused_updates_total", "c1_total"])
        try MetricGroup(registries).write(format, into: &buffer, options: options)
        let expected = [
            ["x": "v"], ["from": "one", "family": "c0_total"], ["family": "c1_total"],
            ["from": "three", "family": "c2_total"],
        ]
        switch format {
        case .protobuf:
            let samples = try Self.samples(buffer.withUnsafeBytes { Array($0) })
            #expect(samples.map(\.labels) == expected)
            #expect(samples.map { $0.metric.message(3)?.double(1) } == [0, 1, 1, 1])
        case .json:
            let families = try #require(
                try JSONSerialization.jsonObject(with: Data(buffer.makeString().utf8)) as? [[String: Any]])
            let samples = families.flatMap { $0["samples"] as? [[String: Any]] ?? [] }
            #expect(samples.map { $0["labels"] as? [String: String] } == expected)
            #expect(samples.map { $0["value"] as? Double } == [0, 1, 1, 1])
        case .prometheusText, .openMetrics:
            let lines = buffer.makeString().split(separator: "\n").filter { !$0.hasPrefix("#") }
            #expect(
                lines == [
                    #"c1_total{x="v"} 0"#, #"instrument_refused_updates_total{from="one",family="c0_total"} 1"#,
                    #"instrument_refused_updates_total{family="c1_total"} 1"#,
                    #"instrument_refused_updates_total{from="three",family="c2_total"} 1"#,
                ])
        }
    }
}
