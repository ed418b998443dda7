// SPDX-License-Identifier: Apache-2.0

import Foundation
import HealthProbes
import Instrument
import StructuredLog
import Testing

@testable import InstrumentHTTP

/// The bodies of the health views, rendered without a server.
@Suite struct HealthRouteTests {
    let clock = ManualClock()
    let health: HealthRegistry

    init() throws {
        health = HealthRegistry.manual(clock)
        try health.register("db", .readiness, critical: true, HealthCheck { .pass("42 connections", value: 42) })
        var options = CheckOptions()
        options.publicMessage = "slower than usual"
        try health.register("cache", [.readiness, .info], options: options, HealthCheck { .warn("10.0.0.7 is cold") })
        try health.register("loop", .liveness, critical: true) {}
        try health.start()
        health.tick()
    }

    func render(
        _ route: HealthRoute, query: String = "", check: String? = nil, showsDetails: Bool = false
    ) -> (status: Int, body: String) {
        var body = ByteBuffer()
        let question = HealthQuestion(
            snapshot: health.snapshot(), registry: health, query: QueryParameters(query),
            parameters: check.map { ["check": $0] } ?? [:], showsDetails: showsDetails)
        let status = route.render(question, into: &body)
        return (Int(status.code), body.makeString())
    }

    /// Second by second: a leap would count as a suspension, in which nothing gets older.
    func pass(seconds: Int) {
        for _ in 0..<seconds {
            clock.advance(by: .seconds(1))
            health.tick()
        }
    }

    func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test func probesSayOneWordAndWhatItIsAbout() throws {
        #expect(render(.probe(.liveness)) == (200, "ok\n"))
        #expect(render(.probe(.readiness)) == (200, "degraded\ncache\n"))
        try health.inject(.fail("secret"), into: "db")
        #expect(render(.probe(.readiness)) == (503, "failed\ndb\ncache\n"))
        #expect(render(.probe(.overall)) == (503, "failed\ndb\ncache\n"))
        #expect(render(.probe(.startup)) == (200, "ok\n"))
        health.setMaintenance(true)
        #expect(render(.probe(.readiness)) == (503, "failed (maintenance)\ndb\ncache\n"))
    }

    @Test func aChangeOfHealthIsALineWithoutSource() throws {
        let capture = LogCapture()
        let pipeline = try LogPipeline(outputs: [LogOutput(.capture(capture))], time: .manual(clock))
        try HealthLog.follow(health, StructuredLogger("health", pipeline: pipeline))
        try health.inject(.fail("gone"), into: "db")
        #expect(
            capture.lines.first == #"{"timestamp":"2026-01-01T00:00:00.000Z","level":"ERROR","logger":"health","#
                + #""message":"health check changed","event":"health_transition","subject":"check","name":"db","#
                + #""from":"pass","to":"fail","reason":"gone","test":true}"#)
        pass(seconds: 120)
        #expect(
            capture.lines.last == #"{"timestamp":"2026-01-01T00:02:00.000Z","level":"ERROR","logger":"health","#
                + #""message":"incident escalates","event":"health_escalation","subject":"check","name":"db","#
                + #""from":"fail","to":"fail","reason":"gone","test":true,"escalation":"on-call"}"#)
    }

