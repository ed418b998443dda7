// SPDX-License-Identifier: Apache-2.0

import Instrument
import Testing

@testable import HealthProbes

@Suite struct HealthMetricsTests {
    let clock = ManualClock()
    let metrics = MetricRegistry()

    func lines(containing text: String) -> [String] {
        metrics.exposition().split(separator: "\n").map(String.init)
            .filter { $0.contains(text) && !$0.hasPrefix("#") }.sorted()
    }

    @Test func resultsStatusesAndVerdictsAreShown() throws {
        let health = HealthRegistry.manual(clock)
        try health.publish(to: metrics)
        try health.register("db", [.readiness, .info], critical: true) { throw CheckFailure("down") }
        try health.register("cache", .readiness, HealthCheck { .warn("cold") })
        try health.start()
        health.tick()
        #expect(
            lines(containing: "health_check_status")
                == [
                    #"health_check_status{check="cache",kind="readiness"} 0.5"#,
                    #"health_check_status{check="db",kind="info"} 0"#,
                    #"health_check_status{check="db",kind="readiness"} 0"#,
                ])
        #expect(
            lines(containing: "component_health")
                == [#"component_health{component="cache"} 0.5"#, #"component_health{component="db"} 0"#])
        #expect(
            lines(containing: "health_check_results_total")
                == [
                    #"health_check_results_total{check="cache",result="warn"} 1"#,
                    #"health_check_results_total{check="db",result="fail"} 1"#,
                ])
        #expect(
            lines(containing: "health_status")
                == [
                    #"health_status{kind="liveness"} 1"#, #"health_status{kind="overall"} 0"#,
                    #"health_status{kind="readiness"} 0"#, #"health_status{kind="startup"} 1"#,
                ])
        #expect(
            lines(containing: "health_check_last_success")
                == [#"health_check_last_success_timestamp_seconds{check="cache"} 1767225600"#])
        try health.remove("db")
        #expect(lines(containing: #""db""#) == [])
    }

    @Test func heartbeatsAreShownUnderTheNameOfTheHost() throws {
        var configuration = HealthConfiguration()
        configuration.heartbeatMetric = "agent_last_heartbeat_timestamp"
        configuration.heartbeatLabel = "agent_name"
        let health = HealthRegistry.manual(clock, configuration: configuration)
        let early = try health.heartbeat("a", every: .seconds(30))
        early.beat()
        try health.publish(to: metrics)
        let late = try health.heartbeat("b", every: .seconds(30))
        clock.advance(by: .seconds(1))
        late.beat()
        #expect(
            lines(containing: "agent_last")
                == [
                    #"agent_last_heartbeat_timestamp{agent_name="a"} 1767225600"#,
                    #"agent_last_heartbeat_timestamp{agent_name="b"} 1767225601"#,
                ])
    }

    @Test func takenNameIsAnError() throws {
        _ = try metrics.gauge("component_health", help: "Something else.")
        #expect(throws: MetricError.self) { _ = try HealthRegistry(metrics: metrics) }
    }
}
