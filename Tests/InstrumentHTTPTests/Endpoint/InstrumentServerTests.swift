// SPDX-License-Identifier: Apache-2.0

import Foundation
import HealthProbes
import Instrument
import InstrumentHTTP
import StructuredLog
import Testing

@Suite struct InstrumentServerTests {
    @Test func servesMetrics() async throws {
        let metrics = MetricRegistry()
        try metrics.counter("jobs_total", help: "Jobs.").increment(by: 3)
        let server = try InstrumentServer(metrics: metrics, configuration: .testing())
        let answer = try await withServer(server) { try TestClient(port: $0.port).get("/metrics") }
        #expect(answer.status == 200)
        #expect(answer.fields["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
        #expect(answer.fields["x-content-type-options"] == "nosniff")
        #expect(answer.fields["cache-control"] == "no-store")
        #expect(answer.body.contains("\njobs_total 3\n"))
    }

    @Test(arguments: ["/livez", "/readyz", "/startupz", "/healthz", "/health/live", "/health/ready", "/health/startup"])
    func probesPassWithoutChecks(path: String) async throws {
        let server = try InstrumentServer(configuration: .testing())
        let answer = try await withServer(server) { try TestClient(port: $0.port).get(path) }
        #expect(answer.status == 200)
        #expect(answer.body == "ok\n")
    }

    @Test func failingReadinessIs503AndNamesTheCheck() async throws {
        let health = HealthRegistry()
        struct Down: Error {}
        try health.register("db", .readiness, critical: true, every: .seconds(10), timeout: .seconds(1)) {
            throw Down()
        }
        let server = try InstrumentServer(health: health, configuration: .testing())
        let (ready, live, document) = try await withServer(server) { server in
            let client = try TestClient(port: server.port)
            return (try client.get("/readyz"), try client.get("/livez"), try client.get("/health"))
        }
        #expect(ready.status == 503)
        #expect(ready.body.hasPrefix("failed"))
        #expect(ready.body.contains("db"))
        #expect(live.status == 200)
        #expect(document.fields["content-type"] == "application/health+json")
        let json = try JSONSerialization.jsonObject(with: Data(document.body.utf8)) as? [String: Any]
        #expect(json?["checks"] != nil)
    }

