// SPDX-License-Identifier: Apache-2.0

import Foundation
import InstrumentHTTP
import Testing

@Suite struct EndpointConfigurationTests {
    private func failure(_ environment: [String: String]) -> String {
        do {
            _ = try EndpointConfiguration.fromEnvironment(environment)
            return "accepted"
        } catch {
            return error.description
        }
    }

    @Test func anEmptyEnvironmentGivesTheDefaults() throws {
        let configuration = try EndpointConfiguration.fromEnvironment(["INSTRUMENT_PORT": ""])
        #expect(configuration.host == "127.0.0.1")
        #expect(configuration.port == 8_080)
        #expect(configuration.credentials.isEmpty)
        #expect(configuration.paths.metrics == "/metrics")
        #expect(configuration.requestMetrics == .classic)
    }

    @Test func everyVariableIsRead() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("token-\(UUID())")
        try "  token-in-a-file \nsecond line\n".write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        let configuration = try EndpointConfiguration.fromEnvironment([
            "INSTRUMENT_HOST": "::", "INSTRUMENT_PORT": "9100", "INSTRUMENT_SOCKET": "/run/x.sock",
            "INSTRUMENT_SOCKET_MODE": "600", "INSTRUMENT_TCP": "off", "INSTRUMENT_DETAILS_PORT": "0",
            "INSTRUMENT_TOKEN_FILE": file.path, "INSTRUMENT_PROTECT_METRICS": "yes",
            "INSTRUMENT_ALLOWED_HOSTS": "a, b.example", "INSTRUMENT_METRICS_PATH": "/m",
            "INSTRUMENT_HEALTH_PATH": "off",
            "INSTRUMENT_METRICS": "0", "INSTRUMENT_REQUEST_METRICS": "openTelemetry", "INSTRUMENT_ACCESS_LOG": "ALL",
            "INSTRUMENT_ALIASES": "/status=/healthz, /q=/livez", "INSTRUMENT_SWITCHED_OFF": "/health/history",
            "INSTRUMENT_CONNECTIONS_MAX": "64", "INSTRUMENT_BODY_BYTES_MAX": "10",
        ])
        #expect(configuration.host == "::")
        #expect(configuration.port == 9_100)
        #expect(configuration.unixSocket == UnixSocket(path: "/run/x.sock", mode: 0o600))
        #expect(!configuration.listensOnTCP)
        #expect(configuration.detailsPort == 0)
        #expect(!configuration.credentials.isEmpty)
        #expect(configuration.protectsMetrics)
        #expect(configuration.allowedHosts == ["a", "b.example"])
        #expect(configuration.paths.metrics == "/m")
        #expect(configuration.paths.health == nil)
        #expect(!configuration.servesMetrics)
        #expect(configuration.requestMetrics == .openTelemetry)
        #expect(configuration.accessLog == .all)
        #expect(configuration.limits.connectionsMax == 64)
        #expect(configuration.limits.bodyBytesMax == 10)
        #expect(configuration.paths.aliases == ["/status": "/healthz", "/q": "/livez"])
        #expect(configuration.paths.switchedOff == ["/health/history"])
        #expect(try EndpointConfiguration.fromEnvironment(["INSTRUMENT_REQUEST_METRICS": "off"]).requestMetrics == nil)
    }

    @Test(arguments: [
        ("INSTRUMENT_PORT", "http", "got \"http\", expected a whole number from 0 to 65535"),
        ("INSTRUMENT_PORT", "65536", "got \"65536\", expected a whole number from 0 to 65535"),
        ("INSTRUMENT_TCP", "maybe", "got \"maybe\", expected true or false"),
        ("INSTRUMENT_ACCESS_LOG", "some", "got \"some\", expected one of none, application, all"),
        ("INSTRUMENT_TOKEN_FILE", "/nowhere", "got \"/nowhere\", expected a readable file that holds the token"),
        ("INSTRUMENT_PROTECT_METRICS", "true", "got \"true\", expected a token or user to go with it"),
        ("INSTRUMENT_REQUEST_METRICS", "x", "got \"x\", expected one of classic, openTelemetry, off"),
    ])
    func wrongValuesNameTheVariable(name: String, value: String, problem: String) {
        #expect(failure([name: value]) == "environment variable \(name): \(problem)")
    }

    @Test func aLoopbackAddressInAPodIsNoticed() {
        let pod = ["KUBERNETES_SERVICE_HOST": "10.0.0.1"]
        var configuration = EndpointConfiguration()
        #expect(configuration.isUnreachableForKubelet(pod))
        #expect(!configuration.isUnreachableForKubelet([:]))
        configuration.host = "::"
        #expect(!configuration.isUnreachableForKubelet(pod))
    }

    @Test func wrongSecretsAreNotRepeated() {
        let short = failure(["INSTRUMENT_TOKEN": "secret"])
        #expect(
            short
                == "credentials: expected a token of at least 8 visible ASCII characters without spaces; choose another one"
        )
        #expect(!failure(["INSTRUMENT_USER": "u", "INSTRUMENT_PASSWORD": "secret"]).contains("secret"))
        #expect(failure(["INSTRUMENT_SOCKET": "/x", "INSTRUMENT_SOCKET_MODE": "888"]).contains("octal"))
    }
}
