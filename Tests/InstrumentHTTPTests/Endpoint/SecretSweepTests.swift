// SPDX-License-Identifier: Apache-2.0

import HealthProbes
import Instrument
import InstrumentHTTP
import Testing

/// A stranger who asks every path of a real server learns names and statuses, and nothing that a check said.
@Suite struct SecretSweepTests {
    @Test func fiveHundredPlantedSecretsAreOnNoRoute() async throws {
        let clock = ManualClock()
        let health = HealthRegistry.manual(clock)
        for number in 0..<500 {
            var options = CheckOptions()
            options.tags = ["SECRET-tag-\(number)"]
            try health.register(
                "check-\(number)", [.liveness, .readiness, .startup], critical: number % 2 == 0, options: options,
                HealthCheck {
                    var result = CheckResult.fail("SECRET-\(number)", value: 1, unit: "SECRET-\(number)")
                    result.details = ["SECRET-\(number)": "SECRET-\(number)"]
                    return result
                })
        }
        try health.start()
        health.tick()
        let paths = EndpointPaths()
        let asked =
            [
                paths.metrics, paths.livez, paths.readyz, paths.startupz, paths.healthz, paths.health,
                paths.metricsJSON,
                paths.heartbeats, paths.logLevels, "/health/live", "/health/ready", "/health/startup",
                "/health/components", "/health/incidents", "/health/history", "/objectives",
                "/api/monitoring/incidents",
                "/nowhere",
            ].compactMap { $0 } + (0..<500).map { "/health/check-\($0)" }

        let server = try InstrumentServer(metrics: MetricRegistry(), health: health, configuration: .testing())
        let found = try await withServer(server) { server in
            let client = try TestClient(port: server.port)
            var found: [String] = []
            for path in asked {
                for query in ["", "?verbose", "?verbose&exclude=check-1", "?details=true&token=guess"] {
                    let answer = try client.get(path + query)
                    if answer.body.contains("SECRET") || answer.fields.values.contains(where: { $0.contains("SECRET") })
                    {
                        found.append(path + query)
                    }
                }
            }
            return found
        }
        #expect(found == [])
    }
}
