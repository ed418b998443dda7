// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument
import StructuredLog
import TestSupport
import Testing

@Suite struct LogSuppressionTests {
    private func makePipeline(
        _ capture: LogCapture, _ clock: ManualClock, sampling: LogSampling? = nil, rateLimit: LogRateLimit? = nil
    ) throws -> LogPipeline {
        try LogPipeline(
            LogPipeline.Configuration(
                outputs: [LogOutput(.capture(capture))], sampling: sampling, rateLimit: rateLimit,
                time: .manual(clock)))
    }

    @Test func eachPlacePassesItsFirstLinesThenEveryFew() throws {
        let capture = LogCapture()
        let clock = ManualClock()
        let pipeline = try makePipeline(capture, clock, sampling: LogSampling(first: 2, thereafter: 10))
        let log = StructuredLogger("s", pipeline: pipeline)
        for index in 1...30 { log.info("often") { $0["index"] = index } }
        log.info("elsewhere")
        for _ in 1...5 { log.warning("exempt") }
        let passed = try capture.lines.map(parsed)
        #expect(passed.compactMap { $0["index"] as? Int } == [1, 2, 12, 22])
        #expect(passed.count == 4 + 1 + 5)
        #expect(pipeline.suppressedLines == 26)
        clock.advance(by: .seconds(1))
        capture.removeAll()
        log.info("next window")
        let summary = try parsed(capture.lines[0])
        #expect(summary["event"] as? String == "log.suppressed")
        #expect(summary["count"] as? Int == 26 && summary["sampled"] as? Int == 26)
        #expect(summary["function"] as? String == "eachPlacePassesItsFirstLinesThenEveryFew()")
        #expect(try parsed(capture.lines[1])["message"] as? String == "next window")
    }

    @Test func theSummaryComesWithoutAnotherLine() async throws {
        let capture = LogCapture()
        let pipeline = try LogPipeline(
            LogPipeline.Configuration(
                outputs: [LogOutput(.capture(capture))],
                sampling: LogSampling(first: 1, thereafter: 0, per: .milliseconds(50))))
        let log = StructuredLogger("s", pipeline: pipeline)
        for _ in 0..<10 { log.info("often") }
        func told() throws -> Int { try capture.lines.map(parsed).reduce(0) { $0 + ($1["sampled"] as? Int ?? 0) } }
        _ = try await eventually { try told() >= Int(pipeline.suppressedLines) }
        #expect(try told() == Int(pipeline.suppressedLines))
        #expect(try told() > 0)
    }

    @Test func aRateLimitLetsABurstThroughAndRefills() throws {
        let capture = LogCapture()
        let clock = ManualClock()
        let pipeline = try makePipeline(capture, clock, rateLimit: LogRateLimit(linesPerSecond: 10, burst: 5))
        let log = StructuredLogger("s", pipeline: pipeline)
        for _ in 0..<20 { log.info("a") }
        for _ in 0..<3 { log.error("exempt") }
        #expect(capture.lines.count == 8)
        clock.advance(by: .milliseconds(200))
        for _ in 0..<5 { log.info("b") }
        #expect(capture.lines.count == 10)
        pipeline.flush()
        let summaries = try capture.lines.map(parsed).filter { $0["event"] as? String == "log.suppressed" }
        #expect(summaries.reduce(0) { $0 + ($1["rate_limited"] as? Int ?? 0) } == 18)
        clock.advance(by: .seconds(3_600))
        capture.removeAll()
        for _ in 0..<20 { log.info("c") }
        #expect(capture.lines.filter { $0.contains(#""message":"c""#) }.count == 5)
    }
}
