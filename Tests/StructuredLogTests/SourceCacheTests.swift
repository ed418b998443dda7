// SPDX-License-Identifier: Apache-2.0

import Instrument
import StructuredLog
import Testing

/// A call site's source is rendered once for each thread; every line still tells its own.
@Suite struct SourceCacheTests {
    @Test(arguments: [LogPreset.seed, .ecs, .gcp(), .otel, .logfmt])
    func everyOfMoreSitesThanAreKeptTellsItsOwnPlace(preset: LogPreset) throws {
        let bench = try LogBench(preset: preset)
        func log(line: UInt) {
            bench.log.log(.info, "m", fileID: "M/F.swift", function: "f()", line: line)
            bench.log.log(.info, "m", fileID: "N/G.swift", function: "g()", line: line)
        }
        for line: UInt in 1...200 { log(line: line) }
        let first = bench.capture.lines
        #expect(Set(first).count == 400)
        bench.capture.removeAll()
        for line: UInt in 1...200 {
            log(line: line)
            log(line: line)
        }
        let again = bench.capture.lines
        for index in 0..<200 {
            #expect(again[4 * index] == first[2 * index] && again[4 * index + 2] == first[2 * index])
            #expect(again[4 * index + 1] == first[2 * index + 1] && again[4 * index + 3] == first[2 * index + 1])
        }
    }

    @Test func oneSiteIsWrittenAsEachOutputAsks() throws {
        let seed = LogCapture()
        let ecs = LogCapture()
        let otel = LogCapture()
        let pipeline = try LogPipeline(
            outputs: [
                LogOutput(.capture(seed)), LogOutput(.capture(ecs), preset: .ecs),
                LogOutput(.capture(otel), preset: .otel),
            ], time: .manual(ManualClock()))
        let log = StructuredLogger("bench", pipeline: pipeline)
        for _ in 0..<3 { log.log(.info, "m", fileID: "M/F.swift", function: "f()", line: 7) { $0["a"] = 1 } }
        #expect(
            seed.lines.allSatisfy { $0.hasSuffix(#""message":"m","module":"M","function":"f()","line":7,"a":1}"#) })
        #expect(
            ecs.lines.allSatisfy {
                $0.hasSuffix(
                    #","log.origin.file.name":"M/F.swift","log.origin.function":"f()","log.origin.file.line":7,"a":1}"#)
            })
        #expect(
            otel.lines.allSatisfy {
                $0.hasSuffix(
                    #""Attributes":{"code.file.path":"M/F.swift","code.function.name":"f()","code.line.number":7,"a":1}}"#
                )
            })
        #expect(seed.lines.count == 3 && ecs.lines.count == 3 && otel.lines.count == 3)
    }

    @Test func aFunctionsNameIsCutBetweenCharacters() throws {
        let bench = try LogBench()
        bench.log.log(
            .info, "m", fileID: "M/F.swift",
            function: """
                x\
                éééééééééééééééééééééééééééééééééééééééééééééééééé\
                éééééééééééééééééééééééééééééééééééééééééééééééééé\
                éééééééééééééééééééééééééééééééééééééééééééééééééé\
                éééééééééééééééééééééééééééééééééééééééééééééééééé\
                éééééééééééééééééééééééééééééééééééééééééééééééééé\
                éééééééééééééééééééééééééééééééééééééééééééééééééé
                """, line: 9)
        #expect(bench.capture.lines[0].hasSuffix(String(repeating: "é", count: 255) + #"","line":9}"#))
    }

    @Test func aFunctionWhoseTextIsTooLongToKeepIsStillTold() throws {
        let bench = try LogBench()
        for _ in 0..<2 {
            bench.log.log(
                .info, "m", fileID: "M/F.swift",
                function:
                    "aFunctionWithQuiteALongName(andWith:manyLabels:eachOfWhich:isLong:enough:toFill:theEntry:ofTheTable:onceMore:)",
                line: 9)
        }
        let expected =
            #","function":"aFunctionWithQuiteALongName(andWith:manyLabels:eachOfWhich:isLong:enough:toFill:theEntry:ofTheTable:onceMore:)","line":9}"#
        #expect(bench.capture.lines.count == 2)
        #expect(bench.capture.lines.allSatisfy { $0.hasSuffix(expected) })
    }
}
