// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument
import StructuredLog
import TestSupport
import Testing

@Suite struct AsynchronousChannelTests {
    /// A sink that can be held shut.
    private final class Gate: Sendable {
        private let state = Monitor((isOpen: true, lines: [String]()))
        var lines: [String] { state.withLock { $0.lines } }

        func set(open: Bool) {
            state.withLock { $0.isOpen = open }
            state.wakeAll()
        }

        func take(_ bytes: UnsafeRawBufferPointer) {
            let text = String(decoding: bytes, as: UTF8.self)
            _ = state.wait { $0.isOpen ? true : nil }
            state.withLock { $0.lines += text.split(separator: "\n").map(String.init) }
        }
    }

    private func makePipeline(_ gate: Gate, _ policy: LogDelivery.Policy, queueBytes: Int = 131_072) throws
        -> LogPipeline
    {
        try LogPipeline(outputs: [
            LogOutput(
                .custom { gate.take($0) }, delivery: .asynchronous(policy, queueBytes: queueBytes))
        ])
    }

    private func expectExact(_ statistics: LogStatistics) {
        #expect(statistics.accepted == statistics.written + statistics.dropped + statistics.inFlight)
    }

    @Test func everyLineArrivesOnceAndInOrderPerThread() throws {
        let gate = Gate()
        let pipeline = try makePipeline(gate, .block)
        let log = StructuredLogger("many", pipeline: pipeline)
        let threads = try (0..<4).map { thread in
            try PlainThread(name: "producer") {
                for index in 0..<5_000 {
                    log.info("m") {
                        $0["thread"] = thread
                        $0["index"] = index
                    }
                }
            }
        }
        threads.forEach { $0.join() }
        #expect(pipeline.flush(deadline: .seconds(60)))
        let statistics = pipeline.statistics[0]
        expectExact(statistics)
        #expect(statistics.written == 20_000 && statistics.dropped == 0 && statistics.inFlight == 0)
        var next = [0, 0, 0, 0]
        for line in gate.lines {
            let object = try parsed(line)
            let thread = try #require(object["thread"] as? Int)
            #expect(object["index"] as? Int == next[thread])
            next[thread] += 1
        }
        #expect(next == [5_000, 5_000, 5_000, 5_000])
    }

