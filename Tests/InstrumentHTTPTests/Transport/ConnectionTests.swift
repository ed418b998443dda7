// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument
import InstrumentHTTP
import Synchronization
import TestSupport
import Testing

@Suite struct ConnectionTests {
    @Test func pipelinedRequestsAreAnsweredInOrder() async throws {
        let server = try InstrumentServer(configuration: .testing())
        try server.route(.get, "/n/:n") { .text($0.parameters["n"]!) }
        let bodies = try await withServer(server) { server in
            let client = try TestClient(port: server.port)
            try client.send(
                (0..<200).map { number in
                    number % 3 == 0
                        ? "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n" : "GET /n/\(number) HTTP/1.1\r\nHost: a\r\n\r\n"
                }.joined())
            return try (0..<200).map { _ in try client.answer().body }
        }
        #expect(bodies == (0..<200).map { $0 % 3 == 0 ? "ok\n" : "\($0)" })
    }

    @Test func aRequestMayArriveByteByByte() async throws {
        let server = try InstrumentServer(configuration: .testing())
        try server.route(.post, "/echo") { ServerResponse(body: $0.body) }
        let (answer, next) = try await withServer(server) { server in
            let client = try TestClient(port: server.port)
            for byte in "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello".utf8 {
                try client.send([byte])
            }
            return (try client.answer(), try client.get("/livez"))
        }
        #expect(answer.body == "hello")
        #expect(next.status == 200)
    }

    @Test("RFC 9110 10.1.1: 100 Continue comes before the body is awaited")
    func expectContinue() async throws {
        let server = try InstrumentServer(configuration: .testing())
        try server.route(.post, "/echo") { ServerResponse(body: $0.body) }
        let (interim, final) = try await withServer(server) { server in
            let client = try TestClient(port: server.port)
            try client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
            let interim = try client.answer()
            try client.send("hi")
            return (interim, try client.answer())
        }
        #expect(interim.status == 100)
        #expect(final.body == "hi")
    }

    @Test func rejectedRequestsAreAnsweredAndTheConnectionCloses() async throws {
        let server = try InstrumentServer(configuration: .testing())
        let text = try await withServer(server) { server in
            let client = try TestClient(port: server.port)
            try client.send("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\nGET /livez HTTP/1.1\r\nHost: a\r\n\r\n")
            client.finishSending()
            return String(decoding: client.rest(), as: UTF8.self)
        }
        #expect(text.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
        #expect(text.contains("\r\nConnection: close\r\n"))
        #expect(text.hasSuffix("\r\n\r\nmore than one Host\n"))
    }

    @Test func aBodyNobodyWantsIsDroppedUpToABound() async throws {
        let server = try InstrumentServer(configuration: .testing())
        let (kept, text) = try await withServer(server) { server in
            let client = try TestClient(port: server.port)
            try client.send(
                "GET /livez HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n"
                    + String(repeating: "x", count: 60_000))
            let first = try client.answer().status
            let second = try client.get("/livez").status
            let other = try TestClient(port: server.port)
            try other.send("GET /livez HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n")
            try other.send([UInt8](repeating: 120, count: 900_000))
            other.finishSending()
            return ([first, second], String(decoding: other.rest(), as: UTF8.self))
        }
        #expect(kept == [200, 200])
        #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(text.contains("Connection: close"))
    }

    @Test func bodiesPastTheLimitAre413() async throws {
        let server = try InstrumentServer(configuration: .testing { $0.limits.bodyBytesMax = 100 })
        try server.route(.post, "/echo") { ServerResponse(body: $0.body) }
        let statuses = try await withServer(server) { server in
            try [
                "Content-Length: 101\r\n\r\n",
                "Transfer-Encoding: chunked\r\n\r\n65\r\n",
                "Content-Length: 100\r\n\r\n\(String(repeating: "x", count: 100))",
            ].map { rest in
                let client = try TestClient(port: server.port)
                try client.send("POST /echo HTTP/1.1\r\nHost: a\r\n\(rest)")
                return try client.answer().status
            }
        }
        #expect(statuses == [413, 413, 200])
    }

