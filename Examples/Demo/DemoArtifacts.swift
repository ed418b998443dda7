// SPDX-License-Identifier: Apache-2.0

import HealthProbes
import Instrument
import InstrumentHTTP

/// What is generated for the demo besides the alerts and panels that follow from its metrics and checks.
enum DemoArtifacts {
    static func make(_ metrics: MetricRegistry, _ health: HealthRegistry) -> ServiceArtifacts {
        var artifacts = ServiceArtifacts(job: "demo", metrics: [metrics], health: health)
        artifacts.scrape.interval = .seconds(5)
        artifacts.probes.selfProbe = ["/app/demo", "health"]
        artifacts.alert(
            "IndexingSlow", when: .quantile(0.95, of: "demo_cycle_duration_seconds", over: .seconds(300)) > 5,
            for: .seconds(300), group: "indexing", summary: "Indexing takes long",
            description: "One of 20 cycles takes {{ $value | humanizeDuration }}.")
        artifacts.alert(
            "IndexStale", when: .age(of: "demo_last_cycle_timestamp_seconds") > 120, severity: .critical,
            group: "indexing", summary: "The index is out of date",
            description: "The newest cycle ended {{ $value | humanizeDuration }} ago.")
        artifacts.section("Indexing") { section in
            section.panel("Files in the index", .value("demo_index_files"), as: .stat)
            section.panel("Newest cycle", .age(of: "demo_last_cycle_timestamp_seconds"), as: .stat)
            section.panel("Files read", .sum(.rate("demo_files_read_total", over: .seconds(60)), by: ["agent"]))
        }
        return artifacts
    }
}
