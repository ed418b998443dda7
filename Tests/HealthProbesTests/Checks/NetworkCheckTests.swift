// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument
import TestSupport
import Testing

@testable import HealthProbes

/// Against real sockets on the loopback.
@Suite struct NetworkCheckTests {
    static func closedPort() throws -> UInt16 { try Listener(answering: nil).port }

    @Test func tcpPassesWhereSomethingListensAndFailsElsewhere() throws {
        let listener = try Listener(answering: nil)
        #expect(run(.tcp(host: "127.0.0.1", port: listener.port)) == .pass)
        #expect(run(.tcp(host: "localhost", port: listener.port)) == .pass)
        let refused = run(.tcp(host: "127.0.0.1", port: try Self.closedPort()))
        #expect(refused.status == .fail)
        #expect(refused.message.contains("Connection refused"))
    }

    @Test func unroutableAddressEndsAtTheDeadline() {
        // RFC 5737: a test network that nothing answers from; some networks say so at once.
        let result = run(.tcp(host: "192.0.2.1", port: 9), timeout: .milliseconds(50))
        #expect(result.status == .fail)
    }

    @Test func dnsResolvesLocalhostAndNotTheInvalidDomain() {
        #expect(run(.dns("localhost")).status == .pass)
        // RFC 6761 section 6.4: never resolves.
        let result = run(.dns("nothing.invalid"))
        #expect(result.status == .fail)
        #expect(result.message.hasPrefix("cannot resolve \"nothing.invalid\""))
    }

    @Test func redisAnswersPing() throws {
        let listener = try Listener(answering: "+PONG\r\n")
        #expect(run(.redis(host: "127.0.0.1", port: listener.port)) == .pass)
        #expect(listener.requests == ["*1\r\n$4\r\nPING\r\n"])
        let busy = try Listener(answering: "-LOADING Redis is loading the dataset in memory\r\n")
        let result = run(.redis(host: "127.0.0.1", port: busy.port))
        #expect(result.status == .fail)
        #expect(result.message.contains("-LOADING"))
    }

    @Test func redisPasswordAppearsInNoMessage() throws {
        let listener = try Listener(answering: "-WRONGPASS invalid username-password pair\r\n")
        let result = run(.redis(host: "127.0.0.1", port: listener.port, password: "s3cret"))
        #expect(result.status == .fail)
        #expect(!result.message.contains("s3cret"))
    }

    @Test func silentPeerEndsAtTheDeadline() throws {
        let listener = try Listener(answering: nil)
        let result = run(.redis(host: "127.0.0.1", port: listener.port), timeout: .milliseconds(50))
        #expect(result == .fail("no answer within the time"))
    }

    @Test(
        arguments: [
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", nil, CheckStatus.pass),
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nready", "ready", .pass),
            ("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbusy", "ready", .fail),
            ("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", nil, .fail),
            ("HTTP/1.0 302 Found\r\n\r\n", nil, .pass),
            ("SSH-2.0-OpenSSH_9.6\r\n", nil, .fail),
        ] as [(String, String?, CheckStatus)])
    func httpJudgesStatusAndBody(answer: String, text: String?, expected: CheckStatus) throws {
        let listener = try Listener(answering: answer)
        let check = HealthCheck.http(host: "127.0.0.1", port: listener.port, path: "/ready?x=1", containing: text)
        #expect(run(check, timeout: .seconds(30)).status == expected)
        #expect(listener.requests.first?.hasPrefix("GET /ready?x=1 HTTP/1.1\r\nHost: 127.0.0.1:") == true)
    }

    @Test func dependenciesAreRefusedOnLiveness() throws {
        let health = HealthRegistry()
        for check in [
            HealthCheck.tcp(host: "h", port: 1), .dns("h"), .http(host: "h"), .redis(host: "h"),
        ] {
            let error = #expect(throws: HealthError.self) { try health.register("x", .liveness, check) }
            #expect(error?.code == .dependencyOnLiveness)
        }
    }
}

/// Against programs that a machine may have.
@Suite struct RealServiceTests {
    static func tool(_ name: String) -> String? {
        ["/usr/bin/", "/usr/local/bin/"].map { $0 + name }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    static func waiting(for check: HealthCheck) async throws -> CheckResult {
        var last = CheckResult.fail("never asked")
        _ = try await eventually {
            last = run(check, timeout: .seconds(1))
            return last.status == .pass
        }
        return last
    }

    @Test(.enabled(if: tool("redis-server") != nil, "redis-server is not installed"))
    func redisServer() async throws {
        let directory = try TemporaryDirectory()
        let port = try NetworkCheckTests.closedPort()
        let server = try ChildProcess(
            #require(Self.tool("redis-server")),
            [
                "--port", "\(port)", "--bind", "127.0.0.1", "--save", "", "--dir", directory.path, "--requirepass",
                "pass",
            ])
        defer { withExtendedLifetime(server) {} }
        #expect(try await Self.waiting(for: .redis(host: "127.0.0.1", port: port, password: "pass")) == .pass)
        let unauthorised = run(.redis(host: "127.0.0.1", port: port))
        #expect(unauthorised.message.contains("NOAUTH"))
    }

    @Test(.enabled(if: tool("python3") != nil, "python3 is not installed"))
    func httpServer() async throws {
        let directory = try TemporaryDirectory()
        try directory.write("ready", to: "health")
        let port = try NetworkCheckTests.closedPort()
        let server = try ChildProcess(
            #require(Self.tool("python3")),
            ["-m", "http.server", "\(port)", "--bind", "127.0.0.1", "--directory", directory.path])
        defer { withExtendedLifetime(server) {} }
        let good = HealthCheck.http(host: "127.0.0.1", port: port, path: "/health", containing: "ready")
        #expect(try await Self.waiting(for: good).status == .pass)
        #expect(
            run(.http(host: "127.0.0.1", port: port, path: "/missing")).message == "answered 404, expected 200...399")
    }
}