    @Test func verboseListsEveryCheckOfTheProbe() throws {
        #expect(render(.probe(.readiness), query: "verbose") == (200, "[+]db ok\n[+]cache warn\nreadyz check passed\n"))
        try health.inject(.fail("line\nbreak"), into: "db")
        #expect(
            render(.probe(.readiness), query: "verbose")
                == (503, "[-]db failed: reason withheld\n[+]cache warn\nreadyz check failed\n"))
        #expect(
            render(.probe(.readiness), query: "verbose", showsDetails: true)
                == (503, "[-]db failed: line break\n[+]cache warn\nreadyz check failed\n"))
    }

    @Test func excludedChecksDoNotCount() throws {
        try health.inject(.fail("down"), into: "db")
        #expect(render(.probe(.readiness), query: "exclude=db") == (200, "degraded\ncache\n"))
        #expect(render(.probe(.readiness), query: "exclude=db&exclude=cache") == (200, "ok\n"))
        #expect(
            render(.probe(.readiness), query: "verbose&exclude=db&exclude=nope")
                == (
                    200,
                    "[+]db excluded: ok\n[+]cache warn\n"
                        + "warn: some health checks cannot be excluded: no matches for \"nope\"\nreadyz check passed\n"
                ))
    }

    @Test func probeBodyStaysWithin4096BytesWhateverFails() throws {
        let many = HealthRegistry.manual(ManualClock())
        for number in 0..<1_000 {
            let name = "\(number)-" + String(repeating: "x", count: 64 - "\(number)-".count)
            try many.register(name, .readiness, critical: true) {}
        }
        var body = ByteBuffer()
        let question = HealthQuestion(
            snapshot: many.snapshot(), registry: many, query: QueryParameters(""), parameters: [:],
            showsDetails: true)
        #expect(HealthRoute.probe(.readiness).render(question, into: &body) == .serviceUnavailable)
        #expect(body.count <= 4_096)
        #expect(body.makeString().split(separator: "\n").count == 17)
    }

    @Test func documentShowsNamesAndStatusesAndWithCredentialsEverything() throws {
        let (status, text) = render(.document)
        #expect(status == 200)
        let json = try object(text)
        #expect(json["status"] as? String == "warn")
        #expect(json["color"] as? String == "yellow")
        #expect(json["phase"] as? String == "ready")
        let checks = try #require(json["checks"] as? [String: [[String: Any]]])
        #expect(Set(checks.keys) == ["db", "cache", "loop"])
        let cache = try #require(checks["cache"]?.first)
        #expect(Set(cache.keys) == ["status", "state", "healthy", "color", "critical", "message"])
        #expect(cache["message"] as? String == "slower than usual")
        #expect(!text.contains("10.0.0.7") && !text.contains("42"))

        let details = try object(render(.document, showsDetails: true).body)
        let db = try #require((details["checks"] as? [String: [[String: Any]]])?["db"]?.first)
        #expect(db["observedValue"] as? Int == 42)
        #expect(db["message"] as? String == "42 connections")
        #expect(db["lastSuccess"] as? String == "2026-01-01T00:00:00.000Z")
        #expect(db["durationMs"] as? Int == 0)
        #expect(db["consecutiveFailures"] as? Int == 0)
    }

    @Test func anonymousDocumentKeepsItsLengthWhileNoStatusChanges() throws {
        let length = render(.document).body.utf8.count
        for _ in 0..<200 {
            clock.advance(by: .milliseconds(900))
            health.tick()
            #expect(render(.document).body.utf8.count == length)
        }
    }

    @Test func singleCheckCarriesHealthyMessageAndDetails() throws {
        let (status, body) = render(.check, check: "db", showsDetails: true)
        #expect(status == 200)
        let json = try object(body)
        #expect(json["healthy"] as? Bool == true)
        #expect(json["message"] as? String == "42 connections")
        #expect(json["details"] is [String: Any])
        try health.inject(.fail("down"), into: "db")
        #expect(render(.check, check: "db").status == 503)
        #expect(render(.check, check: "nope").status == 404)
        #expect(!render(.check, check: "<script>").body.contains("<script>"))
    }

    @Test func componentsContainTheWordExactlyWhenGreenOrYellow() throws {
        #expect(render(.components).body.contains("healthy"))
        #expect(try object(render(.components).body)["color"] as? String == "yellow")
        try health.inject(.pass, into: "cache")
        #expect(try object(render(.components).body)["color"] as? String == "green")
        #expect(render(.components).body.contains("healthy"))
        // Even where a message carries the word.
        try health.inject(.fail("unhealthy"), into: "db")
        for showsDetails in [false, true] {
            let (status, body) = render(.components, showsDetails: showsDetails)
            #expect(status == 503)
            #expect(!body.contains("healthy"))
            #expect(try object(body)["color"] as? String == "red")
        }
        try health.clearFault(in: "db")
        health.beginDrain()
        #expect(!render(.components).body.contains("healthy"))
    }

    @Test func incidentsAndHistoryAreArrays() throws {
        try health.inject(.fail("disk 7 is gone"), into: "db")
        clock.advance(by: .seconds(1))
        for route in [HealthRoute.incidents, .history] {
            let (status, text) = render(route)
            #expect(status == 200)
            let list = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]])
            #expect(!list.isEmpty)
            #expect(list.contains { $0["test"] as? Bool == true })
            #expect(!text.contains("disk 7"))
            #expect(render(route, showsDetails: true).body.contains("disk 7"))
        }
        #expect(render(.incidents).body.contains("\"escalation\":\"automated\""))
        #expect(render(.incidents).body.contains("\"ageSeconds\":1"))
        pass(seconds: 120)
        #expect(render(.history).body.contains(#""occasion":"escalation","from":"fail","to":"fail","test":true,"#))
        #expect(render(.history).body.contains(#""escalation":"on-call""#))
    }

    @Test func serviceWithoutChecksIsFine() {
        var body = ByteBuffer()
        let question = HealthQuestion(
            snapshot: nil, registry: nil, query: QueryParameters("verbose"), parameters: ["check": "x"],
            showsDetails: false)
        #expect(HealthRoute.probe(.readiness).render(question, into: &body) == .ok)
        #expect(HealthRoute.document.render(question, into: &body) == .ok)
        #expect(HealthRoute.components.render(question, into: &body) == .ok)
        #expect(HealthRoute.history.render(question, into: &body) == .ok)
        #expect(HealthRoute.check.render(question, into: &body) == .notFound)
    }

    /// What no anonymous reader may find: every message, value and detail carries a secret.
    @Test func plantedSecretsAreNowhereToBeFound() throws {
        let planted = HealthRegistry.manual(ManualClock())
        for number in 0..<500 {
            try planted.register(
                "check-\(number)", [.liveness, .readiness], critical: number % 2 == 0,
                HealthCheck {
                    var result = CheckResult.fail("SECRET-\(number)", value: 1, unit: "SECRET-\(number)")
                    result.details = ["SECRET-\(number)": "SECRET-\(number)"]
                    return result
                })
        }
        try planted.start()
        planted.tick()
        let routes: [HealthRoute] =
            ProbeKind.allCases.map { .probe($0) } + [.document, .components, .incidents, .history]
        for query in ["", "verbose", "verbose&exclude=check-1"] {
            for route in routes {
                var body = ByteBuffer()
                let question = HealthQuestion(
                    snapshot: planted.snapshot(), registry: planted, query: QueryParameters(query), parameters: [:],
                    showsDetails: false)
                _ = route.render(question, into: &body)
                #expect(!body.makeString().contains("SECRET"), "\(route) \(query)")
            }
        }
        for number in 0..<500 {
            var body = ByteBuffer()
            let question = HealthQuestion(
                snapshot: planted.snapshot(), registry: planted, query: QueryParameters(""),
                parameters: ["check": "check-\(number)"], showsDetails: false)
            #expect(HealthRoute.check.render(question, into: &body) == .serviceUnavailable)
            #expect(!body.makeString().contains("SECRET"))
        }
    }

    @Test(
        arguments: [
            (0, "\"1970-01-01T00:00:00.000Z\""), (1_767_225_600_123_999_999, "\"2026-01-01T00:00:00.123Z\""),
            (-1, "\"1970-01-01T00:00:00.000Z\""), (951_782_399_000_000_000, "\"2000-02-28T23:59:59.000Z\""),
            (Int64.max, "\"2262-04-11T23:47:16.854Z\""),
        ] as [(Int64, String)])
    func timestampsHaveAFixedWidth(unixNanoseconds: Int64, expected: String) {
        var buffer = ByteBuffer()
        buffer.append(jsonTimestamp: unixNanoseconds)
        #expect(buffer.makeString() == expected)
    }
}