    @Test func http10ClosesUnlessAskedNotTo() async throws {
        let server = try InstrumentServer(configuration: .testing())
        let (plain, kept) = try await withServer(server) { server in
            let plain = try TestClient(port: server.port)
            try plain.send("GET /livez HTTP/1.0\r\n\r\n")
            let kept = try TestClient(port: server.port)
            try kept.send("GET /livez HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            return (String(decoding: plain.rest(), as: UTF8.self), [try kept.answer(), try kept.get("/livez")])
        }
        #expect(plain.hasSuffix("Connection: close\r\n\r\nok\n"))
        #expect(kept[0].fields["connection"] == "keep-alive")
        #expect(kept[1].status == 200)
    }

    @Test func aSlowHeadIs408AfterItsDeadline() async throws {
        let server = try InstrumentServer(configuration: .testing { $0.limits.headerDeadline = .milliseconds(50) })
        let texts = try await withServer(server) { server in
            try ["GET / HTTP/1.1\r\nHo", ""].map { start in
                let client = try TestClient(port: server.port)
                if !start.isEmpty { try client.send(start) }
                return String(decoding: client.rest(), as: UTF8.self)
            }
        }
        #expect(texts[0].hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
        #expect(texts[1] == "")
    }

    @Test func idleConnectionsAreClosed() async throws {
        let server = try InstrumentServer(configuration: .testing { $0.limits.idleDeadline = .milliseconds(50) })
        let (status, rest) = try await withServer(server) { server in
            let client = try TestClient(port: server.port)
            return (try client.get("/livez").status, client.rest())
        }
        #expect(status == 200)
        #expect(rest == [])
    }

    @Test func aHandlerPastItsDeadlineIs503AndIsCancelled() async throws {
        let server = try InstrumentServer(configuration: .testing { $0.limits.handlerDeadline = .milliseconds(50) })
        let (cancelled, tell) = AsyncStream<Void>.makeStream()
        try server.route(.get, "/slow") { _ in
            defer { tell.finish() }
            try await untilCancelled()
            return .text("too late")
        }
        let status = try await withServer(server) { try TestClient(port: $0.port).get("/slow").status }
        #expect(status == 503)
        for await _ in cancelled {}
    }

    @Test func aFullServerClosesTheConnectionThatWaitedLongest() async throws {
        let server = try InstrumentServer(configuration: .testing { $0.limits.connectionsMax = 4 })
        let (first, rest, fresh) = try await withServer(server) { server in
            let clients = try (0..<4).map { _ in
                let client = try TestClient(port: server.port)
                _ = try client.get("/livez")
                return client
            }
            let fresh = try TestClient(port: server.port).get("/livez").status
            let first = clients[0].rest()
            return (first, try clients[1...].map { try $0.get("/livez").status }, fresh)
        }
        #expect(first == [])
        #expect(rest == [200, 200, 200])
        #expect(fresh == 200)
    }

    @Test func tooManyHandlersAre503AndProbesAreStillAnswered() async throws {
        let metrics = MetricRegistry()
        let server = try InstrumentServer(
            metrics: metrics,
            configuration: .testing {
                $0.limits.handlersMax = 2
                $0.limits.handlerThreads = 1
            })
        let gate = DispatchSemaphore(value: 0)
        try server.route(.get, "/block") { _ in
            gate.wait()
            return .text("done")
        }
        let (areBothTaken, third, probe, rest) = try await withServer(server) { server in
            let blocked = try (0..<2).map { _ in
                let client = try TestClient(port: server.port)
                try client.send("GET /block HTTP/1.1\r\nHost: a\r\n\r\n")
                return client
            }
            // One of them waits for the only thread.
            let areBothTaken = waitUntil { metrics.exposition().contains("http_requests_in_flight 2\n") }
            let probes = try (0..<4).map { _ in try TestClient(port: server.port).get("/livez").status }
            var third = try TestClient(port: server.port).get("/block")
            third.fields["date"] = nil
            gate.signal()
            gate.signal()
            return (areBothTaken, third, probes, try blocked.map { try $0.answer().body })
        }
        #expect(areBothTaken)
        #expect(third.status == 503)
        #expect(third.fields["retry-after"] == "1")
        #expect(probe == [200, 200, 200, 200])
        #expect(rest == ["done", "done"])
    }

    @Test func tooManyScrapesAre503() async throws {
        let metrics = MetricRegistry()
        let (entered, gate) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        try metrics.gauge("slow", help: "Takes its time.") {
            entered.signal()
            gate.wait()
            return 1
        }
        let server = try InstrumentServer(metrics: metrics, configuration: .testing { $0.limits.scrapesMax = 1 })
        let (second, first) = try await withServer(server) { server in
            let client = try TestClient(port: server.port)
            try client.send("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n")
            entered.wait()
            let second = try TestClient(port: server.port).get("/metrics").status
            gate.signal()
            return (second, try client.answer())
        }
        #expect(second == 503)
        #expect(first.status == 200)
        #expect(first.body.contains("\nslow 1\n"))
    }

    @Test func whoDoesNotReadIsClosedAndCounted() async throws {
        let metrics = MetricRegistry()
        let server = try InstrumentServer(
            metrics: metrics, configuration: .testing { $0.limits.writeDeadline = .milliseconds(100) })
        try server.route(.get, "/large") { _ in ServerResponse(body: [UInt8](repeating: 120, count: 32_000_000)) }
        let counted = try await withServer(server) { server in
            let client = try TestClient(port: server.port)
            try client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
            let line = #"http_server_connections_closed_total{reason="write_deadline"} 1"#
            let other = try TestClient(port: server.port)
            return try waitUntil { try other.get("/metrics").body.contains(line) }
        }
        #expect(counted)
    }

    @Test func aSlowBodyIs408AfterItsDeadline() async throws {
        let server = try InstrumentServer(configuration: .testing { $0.limits.bodyDeadline = .milliseconds(50) })
        try server.route(.post, "/echo") { ServerResponse(body: $0.body) }
        let text = try await withServer(server) { server in
            let client = try TestClient(port: server.port)
            try client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel")
            return String(decoding: client.rest(), as: UTF8.self)
        }
        #expect(text.hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
    }

    @Test func stoppingLosesNoRequestOfBusyClients() async throws {
        let server = try InstrumentServer(configuration: .testing())
        try server.route(.get, "/hello") { _ in .text("hello") }
        try server.start()
        let lost = try await onThread {
            let lost = Atomic<Int>(0)
            let answered = Atomic<Int>(0)
            let port = server.port
            let clients = try (0..<4).map { number in
                try PlainThread(name: "client-\(number)") {
                    guard let client = try? TestClient(port: port) else { return }
                    var lastAnswer = ContinuousClock.now
                    while true {
                        guard let answer = try? client.get(number % 2 == 0 ? "/livez" : "/hello") else {
                            // A client that the machine held up for longer was idle, and may be closed.
                            if lastAnswer.duration(to: .now) < .milliseconds(100) { lost.add(1, ordering: .relaxed) }
                            return
                        }
                        lastAnswer = .now
                        answered.add(1, ordering: .relaxed)
                        if answer.fields["connection"] == "close" { return }
                    }
                }
            }
            while answered.load(ordering: .relaxed) < 400 { sched_yield() }
            server.stop(deadline: .seconds(60))
            for client in clients { client.join() }
            return lost.load(ordering: .relaxed)
        }
        #expect(lost == 0)
    }

    @Test func stoppingFinishesWhatIsInFlight() async throws {
        let server = try InstrumentServer(configuration: .testing())
        let entered = DispatchSemaphore(value: 0)
        let gate = DispatchSemaphore(value: 0)
        try server.route(.get, "/block") { _ in
            entered.signal()
            gate.wait()
            return .text("done")
        }
        try server.start()
        let answer = try await onThread {
            let client = try TestClient(port: server.port)
            try client.send("GET /block HTTP/1.1\r\nHost: a\r\n\r\n")
            entered.wait()
            let stopper = DispatchSemaphore(value: 0)
            Thread {
                server.stop(deadline: .seconds(60))
                stopper.signal()
            }.start()
            // The port is free once the listener has gone, and then the handler still runs.
            while (try? TestClient(port: server.port)) != nil {}
            gate.signal()
            let answer = try client.answer()
            stopper.wait()
            return answer
        }
        #expect(answer.body == "done")
        #expect(answer.fields["connection"] == "close")
    }

    @Test func stoppingCutsOffAtTheDeadline() async throws {
        let server = try InstrumentServer(configuration: .testing())
        let gate = DispatchSemaphore(value: 0)
        try server.route(.get, "/block") { _ in
            gate.wait()
            return .text("done")
        }
        let rest = try await withServer(server) { server in
            let client = try TestClient(port: server.port)
            try client.send("GET /block HTTP/1.1\r\nHost: a\r\n\r\n")
            server.stop(deadline: .milliseconds(50))
            defer { gate.signal() }
            return client.rest()
        }
        #expect(rest == [])
    }

    @Test func largeAnswersReachSlowReaders() async throws {
        let server = try InstrumentServer(configuration: .testing())
        let body = (0..<4_000_000).map { UInt8(truncatingIfNeeded: $0 / 251) }
        try server.route(.get, "/large") { _ in ServerResponse(body: body) }
        let received = try await withServer(server) { server in
            let client = try TestClient(port: server.port)
            try client.send("GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            let other = try TestClient(port: server.port).get("/livez").status
            #expect(other == 200)
            return client.rest()
        }
        #expect(Array(received.suffix(body.count)) == body)
    }
}
