// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Instrument

@Suite struct MetricGroupTests {
    @Test func registriesAreWrittenAsOneSortedDocument() throws {
        let business = MetricRegistry(constantLabels: ["group": "business"])
        let security = MetricRegistry()
        try business.gauge("b", help: "h").set(1)
        let attempts = try security.counter("a_total", help: "h")
        attempts.increment(by: -1)
        try business.counter("c_total", help: "h").increment(by: -1)
        let group = try MetricGroup([business, security, business])
        var buffer = ByteBuffer()
        group.write(.prometheusText, into: &buffer)
        #expect(
            buffer.makeString() == """
                # HELP a_total h
                # TYPE a_total counter
                a_total 0
                # HELP b h
                # TYPE b gauge
                b{group="business"} 1
                # HELP c_total h
                # TYPE c_total counter
                c_total{group="business"} 0
                # HELP instrument_refused_updates_total Updates that were not taken: negative, NaN or not finite.
                # TYPE instrument_refused_updates_total counter
                instrument_refused_updates_total{group="business",family="c_total"} 1
                instrument_refused_updates_total{family="a_total"} 1

                """)
    }

    @Test(arguments: [ExpositionFormat.json, .protobuf])
    func eachRegistryKeepsItsConstantLabelsInAFamilyThatTheyShare(format: ExpositionFormat) throws {
        let first = MetricRegistry(constantLabels: ["group": "first"])
        let second = MetricRegistry()
        try first.counter("a_total", help: "h").increment(by: -1)
        try second.counter("b_total", help: "h").increment(by: -1)
        var buffer = ByteBuffer()
        let options = ExpositionOptions(families: ["instrument_refused_updates_total"])
        try MetricGroup([first, second]).write(format, into: &buffer, options: options)
        if format == .json {
            #expect(
                buffer.makeString() == #"""
                    [{"name":"instrument_refused_updates_total","type":"counter","help":"Updates that were not taken: \#
                    negative, NaN or not finite.","unit":null,"samples":[
                    {"labels":{"group":"first","family":"a_total"},"value":1},
                    {"labels":{"family":"b_total"},"value":1}]}]

                    """#)
        } else {
            let bytes = buffer.withUnsafeBytes { Array($0) }
            let samples = try #require(ProtobufMessage.delimited(bytes)).flatMap { $0.messages(4) }
            #expect(samples.map { $0.messages(1).map { $0.string(2) } } == [["first", "a_total"], ["b_total"]])
        }
    }

    @Test func oneNameInTwoRegistriesIsRefusedBeforeAndAfterJoining() throws {
        let first = MetricRegistry()
        let second = MetricRegistry()
        _ = try first.histogram("h", help: "h")
        _ = try second.gauge("h_count", help: "h")
        #expect(throws: MetricError.self) { try MetricGroup([first, second]) }
        let third = MetricRegistry()
        _ = try MetricGroup([first, third])
        for name in ["h", "h_sum"] {
            let error = #expect(throws: MetricError.self) { try third.gauge(name, help: "h") }
            #expect(error?.code == .nameTaken)
        }
        try third.gauge("computed", help: "h") { 1 }
        #expect(throws: MetricError.self) { try first.gauge("computed", help: "h") }
    }
}

@Suite struct CollectorTimeoutTests {
    // Scrapes wait here for real, so they do it on a thread of their own; the timeout is long enough for a busy machine.
    @Test func hungCallbackIsLeftOutAndNotStartedAgainAndHoldsUpNobody() async throws {
        let metrics = MetricRegistry()
        let gate = Gate()
        try metrics.gauge("a_hung", help: "h") {
            gate.monitor.withLock { $0.calls += 1 }
            _ = gate.monitor.wait { $0.isOpen ? () : nil }
            return 7
        }
        try metrics.gauge("b_prompt", help: "h") { 1 }
        let scrapes = try await withCheckedThrowingContinuation { continuation in
            do {
                let thread = try PlainThread(name: "scraper") {
                    let options = ExpositionOptions(timeout: .seconds(5))
                    continuation.resume(returning: (1...2).map { _ in metrics.exposition(options: options) })
                }
                thread.detach()
            } catch {
                continuation.resume(throwing: error)
            }
        }
        for (index, text) in scrapes.enumerated() {
            #expect(!text.contains("a_hung 7"))
            #expect(text.contains("b_prompt 1\n"))
            #expect(text.contains("instrument_collector_timeouts_total{collector=\"a_hung\"} \(index + 1)\n"))
        }
        #expect(gate.monitor.withLock { $0.calls } == 1)
        gate.monitor.withLock { $0.isOpen = true }
        gate.monitor.wakeAll()
        #expect(try await eventually { metrics.exposition().contains("a_hung 7\n") })
    }

    private final class Gate: Sendable {
        let monitor = Monitor((isOpen: false, calls: 0))
    }
}
