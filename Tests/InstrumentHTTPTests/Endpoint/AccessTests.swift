// SPDX-License-Identifier: Apache-2.0

import Foundation
import HealthProbes
import Instrument
import InstrumentHTTP
import StructuredLog
import Testing

@Suite struct AccessTests {
    private static let token = "correct-horse"

    private func log() throws -> StructuredLogger {
        try StructuredLogger("test", output: LogOutput(.capture(LogCapture())))
    }

    @Test func metricsMayNeedCredentials() async throws {
        let configuration = EndpointConfiguration.testing {
            $0.protectsMetrics = true
            $0.detailsPort = 0
            try! $0.credentials.add(token: Self.token)
            try! $0.credentials.add(user: "prometheus", password: "battery-staple")
        }
        let server = try InstrumentServer(metrics: MetricRegistry(), configuration: configuration)
        let basic = Data("prometheus:battery-staple".utf8).base64EncodedString()
        let wrong = Data("prometheus:battery-stapl".utf8).base64EncodedString()
        let (statuses, challenge, details, probe) = try await withServer(server) { server in
            let client = try TestClient(port: server.port)
            let fields = [
                "", "Authorization: Bearer \(Self.token)\r\n", "authorization: bearer   \(Self.token)\r\n",
                "Authorization: Bearer \(Self.token)x\r\n", "Authorization: Bearer \(Self.token.dropLast())\r\n",
                "Authorization: Bearer\r\n", "Authorization: Bearer \r\n", "Authorization: \(Self.token)\r\n",
                "Authorization: Basic \(basic)\r\n", "Authorization: Basic \(wrong)\r\n",
                "Authorization: Bearer \(basic)\r\n",
            ]
            let answers = try fields.map { try client.get("/metrics", fields: $0) }
            return (
                answers.map(\.status), answers[0].fields["www-authenticate"],
                try TestClient(port: server.detailsPort).get("/metrics").status, try client.get("/livez").status
            )
        }
        #expect(statuses == [401, 200, 200, 401, 401, 401, 401, 401, 200, 401, 401])
        #expect(challenge == "Bearer, Basic realm=\"metrics\"")
        #expect(details == 200)
        #expect(probe == 200)
    }

