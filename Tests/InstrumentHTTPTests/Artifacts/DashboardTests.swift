// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument
import Testing

@testable import InstrumentHTTP

@Suite struct DashboardTests {
    /// The parts of a panel that matter.
    private struct Panel: Decodable, Equatable {
        struct Place: Decodable, Equatable {
            let x: Int
            let y: Int
            let w: Int
            let h: Int
        }

        struct Target: Decodable, Equatable {
            let expr: String
            let legendFormat: String
        }

        struct Field: Decodable, Equatable {
            struct Defaults: Decodable, Equatable {
                let unit: String
            }

            let defaults: Defaults
        }

        let title: String
        let type: String
        let gridPos: Place
        let targets: [Target]?
        let fieldConfig: Field?

        /// Title, type, unit and queries with their legends.
        var line: String {
            let queries = (targets ?? []).map { "\($0.expr) [\($0.legendFormat)]" }.joined(separator: "; ")
            return "\(title) | \(type) | \(fieldConfig?.defaults.unit ?? "") | \(queries)"
        }
    }

    private struct File: Decodable {
        let title: String
        let uid: String
        let panels: [Panel]
    }

    private func dashboards(_ artifacts: ServiceArtifacts) throws -> [String: File] {
        var files: [String: File] = [:]
        for file in try artifacts.files() where file.mediaType == .json {
            files[file.name] = try JSONDecoder().decode(File.self, from: Data(file.text.utf8))
        }
        return files
    }

    private func panels(
        _ metrics: MetricRegistry, _ fill: (inout DashboardSection) -> Void
    ) throws -> [String] {
        var artifacts = ServiceArtifacts(job: "j", metrics: [metrics])
        artifacts.showsDefaultPanels = false
        artifacts.section("S", fill)
        return try #require(try dashboards(artifacts)["dashboard.json"]).panels.map(\.line)
    }

    @Test func manyQuantilesShareOneQuery() throws {
        let metrics = MetricRegistry()
        _ = try metrics.summary("query_seconds", help: "Time.", quantiles: (1...40).map { Double($0) / 50 })
        let files = try ServiceArtifacts(job: "a", metrics: [metrics]).files()
        let text = try #require(files.first { $0.name == "dashboard.json" }?.text)
        #expect(text.contains(#""expr" : "max by (quantile) (query_seconds{job=\"a\"})""#))
    }

    @Test func longTitlesKeepDashboardsApart() throws {
        let long = String(repeating: "queue ", count: 10)
        let files = try ArtifactFilesTests.small {
            for title in [long + "a", long + "b"] {
                $0.dashboard(title) { $0.section("S") { $0.panel("queue_length") } }
            }
        }.files().filter { $0.mediaType == .json }
        let identifiers = try files.map { file in
            let json = try JSONSerialization.jsonObject(with: Data(file.text.utf8)) as? [String: Any]
            return try #require(json?["uid"] as? String)
        }
        #expect(identifiers.count == 3)
        #expect(Set(identifiers).count == 3)
        #expect(identifiers.allSatisfy { (1...40).contains($0.utf8.count) })
    }

