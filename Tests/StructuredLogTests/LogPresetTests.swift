// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument
import StructuredLog
import Testing

@Suite struct LogPresetTests {
    private struct Failure: Error, CustomStringConvertible {
        var description: String { "disk \"full\"" }
    }

    private func line(_ preset: LogPreset, error: (any Error)? = nil) throws -> String {
        let capture = LogCapture()
        let pipeline = try LogPipeline(
            LogPipeline.Configuration(
                outputs: [LogOutput(.capture(capture), preset: preset)],
                trace: { LogTrace(traceID: "0af7651916cd43dd8448eb211c80319c", spanID: "b7ad6b7169203331") },
                time: .manual(ManualClock())))
        let log = StructuredLogger("shop.orders", pipeline: pipeline).child { $0["tenant"] = "a b" }
        log.log(
            .notice, "order \"x\" placed", error: error, fileID: "Shop/Orders.swift", function: "place(_:)", line: 9
        ) {
            $0["id"] = 7
            $0["user"] = ["name": "é"]
            $0["level"] = "mine"
            $0["none"] = nil
        }
        return try #require(capture.lines.first)
    }

    @Test func seedHasThePythonNames() throws {
        #expect(
            try line(.seed) == #"{"timestamp":"2026-01-01T00:00:00.000Z","level":"NOTICE","logger":"shop.orders","#
                + #""message":"order \"x\" placed","trace_id":"0af7651916cd43dd8448eb211c80319c","#
                + #""span_id":"b7ad6b7169203331","module":"Shop","function":"place(_:)","line":9,"tenant":"a b","#
                + #""id":7,"user":{"name":"é"},"level_":"mine","none":null}"#)
    }

    @Test("ecs-logging: @timestamp, log.level and message come first, ecs.version is present")
    func ecsHasItsOrder() throws {
        #expect(
            try line(.ecs, error: Failure()) == #"{"@timestamp":"2026-01-01T00:00:00.000Z","log.level":"notice","#
                + #""message":"order \"x\" placed","ecs.version":"8.11.0","log.logger":"shop.orders","#
                + #""trace.id":"0af7651916cd43dd8448eb211c80319c","span.id":"b7ad6b7169203331","#
                + #""log.origin.file.name":"Shop/Orders.swift","log.origin.function":"place(_:)","#
                + #""log.origin.file.line":9,"#
                + #""error.type":"StructuredLogTests.LogPresetTests.Failure","error.message":"disk \"full\"","#
                + #""tenant":"a b","id":7,"user":{"name":"é"},"level":"mine","none":null}"#)
    }

    @Test("Cloud Logging: severity and the special fields")
    func gcpHasItsSpecialFields() throws {
        #expect(
            try line(.gcp(project: "p-1")) == #"{"time":"2026-01-01T00:00:00.000Z","severity":"NOTICE","#
                + #""message":"order \"x\" placed","logger":"shop.orders","#
                + #""logging.googleapis.com/trace":"projects/p-1/traces/0af7651916cd43dd8448eb211c80319c","#
                + #""logging.googleapis.com/spanId":"b7ad6b7169203331","#
                + #""logging.googleapis.com/sourceLocation":{"file":"Shop/Orders.swift","line":"9","function":"place(_:)"},"#
                + #""tenant":"a b","id":7,"user":{"name":"é"},"level":"mine","none":null}"#)
    }

    @Test("OpenTelemetry data model: Attributes hold everything that has no field of its own")
    func otelNestsAttributes() throws {
        #expect(
            try line(.otel, error: Failure()) == #"{"Timestamp":"1767225600000000000","SeverityText":"NOTICE","#
                + #""SeverityNumber":10,"InstrumentationScope":{"Name":"shop.orders"},"Body":"order \"x\" placed","#
                + #""TraceId":"0af7651916cd43dd8448eb211c80319c","SpanId":"b7ad6b7169203331","Attributes":{"#
                + #""code.file.path":"Shop/Orders.swift","code.function.name":"place(_:)","code.line.number":9,"#
                + #""exception.type":"StructuredLogTests.LogPresetTests.Failure","exception.message":"disk \"full\"","#
                + #""tenant":"a b","id":7,"user":{"name":"é"},"level":"mine","none":null}}"#)
    }

