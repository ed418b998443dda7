// SPDX-License-Identifier: Apache-2.0

import Instrument
import InstrumentHTTP
import Testing

@Suite struct MiddlewareChainTests {
    /// Writes down what happens to it.
    private struct Recorder: RequestMiddleware {
        let name: String
        let events: Lock<[String]>.Shared
        var refuses = false

        func begin(_ observation: inout RequestObservation) throws(RequestRefusal) {
            events.append("\(name) begins")
            if refuses { throw RequestRefusal(429, headers: ["Retry-After": "1"], reason: "later") }
        }

        func end(_ observation: RequestObservation, _ outcome: RequestOutcome) {
            events.append(
                "\(name) ends \(outcome.status) \(outcome.errorType ?? "-") \(outcome.durationNanoseconds / 1_000_000) ms"
            )
        }
    }

    private struct Broken: Error {}
    private let request = RequestDescription(method: .get, route: "/x")

    @Test func endsInReverseOrderWithTheHandlersOutcome() throws {
        let events = Lock<[String]>.Shared()
        let clock = ManualClock()
        let chain = MiddlewareChain(
            [Recorder(name: "a", events: events), Recorder(name: "b", events: events)], time: .manual(clock))
        let response = chain.observe(request, refused: { $0.status.code }, outcome: { ($0, 0) }) { _ in
            clock.advance(by: .milliseconds(7))
            return 204
        }
        #expect(response == 204)
        #expect(events.all == ["a begins", "b begins", "b ends 204 - 7 ms", "a ends 204 - 7 ms"])
    }

    @Test func aThrowingHandlerEndsWithItsTypesName() async throws {
        let events = Lock<[String]>.Shared()
        let chain = MiddlewareChain([Recorder(name: "a", events: events)], time: .manual(ManualClock()))
        #expect(throws: Broken.self) {
            try chain.observe(request, refused: { $0.status.code }, outcome: { ($0, 0) }) { _ in throw Broken() }
        }
        await #expect(throws: CancellationError.self) {
            try await chain.observe(request, refused: { $0.status.code }, outcome: { ($0, 0) }) { _ in
                await Task.yield()
                throw CancellationError()
            }
        }
        #expect(events.all == ["a begins", "a ends 500 Broken 0 ms", "a begins", "a ends 500 cancelled 0 ms"])
    }

    @Test func aRefusalIsAnsweredAndEndsThoseThatHadBegun() {
        let events = Lock<[String]>.Shared()
        let chain = MiddlewareChain(
            [Recorder(name: "a", events: events), Recorder(name: "b", events: events, refuses: true)],
            time: .manual(ManualClock()))
        let response = chain.observe(request, refused: { $0.response }, outcome: { ($0.status.code, 0) }) { _ in
            Issue.record("handled a refused request")
            return .status(.ok)
        }
        #expect(response.status.code == 429)
        #expect(response.headers["retry-after"] == "1")
        #expect(events.all == ["a begins", "b begins", "a ends 429 - 0 ms"])
    }

    @Test func requestMetricsStayBalancedWhateverHappens() throws {
        let metrics = MetricRegistry()
        let chain = MiddlewareChain([try RequestMetrics(metrics)])
        for number in 0..<10 {
            _ = try? chain.observe(request, refused: { $0.status.code }, outcome: { ($0, 0) }) { _ in
                if number % 2 == 0 { throw Broken() }
                return 200
            }
        }
        var text = ByteBuffer()
        metrics.write(.prometheusText, into: &text)
        let lines = text.makeString().split(separator: "\n")
        #expect(lines.contains("http_requests_in_flight 0"))
        #expect(lines.contains(#"http_requests_total{method="GET",endpoint="/x",status="500"} 5"#))
        #expect(lines.contains(#"http_requests_total{method="GET",endpoint="/x",status="200"} 5"#))
    }
}

extension Lock<[String]> {
    /// A list that several values may append to.
    final class Shared: Sendable {
        private let lines = Lock<[String]>([])

        func append(_ line: String) { lines.withLock { $0.append(line) } }

        var all: [String] { lines.withLock { $0 } }
    }
}