    @Test func aRegistrationTellsItsPanel() throws {
        let metrics = MetricRegistry()
        _ = try metrics.counter("jobs_total", help: "Jobs.", labels: "queue", "outcome", "node")
        _ = try metrics.counter("sent_bytes_total", help: "What was sent.")
        _ = try metrics.gauge("queue_length", help: "Waiting jobs: all of 0.5 kinds.", labels: "queue")
        _ = try metrics.gauge("pool_ratio", help: "Share in use.")
        _ = try metrics.gauge("backup_last_success_timestamp_seconds", help: "Newest backup.")
        _ = try metrics.histogram("job_duration_seconds", help: "Jobs' time, in seconds.")
        _ = try metrics.summary("query_seconds", help: "Queries' time.", quantiles: [0.5, 0.999], labels: "type")
        _ = try metrics.untyped("errors", help: String(repeating: "Long help ", count: 20))
        let names = [
            "jobs_total", "sent_bytes_total", "queue_length", "pool_ratio", "backup_last_success_timestamp_seconds",
            "job_duration_seconds", "query_seconds", "errors",
        ]
        let quantile = { (share: String) in
            #"histogram_quantile(\#(share), sum by (le) (rate(job_duration_seconds_bucket{job="j"}[5m])))"#
        }
        let lines = try panels(metrics) { section in for name in names { section.panel(name) } }
        #expect(
            lines == [
                "S | row |  | ",
                #"Jobs | timeseries | cps | sum by (queue, outcome) (rate(jobs_total{job="j"}[5m])) or on () vector(0) "#
                    + "[{{queue}} {{outcome}}]",
                #"What was sent | timeseries | Bps | sum(rate(sent_bytes_total{job="j"}[5m])) [__auto]"#,
                #"Waiting jobs | timeseries | short | queue_length{job="j"} or on () vector(0) [{{instance}} {{queue}}]"#,
                #"Share in use | timeseries | percentunit | pool_ratio{job="j"} [{{instance}}]"#,
                "Newest backup: how long ago | stat | s | "
                    + #"time() - backup_last_success_timestamp_seconds{job="j"} [{{instance}}]"#,
                "Jobs' time | timeseries | s | "
                    + "\(quantile("0.5")) [p50]; \(quantile("0.95")) [p95]; \(quantile("0.99")) [p99]",
                #"Queries' time | timeseries | s | max by (type) (query_seconds{quantile="0.5",job="j"}) or on () vector(0) "#
                    + #"[p50 {{type}}]; max by (type) (query_seconds{quantile="0.999",job="j"}) or on () vector(0) "#
                    + "[p99.9 {{type}}]",
                #"errors | timeseries | short | errors{job="j"} [{{instance}}]"#,
            ])
    }

    @Test func aQueryTellsItsUnit() throws {
        let metrics = MetricRegistry()
        _ = try metrics.counter("sent_bytes_total", help: "Sent.")
        _ = try metrics.counter("cpu_seconds_total", help: "Time.")
        _ = try metrics.gauge("temperature_celsius", help: "Warmth.")
        _ = try metrics.histogram("job_duration_seconds", help: "Time.")
        let window = Duration.seconds(300)
        let units: [(MetricQuery, PanelUnit)] = [
            (.rate("sent_bytes_total", over: window), .bytesPerSecond),
            (.increase("sent_bytes_total", over: window), .bytes),
            (.rate("cpu_seconds_total", over: window), .ratio),
            (.rate("cpu_seconds_total", over: window) * 100, .percent),
            (.rate("job_duration_seconds_count", over: window), .perSecond), (.value("temperature_celsius"), .celsius),
            (.max(.value("temperature_celsius")), .celsius),
            (.quantile(0.9, of: "job_duration_seconds", over: window), .seconds),
            (.rateRatio("job_duration_seconds_sum", to: "job_duration_seconds_count", over: window), .seconds),
            (.age(of: "temperature_celsius"), .seconds), (.value("node_other"), .number), (.promQL("1"), .number),
            (.prediction(of: "temperature_celsius", in: window, from: window), .celsius),
            (.ratio("temperature_celsius", to: "temperature_celsius"), .ratio),
        ]
        let catalogue = MetricCatalogue(metrics.families(), outside: ["node_*"])
        for (query, unit) in units { #expect(query.unit(catalogue) == unit, "\(query.promQL())") }
    }

    @Test func declaredQueriesStandAsTheyAreAndShowNoFailuresAsZero() throws {
        let metrics = MetricRegistry()
        _ = try metrics.counter("jobs_total", help: "Jobs.", labels: "outcome")
        let lines = try panels(metrics) { section in
            section.panel(
                "Both", [.rate("jobs_total", over: .seconds(60)), .promQL(#"vector(1) # "a"\b"#)], as: .table)
            section.panel(
                "Failed", .rateRatio(#"jobs_total{outcome="failed"}"#, to: "jobs_total", over: .seconds(60), by: []),
                unit: .percent, as: .gauge)
        }
        #expect(
            lines == [
                "S | row |  | ",
                #"Both | table | cps | rate(jobs_total[1m]) [__auto]; vector(1) # "a"\b [__auto]"#,
                #"Failed | gauge | percent | (sum(rate(jobs_total{outcome="failed"}[1m])) or sum(rate(jobs_total[1m])) * 0)"#
                    + " / sum(rate(jobs_total[1m])) [__auto]",
            ])
    }

    @Test func theServicesDashboardShowsEverythingThatIsRegistered() throws {
        let service = try SampleService()
        var artifacts = service.artifacts
        artifacts.section("Queue") { $0.panel("queue_length") }
        let file = try #require(try dashboards(artifacts)["dashboard.json"])
        #expect(
            file.panels.filter { $0.type == "row" }.map(\.title) == [
                "Overview", "Queue", "Service", "Health", "Requests", "Objectives", "Resources", "Instrumentation",
            ])
        #expect(
            file.panels.dropFirst().prefix { $0.type != "row" }.map(\.title) == [
                "Instances up", "Uptime", "Checks that fail", "Requests", "Failed requests", "Response time (p95)",
                "Error budget left",
            ])
        let queries = file.panels.flatMap { $0.targets ?? [] }.map(\.expr).joined(separator: "\n")
        for family in service.metrics.families() { #expect(queries.contains(family.name), "\(family.name)") }
    }

    @Test func aFamilyOfSeveralRegistriesHasOnePanelAndManyHaveABound() throws {
        let (main, business) = (MetricRegistry(), MetricRegistry(constantLabels: ["group": "business"]))
        for registry in [main, business] { _ = try registry.gauge("shared", help: "In both.") }
        for number in 100..<200 { _ = try main.gauge("z_\(number)", help: "Gauge \(number).") }
        var artifacts = ServiceArtifacts(job: "j", metrics: [main, business])
        artifacts.alert("Shared", when: .value(#"shared{group="business"}"#) > 1, summary: "Shared")
        let file = try #require(try dashboards(artifacts)["dashboard.json"])
        #expect(file.panels.filter { $0.title == "In both" }.count == 1)
        #expect(
            file.panels.filter { $0.type == "row" }.map(\.title) == [
                "Overview", "Service: 60 of 101 metrics", "Instrumentation",
            ])
    }

    @Test func panelsNeitherOverlapNorLeaveTheGrid() throws {
        let file = try #require(try dashboards(try SampleService().artifacts)["dashboard.json"])
        var taken: Set<[Int]> = []
        for place in file.panels.map(\.gridPos) {
            #expect(place.x + place.w <= 24)
            for x in place.x..<place.x + place.w {
                for y in place.y..<place.y + place.h { #expect(taken.insert([x, y]).inserted) }
            }
        }
    }

    @Test func furtherDashboardsHaveFilesOfTheirOwn() throws {
        var artifacts = try SampleService().artifacts
        artifacts.dashboard("Queue & Cache") { dashboard in
            dashboard.section("Jobs") { $0.panel("queue_length") }
            dashboard.section("Cache") { $0.panel("hit_ratio") }
        }
        let files = try dashboards(artifacts)
        #expect(files.keys.sorted() == ["dashboard-queue-cache.json", "dashboard.json"])
        let file = try #require(files["dashboard-queue-cache.json"])
        #expect(file.title == "Queue & Cache")
        #expect(file.uid == "sample-queue-cache")
        #expect(file.panels.map(\.title) == ["Jobs", "Waiting jobs", "Cache", "Share of hits"])
    }
}