    @Test(arguments: [LogDelivery.Policy.dropNewest, .dropBelow(.error), .blockUpTo(.milliseconds(1))])
    func aFullQueueDropsAndReportsExactly(policy: LogDelivery.Policy) throws {
        let gate = Gate()
        let pipeline = try makePipeline(gate, policy)
        let log = StructuredLogger("full", pipeline: pipeline)
        gate.set(open: false)
        let filler = String(repeating: "x", count: 8_000)
        for index in 0..<40 { log.log(index < 35 ? .info : .error, "m") { $0["filler"] = filler } }
        let stuck = pipeline.statistics[0]
        expectExact(stuck)
        #expect(stuck.dropped > 0)
        if policy == .dropBelow(.error) { #expect(stuck.droppedByLevel[Int(LogLevel.error.rawValue)] < 5) }
        gate.set(open: true)
        #expect(pipeline.shutdown(deadline: .seconds(60)))
        let statistics = pipeline.statistics[0]
        expectExact(statistics)
        #expect(statistics.inFlight == 0)
        let reports = try gate.lines.map(parsed).filter { $0["event"] as? String == "log.dropped" }
        #expect(UInt64(reports.count) == statistics.reports && !reports.isEmpty)
        #expect(reports.reduce(0) { $0 + ($1["count"] as? UInt64 ?? 0) } == statistics.dropped)
        #expect(reports.reduce(0) { $0 + ($1["bytes"] as? UInt64 ?? 0) } == statistics.droppedBytes)
        #expect(reports.allSatisfy { $0["module"] == nil && $0["line"] == nil })
        #expect(UInt64(gate.lines.count) == statistics.written)
        #expect(statistics.accepted == 40 + statistics.reports)
        log.info("after the end")
        #expect(pipeline.statistics[0].dropped == statistics.dropped + 1)
        expectExact(pipeline.statistics[0])
    }

    @Test func dropsAreToldOfWithoutAnotherLine() async throws {
        let gate = Gate()
        let pipeline = try makePipeline(gate, .dropNewest)
        let log = StructuredLogger("full", pipeline: pipeline)
        let filler = String(repeating: "x", count: 8_000)
        // The second time falls into the interval after the first report.
        for _ in 0..<2 {
            gate.set(open: false)
            for _ in 0..<40 { log.info("m") { $0["filler"] = filler } }
            gate.set(open: true)
            pipeline.flush(deadline: .seconds(60))
        }
        let dropped = pipeline.statistics[0].dropped
        #expect(dropped > 0)
        func told() throws -> UInt64 {
            try gate.lines.map(parsed).filter { $0["event"] as? String == "log.dropped" }
                .reduce(0) { $0 + ($1["count"] as? UInt64 ?? 0) }
        }
        _ = try await eventually { try told() >= dropped }
        #expect(try told() == dropped)
    }

    @Test func anAbandonedShutdownClosesTheAccount() throws {
        let gate = Gate()
        let pipeline = try makePipeline(gate, .dropNewest, queueBytes: 1_048_576)
        let log = StructuredLogger("stuck", pipeline: pipeline)
        gate.set(open: false)
        for _ in 0..<100 { log.error("m") { $0["filler"] = String(repeating: "x", count: 2_000) } }
        #expect(!pipeline.flush(deadline: .milliseconds(20)))
        #expect(!pipeline.shutdown(deadline: .milliseconds(20)))
        let statistics = pipeline.statistics[0]
        expectExact(statistics)
        #expect(statistics.dropped > 0)
        gate.set(open: true)
    }

    @Test("no SIGPIPE reaches the process", arguments: [LogDelivery.synchronous, .asynchronous(.block)])
    func aPipeWithoutReaderClosesTheOutputAndNothingElse(delivery: LogDelivery) throws {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        let pipeline = try LogPipeline(outputs: [
            LogOutput(.descriptor(ends[1]), delivery: delivery)
        ])
        let log = StructuredLogger("pipe", pipeline: pipeline)
        close(ends[0])
        for _ in 0..<10 { log.error("m") }
        #expect(pipeline.flush(deadline: .seconds(60)))
        log.error("later")
        let statistics = pipeline.statistics[0]
        expectExact(statistics)
        #expect(statistics.closedBy == EPIPE && statistics.dropped == 11 && statistics.written == 0)
        close(ends[1])
    }

    @Test func aPipeThatIsReadSlowlyGetsEveryLineWhole() throws {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        let reader = ends[0]
        let pipeline = try LogPipeline(outputs: [LogOutput(.descriptor(ends[1]), delivery: .asynchronous(.block))])
        let log = StructuredLogger("pipe", pipeline: pipeline)
        let received = Lock([UInt8]())
        let thread = try PlainThread(name: "reader") {
            var chunk = [UInt8](repeating: 0, count: 777)
            while true {
                let count = read(reader, &chunk, chunk.count)
                guard count > 0 else { return }
                received.withLock { $0 += chunk[..<count] }
            }
        }
        for index in 0..<500 {
            log.info("m") {
                $0["index"] = index
                $0["filler"] = String(repeating: "z", count: index * 13 % 9_000)
            }
        }
        #expect(pipeline.shutdown(deadline: .seconds(60)))
        close(ends[1])
        thread.join()
        close(reader)
        let lines = String(decoding: received.withLock { $0 }, as: UTF8.self).split(separator: "\n")
        #expect(try lines.map { try parsed(String($0))["index"] as? Int } == (0..<500).map { $0 })
    }
}