    @Test func errorsOfPrivateTypesHaveNamesThatStayTheSame() throws {
        struct Local: Error {}
        #expect(
            try line(.ecs, error: Box<Failure>.Inner()).contains(
                #""error.type":"StructuredLogTests.LogPresetTests.Box<StructuredLogTests.LogPresetTests.Failure>.Inner","#
            ))
        let type = try #require(try parsed(line(.ecs, error: Local()))["error.type"] as? String)
        #expect(!type.contains("$"))
        #expect(type.hasSuffix("Local"))
    }

    private struct Box<Value> { struct Inner: Error {} }

    @Test func logfmtQuotesWhatIsNotOneWord() throws {
        #expect(
            try line(.logfmt, error: Failure()) == #"time=2026-01-01T00:00:00.000Z level=notice logger=shop.orders "#
                + #"msg="order \"x\" placed" trace_id=0af7651916cd43dd8448eb211c80319c span_id=b7ad6b7169203331 "#
                + #"function="place(_:)" line=9 error_type=StructuredLogTests.LogPresetTests.Failure "#
                + #"error="disk \"full\"" tenant="a b" id=7 user="{\"name\":\"é\"}" level_=mine none=null"#)
    }

    @Test func consoleReadsLikeALineAndStartsWithDateTimeLevel() throws {
        let text = try line(.console)
        #expect(
            text == #"2026-01-01 00:00:00.000 NOTICE shop.orders order "x" placed "#
                + #"trace_id=0af7651916cd43dd8448eb211c80319c span_id=b7ad6b7169203331 tenant="a b" id=7 "#
                + #"user="{\"name\":\"é\"}" level_=mine none=null"#)
        #expect(try line(.console(colours: true)).contains("\u{1B}[36mNOTICE\u{1B}[0m"))
    }

    @Test(arguments: [
        (
            LogPreset.seed,
            #"{"timestamp":"2026-01-01T00:00:00.000Z","level":"INFO","logger":"own","message":"m"FIELDS}"#
        ),
        (
            .ecs,
            #"{"@timestamp":"2026-01-01T00:00:00.000Z","log.level":"info","message":"m","ecs.version":"8.11.0","#
                + #""log.logger":"own"FIELDS}"#
        ),
        (.gcp(), #"{"time":"2026-01-01T00:00:00.000Z","severity":"INFO","message":"m","logger":"own"FIELDS}"#),
        (
            .otel,
            #"{"Timestamp":"1767225600000000000","SeverityText":"INFO","SeverityNumber":9,"#
                + #""InstrumentationScope":{"Name":"own"},"Body":"m","Attributes":{FIELDS}}"#
        ),
        (.logfmt, #"time=2026-01-01T00:00:00.000Z level=info logger=own msg="m"FIELDS"#),
        (.console, "2026-01-01 00:00:00.000 INFO own mFIELDS"),
    ])
    func aLineOfThePackageHasNoSource(preset: LogPreset, expected: String) throws {
        // With one output and with several, whose fields are set aside first.
        for count in 1...2 {
            let capture = LogCapture()
            let outputs = Array(repeating: LogOutput(.capture(capture), preset: preset), count: count)
            let pipeline = try LogPipeline(outputs: outputs, time: .manual(ManualClock()))
            let log = StructuredLogger("own", pipeline: pipeline)
            log.logWithoutSource(.info, "m") { _ in }
            log.logWithoutSource(.info, "m") {
                $0["a"] = 1
                $0["b"] = true
            }
            log.logWithoutSource(.debug, "off") { _ in }
            let isText = preset == .logfmt || preset == .console
            var fields = isText ? " a=1 b=true" : #","a":1,"b":true"#
            if preset == .otel { fields.removeFirst() }
            let lines = ["", fields].map { expected.replacingOccurrences(of: "FIELDS", with: $0) }
            #expect(capture.lines == lines.flatMap { Array(repeating: $0, count: count) })
        }
    }

    @Test func aLineOfThePackageIsSampledByItsPlace() throws {
        let capture = LogCapture()
        let pipeline = try LogPipeline(
            LogPipeline.Configuration(
                outputs: [LogOutput(.capture(capture))], sampling: LogSampling(first: 1, thereafter: 0),
                time: .manual(ManualClock())))
        let log = StructuredLogger("own", pipeline: pipeline)
        for _ in 0..<3 {
            log.logWithoutSource(.info, "one") { _ in }
            log.logWithoutSource(.info, "two") { _ in }
        }
        pipeline.flush()
        let messages = try capture.lines.map { try parsed($0)["message"] as? String }
        #expect(messages == ["one", "two", "lines were suppressed", "lines were suppressed"])
        #expect(!capture.lines.contains { $0.contains("\"module\"") })
    }

    @Test(arguments: [LogPreset.seed, .ecs, .gcp(), .otel, .logfmt, .console])
    func injectedTextStaysOnItsLineWithoutControlBytes(preset: LogPreset) throws {
        let attacks = [
            "a\nb", "a\r\nb", "\u{1B}[31mred\u{1B}[0m", "\u{9B}31m", "\u{85}next", "\u{2028}\u{2029}",
            "\u{202E}gnp.exe",
            "\u{2066}x\u{2069}", "\u{0}\u{7F}\u{8}", "\",\"level\":\"CRITICAL\"", "\\", "{\"a\":1}\n{\"b\":2}",
        ]
        let capture = LogCapture()
        let log = try StructuredLogger("inj\u{1B}ected", output: LogOutput(.capture(capture), preset: preset))
        for attack in attacks {
            capture.removeAll()
            log.error(attack, error: CocoaError(.fileNoSuchFile, userInfo: ["x": attack])) {
                $0["field"] = attack
                $0[dynamic: attack] = attack
                $0.object("nested") { $0[dynamic: attack] = [attack] }
            }
            #expect(capture.lines.count == 1)
            let scalars = capture.lines[0].unicodeScalars
            #expect(
                !scalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }, "\(attack.debugDescription)")
            #expect(!scalars.contains { $0.value == 0x2028 || $0.value == 0x2029 })
            if preset == .console || preset == .logfmt {
                #expect(
                    !scalars.contains { (0x202A...0x202E).contains($0.value) || (0x2066...0x2069).contains($0.value) })
            } else {
                _ = try parsed(capture.lines[0])
            }
        }
    }

    @Test(arguments: [LogPreset.seed, .ecs, .gcp(), .otel, .logfmt, .console])
    func everyLayoutIsBounded(preset: LogPreset) throws {
        let capture = LogCapture()
        let pipeline = try LogPipeline(
            LogPipeline.Configuration(outputs: [LogOutput(.capture(capture), preset: preset)], lineBytesMax: 900))
        let log = StructuredLogger("bounded", pipeline: pipeline)
        for length in stride(from: 500, to: 900, by: 1) {
            log.error("m", error: Failure()) {
                $0["kept"] = 1
                $0["long"] = String(repeating: "x", count: length)
            }
        }
        log.info(String(repeating: "é\"", count: 5_000)) { $0["gone"] = String(repeating: "z", count: 99_999) }
        #expect(capture.lines.count == 401)
        for line in capture.lines {
            #expect(line.utf8.count <= 900)
            if preset.hashValue == LogPreset.seed.hashValue || line.hasPrefix("{") { _ = try parsed(line) }
        }
        #expect(capture.lines.last?.contains("truncated") == true)
    }

    @Test(arguments: [LogPreset.seed, .ecs, .gcp(), .otel])
    func aMessageOfAnyLengthLeavesAWholeObject(preset: LogPreset) throws {
        let bench = try LogBench(preset: preset, lineBytesMax: 512)
        for length in 200..<700 {
            let message = String(repeating: "m", count: length)
            bench.log.log(.info, message, fileID: "M/F.swift", function: "f()", line: 1)
        }
        #expect(bench.capture.lines.count == 500)
        for line in bench.capture.lines {
            #expect(line.utf8.count <= 512)
            _ = try parsed(line)
        }
    }

    @Test func outputsOfDifferentLayoutsShareOneEvaluation() throws {
        let json = LogCapture()
        let text = LogCapture()
        let pipeline = try LogPipeline(outputs: [
            LogOutput(.capture(json), preset: .otel), LogOutput(.capture(text), preset: .logfmt),
            LogOutput(.capture(json), preset: .ecs),
        ])
        var evaluated = 0
        StructuredLogger("fan", pipeline: pipeline).info("m") {
            evaluated += 1
            $0["a"] = 1
            $0["a"] = 2
            $0["big"] = String(repeating: "b", count: 20_000)
        }
        #expect(evaluated == 1)
        #expect(json.lines.count == 2 && text.lines.count == 1)
        for line in json.lines { #expect(line.contains(#""a":2,"truncated":true,"original_bytes":20"#)) }
        #expect(text.lines[0].contains("a=2 truncated=true original_bytes=20"))
        let attributes = try #require(try parsed(json.lines[0])["Attributes"] as? [String: Any])
        #expect(attributes["a"] as? Int == 2)
    }
}