    @Test func servesBlockingAndAsynchronousHandlers() async throws {
        let server = try InstrumentServer(configuration: .testing())
        try server.route(.get, "/search") { request in
            try .json(["q": request.query["q"] ?? "", "all": request.query.values(of: "q").joined(separator: "|")])
        }
        try server.route(.post, "/items/:id/notes/:note") { request in
            await Task.yield()
            return .text(
                "\(request.parameters["id"]!) \(request.parameters["note"]!) "
                    + String(decoding: request.body, as: UTF8.self) + " \(request.peer) \(request.route)")
        }
        let (search, note) = try await withServer(server) { server in
            let client = try TestClient(port: server.port)
            let search = try client.get("/search?q=a+b&q=%41%zz")
            try client.send(
                "POST /items/x%2Fy/notes/7 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
            return (search, try client.answer())
        }
        #expect(search.body == #"{"all":"a b|A%zz","q":"a b"}"#)
        #expect(note.body == "x/y 7 abcde 127.0.0.1 /items/:id/notes/:note")
    }

    @Test func handlerErrorsBecomeStatuses() async throws {
        struct Broken: Error {}
        let server = try InstrumentServer(configuration: .testing())
        try server.route(.get, "/broken") { _ in throw Broken() }
        try server.route(.get, "/thrown") { _ in throw ServerResponse.text("gone", status: 410) }
        try server.route(.post, "/json") { request in
            let numbers = try request.json([Int].self)
            return .text("\(numbers.reduce(0, +))")
        }
        try server.route(.get, "/split") { _ in
            ServerResponse(headers: ["X-A": "1\r\nX-B: 2"])
        }
        let answers = try await withServer(server) { server in
            let client = try TestClient(port: server.port)
            var answers = [try client.get("/broken"), try client.get("/thrown"), try client.get("/split")]
            for body in ["[1,2]", "[1,"] {
                try client.send("POST /json HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
                answers.append(try client.answer())
            }
            return answers
        }
        #expect(answers.map(\.status) == [500, 410, 500, 200, 400])
        #expect(
            answers.map(\.body) == [
                "Internal Server Error\n", "gone", "Internal Server Error\n", "3",
                "the body is not the JSON that is expected here\n",
            ])
    }

    @Test func pathsMatchExactlyAndUnknownOnesEchoNothing() async throws {
        let server = try InstrumentServer(configuration: .testing())
        let statuses = try await withServer(server) { server in
            let client = try TestClient(port: server.port)
            return try ["/livez/", "//livez", "/./livez", "/livez%20", "/LIVEZ", "/%6Civez", "/x<script>"].map {
                let answer = try client.get($0)
                #expect(answer.body == "not found\n")
                return answer.status
            }
        }
        #expect(statuses == Array(repeating: 404, count: 7))
    }

    @Test("RFC 9110 15.5.6: 405 lists what is allowed")
    func methodNotAllowed() async throws {
        let server = try InstrumentServer(configuration: .testing())
        try server.route(.put, "/x") { _ in .status(.noContent) }
        try server.route(.get, "/x") { _ in .text("x") }
        let (own, added) = try await withServer(server) { server in
            let client = try TestClient(port: server.port)
            return (try client.get("/livez", method: "DELETE"), try client.get("/x", method: "BREW"))
        }
        #expect(own.status == 405)
        #expect(own.fields["allow"] == "GET, HEAD")
        #expect(added.fields["allow"] == "PUT, GET, HEAD")
    }

    @Test("RFC 9110 9.3.2: HEAD gives GET's fields without the body")
    func head() async throws {
        let server = try InstrumentServer(metrics: MetricRegistry(), configuration: .testing())
        try server.route(.get, "/x") { _ in .text("12345") }
        let answers = try await withServer(server) { server in
            let client = try TestClient(port: server.port)
            return try ["/livez", "/x", "/nothing", "/livez"].map { try client.get($0, method: "HEAD") }
        }
        #expect(answers.map(\.fields["content-length"]) == ["3", "5", "10", "3"])
    }

    @Test func routesThatClashAreRefused() throws {
        let server = try InstrumentServer(configuration: .testing())
        try server.route(.get, "/items/:id") { _ in .text("") }
        func refusal(_ method: RequestMethod, _ path: String) -> String {
            do {
                try server.route(method, path) { _ in .text("") }
                return "accepted"
            } catch {
                return "\(error)"
            }
        }
        let remedy = "use a path such as /items/:id"
        #expect(refusal(.get, "/items/:id") == "route \"/items/:id\": has a handler for GET already; \(remedy)")
        #expect(refusal(.put, "/items/:id") == "accepted")
        #expect(
            refusal(.get, "/items/:key") == "route \"/items/:key\": matches the same paths as \"/items/:id\"; \(remedy)"
        )
        #expect(refusal(.get, "items") == "route \"items\": does not start with /; \(remedy)")
        #expect(
            refusal(.get, "/a b")
                == "route \"/a b\": has a byte that no path on the wire has; percent-encode it; \(remedy)")
        #expect(refusal(.get, "/:a/:a") == "route \"/:a/:a\": has the parameter :a twice; \(remedy)")
        #expect(refusal(.get, "/:") == "route \"/:\": has a parameter without a name; \(remedy)")
        #expect(refusal(.get, "/livez") == "route \"/livez\": has a handler for GET already; \(remedy)")
    }

    @Test func routesMayBeAddedWhileRunning() async throws {
        let server = try InstrumentServer(configuration: .testing())
        let statuses = try await withServer(server) { server in
            let client = try TestClient(port: server.port)
            let before = try client.get("/late").status
            try server.route(.get, "/late") { _ in .text("late") }
            return [before, try client.get("/late").status]
        }
        #expect(statuses == [404, 200])
    }

    @Test func literalRoutesComeBeforeTemplates() async throws {
        let server = try InstrumentServer(configuration: .testing())
        for path in ["/a/:x", "/:y/b", "/a/b", "/a/:x/c", "/a/b/:z"] {
            try server.route(.get, path) { .text($0.route) }
        }
        let routes = try await withServer(server) { server in
            let client = try TestClient(port: server.port)
            return try ["/a/b", "/a/q", "/q/b", "/a/b/c", "/a//c", "/a/"].map { try client.get($0).body }
        }
        #expect(routes == ["/a/b", "/a/:x", "/:y/b", "/a/b/:z", "not found\n", "not found\n"])
    }

    @Test func anOccupiedPortIsAClearError() throws {
        let first = try InstrumentServer(configuration: .testing())
        try first.start()
        defer { first.stop(deadline: .zero) }
        let port = first.port
        let second = try InstrumentServer(configuration: .testing { $0.port = port })
        do {
            try second.start()
            Issue.record("started on an occupied port")
        } catch {
            #expect(error.code == .addressInUse)
            #expect(
                error.description
                    == "address \"127.0.0.1:\(port)\": something else listens there; stop it or choose another port")
        }
    }

    @Test func startingTwiceIsAnError() throws {
        let server = try InstrumentServer(configuration: .testing())
        try server.start()
        #expect(throws: ServerError.self) { try server.start() }
        server.stop(deadline: .zero)
        server.stop(deadline: .zero)
        do {
            try server.start()
            Issue.record("started after its end")
        } catch {
            #expect(error.code == .invalidState)
        }
    }

    @Test func addressesThatCannotBeBoundAreClearErrors() throws {
        func failure(_ change: (inout EndpointConfiguration) -> Void) throws -> ServerError? {
            let server = try InstrumentServer(configuration: .testing(change))
            do {
                try server.start()
                server.stop(deadline: .zero)
                return nil
            } catch {
                return error
            }
        }
        #expect(try failure { $0.port = 70_000 }?.code == .invalidConfiguration)
        #expect(try failure { $0.host = "192.0.2.1" }?.code == .addressUnavailable)
        #expect(try failure { $0.host = "no such host" }?.code == .invalidConfiguration)
    }

    @Test func requestsAreCountedByTemplate() async throws {
        let metrics = MetricRegistry()
        let server = try InstrumentServer(metrics: metrics, configuration: .testing())
        try server.route(.get, "/items/:id") { _ in .text("item") }
        let body = try await withServer(server) { server in
            let client = try TestClient(port: server.port)
            for path in ["/items/1", "/items/2", "/nowhere/1", "/nowhere/2", "/livez"] { _ = try client.get(path) }
            _ = try client.get("/items/1", method: "BREW")
            return try client.get("/metrics").body
        }
        #expect(body.contains(#"http_requests_total{method="GET",endpoint="/items/:id",status="200"} 2"#))
        #expect(body.contains(#"http_requests_total{method="GET",endpoint="unmatched",status="404"} 2"#))
        #expect(body.contains(#"http_requests_total{method="_OTHER",endpoint="/items/:id",status="405"} 1"#))
        #expect(body.contains(#"http_requests_total{method="GET",endpoint="/livez",status="200"} 1"#))
        #expect(body.contains(#"http_request_duration_seconds_count{method="GET",endpoint="/items/:id"} 2"#))
        #expect(body.contains("http_requests_in_flight 1\n"))
        #expect(!body.contains("nowhere"))
    }
}