/// The views as a client meets them.
@Suite struct HealthServingTests {
    @Test func everyViewHasItsPath() async throws {
        let health = HealthRegistry()
        try health.register("db", .readiness, critical: true, timeout: .seconds(60)) {}
        let events = health.events()
        try health.start()
        defer { health.stop() }
        for await event in events where event.subject == .verdict(.readiness) && event.status == .pass { break }
        let server = try InstrumentServer(health: health, configuration: .testing())
        let answers = try await withServer(server) { server in
            let client = try TestClient(port: server.port)
            return try [
                "/readyz?verbose", "/health", "/health/components", "/health/db", "/health/nope", "/health/incidents",
                "/health/history",
            ].map { try client.get($0) }
        }
        #expect(answers.map(\.status) == [200, 200, 200, 200, 404, 200, 200])
        #expect(answers[0].body == "[+]db ok\nreadyz check passed\n")
        #expect(answers[3].fields["content-type"] == "application/health+json")
    }

    @Test func selfProbeTellsByItsExitCode() async throws {
        let health = HealthRegistry()
        try health.start()
        defer { health.stop() }
        let server = try InstrumentServer(health: health, configuration: .testing())
        let (good, bad, port) = try await withServer(server) { server in
            let good = SelfProbe(port: UInt16(server.port)).run()
            health.setMaintenance(true)
            return (good, SelfProbe(port: UInt16(server.port), path: "/readyz").run(), server.port)
        }
        #expect(good == .init(exitCode: 0, line: "200 ok", body: "ok\n"))
        #expect(bad == .init(exitCode: 1, line: "503 failed (maintenance)", body: "failed (maintenance)\n"))
        let gone = SelfProbe(port: UInt16(port)).run()
        #expect(gone.exitCode == 1)
        #expect(gone.line.hasPrefix("no answer from 127.0.0.1:\(port)/healthz: "))
        #expect(gone.body == "")
    }
}