    @Test func logLevelsNeedCredentialsAndAreRefusedWithoutAny() async throws {
        let log = try log()
        let closed = try InstrumentServer(log: log, configuration: .testing { $0.detailsPort = 0 })
        let statuses = try await withServer(closed) { server in
            let client = try TestClient(port: server.port)
            let details = try TestClient(port: server.detailsPort)
            return [
                try client.get("/log/levels").status, try details.get("/log/levels").status,
                try details.get("/log/levels", method: "PUT").status,
            ]
        }
        #expect(statuses == [403, 200, 403])

        let open = try InstrumentServer(
            log: log, configuration: .testing { try! $0.credentials.add(token: Self.token) })
        let answers = try await withServer(open) { server in
            let client = try TestClient(port: server.port)
            func put(_ body: String, token: String = Self.token) throws -> TestClient.Answer {
                try client.send(
                    "PUT /log/levels HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(token)\r\n"
                        + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
                return try client.answer()
            }
            return try [
                put(#"{"prefix":"db","level":"debug"}"#), put(#"{"prefix":"db","level":"loud"}"#), put("{"),
                put(#"{"level":"info","seconds":1e300}"#), put(#"{"prefix":"db"}"#),
                put(#"{"level":"off","prefix":"x"}"#),
                put(#"{"prefix":"db","level":"debug"}"#, token: "wrong-token"),
            ]
        }
        #expect(answers.map(\.status) == [200, 400, 400, 400, 200, 200, 401])
        #expect(answers[0].body == #"[{"level":"info","prefix":""},{"level":"debug","prefix":"db"}]"#)
        #expect(answers[4].body == #"[{"level":"info","prefix":""}]"#)
        #expect(log.levels.level(of: "x.y") == nil)
    }

    @Test func otherHostNamesAreMisdirected() async throws {
        let server = try InstrumentServer(
            configuration: .testing { $0.allowedHosts = ["localhost", "Api.Example", "[::1]"] })
        let statuses = try await withServer(server) { server in
            try [
                "Host: localhost", "Host: LOCALHOST:8080", "Host: api.example:1", "Host: [::1]:8080",
                "Host: evil.example",
                "Host:", "Host: localhost.evil.example", "Host: [::2]",
            ].map { host in
                let client = try TestClient(port: server.port)
                try client.send("GET /livez HTTP/1.1\r\n\(host)\r\n\r\n")
                return try client.answer().status
            }
        }
        #expect(statuses == [200, 200, 200, 200, 421, 421, 421, 421])
    }

    @Test func heartbeatsAreAnArrayOfNameLastSeenAndStatus() async throws {
        let health = HealthRegistry()
        let beat = try health.heartbeat("agent-1", every: .seconds(30), tolerance: .seconds(5))
        _ = try health.heartbeat("agent-2", every: .seconds(30), tolerance: .seconds(5))
        beat.beat()
        let server = try InstrumentServer(
            health: health, configuration: .testing { $0.paths.heartbeats = "/api/agents/status" })
        let body = try await withServer(server) { try TestClient(port: $0.port).get("/api/agents/status").body }
        let list = try #require(try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [[String: Any]])
        #expect(list.map { $0["name"] as? String } == ["agent-1", "agent-2"])
        #expect(list[0]["status"] as? String == "active")
        let seen = try #require(list[0]["last_seen"] as? String)
        #expect(seen.range(of: #"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"#, options: .regularExpression) != nil)
        #expect(list[1]["last_seen"] is NSNull)
    }

    @Test func metricGroupsStandOnTheirOwnPaths() async throws {
        let (main, business) = (MetricRegistry(), MetricRegistry())
        try main.counter("main_total", help: "Main.").increment()
        try business.counter("orders_total", help: "Orders.").increment(by: 2)
        let server = try InstrumentServer(
            metrics: main,
            configuration: .testing {
                $0.metricGroups = [EndpointMetricGroup(path: "/api/metrics/business", registries: [business])]
            })
        let (mine, group, open, json) = try await withServer(server) { server in
            let client = try TestClient(port: server.port)
            return (
                try client.get("/metrics").body, try client.get("/api/metrics/business").body,
                try client.get("/metrics", fields: "Accept: application/openmetrics-text;version=1.0.0\r\n"),
                try client.get("/health/metrics")
            )
        }
        #expect(mine.contains("main_total 1") && !mine.contains("orders_total"))
        #expect(group.contains("orders_total 2") && !group.contains("main_total"))
        #expect(open.fields["content-type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8")
        #expect(open.body.hasSuffix("# EOF\n"))
        #expect(json.fields["content-type"] == "application/json; charset=utf-8")
        #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(json.body.utf8)) }
    }

    @Test func everyOwnRouteCanBeMovedOrSwitchedOff() async throws {
        let server = try InstrumentServer(
            // Checks that were never started leave readiness, and with it the whole, failing.
            metrics: MetricRegistry(), health: HealthRegistry(), log: try log(),
            configuration: .testing {
                $0.paths.metrics = "/internal/m"
                $0.paths.livez = nil
                $0.paths.health = "/status"
            })
        let statuses = try await withServer(server) { server in
            let client = try TestClient(port: server.port)
            return try ["/metrics", "/internal/m", "/livez", "/health", "/health/live", "/status", "/status/live"].map {
                try client.get($0).status
            }
        }
        #expect(statuses == [404, 200, 404, 404, 404, 503, 200])
    }

    @Test func ownRoutesMayHaveFurtherPathsAndBeSwitchedOffOneByOne() async throws {
        let metrics = MetricRegistry()
        let book = try ObjectiveBook(in: metrics)
        _ = try book.availability("api", target: 0.999)
        let server = try InstrumentServer(
            metrics: metrics,
            configuration: .testing {
                $0.objectives = book
                $0.detailsPort = 0
                $0.paths.aliases = [
                    "/api/monitoring/sla": "/objectives", "/api/monitoring/health": "/health", "/probe": "/livez",
                ]
                $0.paths.switchedOff = ["/livez", "/health/history"]
            })
        let (statuses, report, text) = try await withServer(server) { server in
            let client = try TestClient(port: server.port)
            let details = try TestClient(port: server.detailsPort)
            return (
                try ["/probe", "/livez", "/api/monitoring/health", "/health", "/api/monitoring/sla"].map {
                    try client.get($0).status
                },
                try details.get("/api/monitoring/sla"), try details.get("/objectives?format=text")
            )
        }
        #expect(statuses == [200, 404, 200, 200, 403])
        #expect(report.body.contains("\"api\""))
        #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(report.body.utf8)) }
        #expect(text.body.contains("api"))
        #expect(throws: ServerError.self) {
            try InstrumentServer(configuration: .testing { $0.paths.aliases = ["/a": "/nothing"] })
        }
    }

    @Test func applicationRoutesMayNeedCredentials() async throws {
        let open = try InstrumentServer(
            configuration: .testing { try! $0.credentials.add(token: Self.token) })
        let closed = try InstrumentServer(configuration: .testing())
        for server in [open, closed] {
            try server.route(.post, "/restart", needsCredentials: true) { _ in .text("restarted") }
            try server.route(.get, "/later", needsCredentials: true) { _ in
                await Task.yield()
                return .text("later")
            }
        }
        @Sendable func statuses(_ server: InstrumentServer) throws -> [Int] {
            let client = try TestClient(port: server.port)
            let fields = "Authorization: Bearer \(Self.token)\r\n"
            return [
                try client.get("/restart", method: "POST").status, try client.get("/later").status,
                try client.get("/restart", method: "POST", fields: fields).status,
                try client.get("/later", fields: fields).status,
            ]
        }
        #expect(try await withServer(open) { try statuses($0) } == [401, 401, 200, 200])
        #expect(try await withServer(closed) { try statuses($0) } == [403, 403, 403, 403])
    }

    @Test func aSwitchTurnsMetricsOffWhereverTheyStand() async throws {
        let server = try InstrumentServer(
            metrics: MetricRegistry(),
            configuration: .testing {
                $0.servesMetrics = false
                $0.metricGroups = [EndpointMetricGroup(path: "/group", registries: [MetricRegistry()])]
            })
        let statuses = try await withServer(server) { server in
            let client = try TestClient(port: server.port)
            return try ["/metrics", "/group", "/health/metrics"].map { try client.get($0).status }
        }
        #expect(statuses == [404, 404, 404])
    }
}
