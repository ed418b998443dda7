// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument
import StructuredLog
import Testing

@Suite struct StructuredLoggerTests {
    private struct OutOfStock: Error, CustomStringConvertible {
        var description: String { "no \"A7\" left" }
    }

    @Test func aLineIsOneFlatObjectInAFixedOrder() throws {
        let bench = try LogBench()
        bench.clock.advance(by: .milliseconds(7))
        bench.log.log(.warning, "order placed", fileID: "Shop/Orders.swift", function: "place(_:)", line: 17) {
            $0["order_id"] = 4_711
            $0["total"] = 12.5
        }
        #expect(
            bench.capture.lines == [
                #"{"timestamp":"2026-01-01T00:00:00.007Z","level":"WARNING","logger":"bench","message":"order placed","#
                    + #""module":"Shop","function":"place(_:)","line":17,"order_id":4711,"total":12.5}"#
            ])
    }

    @Test func anErrorIsWrittenWithItsTypeInFrontOfTheFields() throws {
        let bench = try LogBench()
        bench.log.log(.error, "failed", error: OutOfStock(), fileID: "M/F.swift", function: "f()", line: 1) {
            $0["id"] = 1
        }
        let line = try #require(bench.capture.lines.first)
        #expect(line.hasSuffix(#"OutOfStock: no \"A7\" left","id":1}"#))
        let exception = try #require(try parsed(line)["exception"] as? String)
        #expect(exception.hasPrefix("StructuredLogTests."))
    }

    @Test func nothingIsEvaluatedWhenTheLevelIsOff() throws {
        let bench = try LogBench(level: .warning)
        var evaluated = 0
        func count(_ text: String) -> String {
            evaluated += 1
            return text
        }
        func failure() -> (any Error)? {
            evaluated += 1
            return OutOfStock()
        }
        bench.log.info(count("off"), error: failure()) { _ in evaluated += 1 }
        #expect(evaluated == 0)
        #expect(bench.capture.lines.isEmpty)
        bench.log.warning(count("on"), error: failure()) { _ in evaluated += 1 }
        #expect(evaluated == 3)
    }

    @Test(arguments: LogLevel.allCases)
    func eachLevelHasItsMethodAndName(level: LogLevel) throws {
        let bench = try LogBench()
        switch level {
        case .trace: bench.log.trace("m")
        case .debug: bench.log.debug("m")
        case .info: bench.log.info("m")
        case .notice: bench.log.notice("m")
        case .warning: bench.log.warning("m")
        case .error: bench.log.error("m")
        case .critical: bench.log.critical("m")
        }
        let line = try parsed(try #require(bench.capture.lines.first))
        #expect(line["level"] as? String == level.description.uppercased())
        #expect(line["function"] as? String == "eachLevelHasItsMethodAndName(level:)")
        #expect(LogLevel(name: level.description.uppercased()) == level)
    }

    @Test func aChildCarriesItsContextAndWinsOverItsParent() throws {
        let bench = try LogBench()
        let parent = bench.log.child {
            $0["request_id"] = "r-1"
            $0["user"] = "anne"
        }
        let child = parent.child {
            $0["user"] = "bob"
            $0["step"] = 2
        }
        child.log(.info, "m", fileID: "M/F.swift", function: "f()", line: 1) { $0["n"] = 1 }
        #expect(LogBench.behindHead(bench.capture.lines[0]) == #""request_id":"r-1","user":"bob","step":2,"n":1"#)
        parent.log(.info, "m", fileID: "M/F.swift", function: "f()", line: 1)
        #expect(LogBench.behindHead(bench.capture.lines[1]) == #""request_id":"r-1","user":"anne""#)
    }

    @Test func aCallSiteFieldCutsTheContextFieldOfItsName() throws {
        let bench = try LogBench()
        let child = bench.log.child {
            $0["a"] = 1
            $0["b"] = "two"
            $0["c"] = 3
        }
        child.log(.info, "m", fileID: "M/F.swift", function: "f()", line: 1) {
            $0["x"] = 0
            $0["b"] = 22
            $0["c"] = 33
            $0["y"] = 9
            $0["b"] = 222
        }
        #expect(LogBench.behindHead(bench.capture.lines[0]) == #""a":1,"x":0,"b":222,"c":33,"y":9"#)
    }

    @Test func loggingFromWithinAFieldClosureGivesTwoWholeLines() throws {
        let bench = try LogBench()
        bench.log.info("outer") {
            $0["before"] = 1
            bench.log.info("inner") { $0["nested"] = true }
            $0["after"] = 2
        }
        let lines = try bench.capture.lines.map(parsed)
        #expect(lines.map { $0["message"] as? String } == ["inner", "outer"])
        #expect(lines[1]["after"] as? Int == 2)
        #expect(lines[1]["nested"] == nil)
    }

    @Test func outputsHaveLevelsOfTheirOwnAndOneEvaluation() throws {
        let everything = LogCapture()
        let failures = LogCapture()
        let pipeline = try LogPipeline(
            outputs: [
                LogOutput(.capture(everything)), LogOutput(.capture(failures), level: .error),
            ], level: .debug)
        let log = StructuredLogger("two", pipeline: pipeline).child { $0["host"] = "h1" }
        var evaluated = 0
        for level in [LogLevel.info, .error] {
            log.log(level, "m") {
                evaluated += 1
                $0["host"] = "h2"
                $0["n"] = evaluated
            }
        }
        #expect(evaluated == 2)
        #expect(everything.lines.count == 2)
        #expect(failures.lines == [everything.lines[1]])
        #expect(everything.lines[1].hasSuffix(#","host":"h2","n":2}"#))
        #expect(pipeline.statistics.map(\.written) == [2, 1])
    }
}
