// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument
import Testing

@testable import InstrumentHTTP

@Suite struct ArtifactFilesTests {
    /// A small service with one of everything.
    static func small(_ change: (inout ServiceArtifacts) -> Void = { _ in }) throws -> ServiceArtifacts {
        let metrics = MetricRegistry()
        _ = try metrics.gauge("queue_length", help: "Waiting jobs.", labels: "queue")
        _ = try metrics.counter("jobs_total", help: "Jobs.", labels: "outcome")
        var artifacts = ServiceArtifacts(job: "orders", metrics: [metrics])
        artifacts.automatic.isOn = false
        artifacts.showsDefaultPanels = false
        change(&artifacts)
        return artifacts
    }

    private static func text(_ name: String, of artifacts: ServiceArtifacts) throws -> String? {
        try artifacts.files().first { $0.name == name }?.text
    }

    @Test func filesOfASmallServiceAreWholeAndInOrder() throws {
        let failures = MetricQuery.rateRatio(
            #"jobs_total{outcome="failed"}"#, to: "jobs_total", over: .seconds(600), by: [])
        let files = try Self.small {
            $0.alert(
                "QueueLong", when: .value("queue_length") > 100, for: .seconds(300), severity: .critical,
                group: "queue", summary: "Queue {{ $labels.queue }} is long",
                description: #"{{ $value | humanize }} jobs wait; it's "bad""#)
            $0.alert(
                "QueueLong", when: .value("queue_length") > 50, for: .seconds(300), group: "queue",
                summary: "Queue {{ $labels.queue }} grows")
            $0.alert("JobsFail", when: failures > 0.1, summary: "Jobs fail")
            $0.section("Queue") { section in
                section.panel("queue_length")
                section.panel("Failed", failures, as: .gauge)
            }
            $0.scrape.targets = ["api:8080"]
            $0.scrape.tokenFile = "token"
            $0.scrape.externalLabels = ["environment": "test"]
            $0.alertmanager.critical = .webhook("http://127.0.0.1:5001/")
            $0.alertmanager.warning = .email(to: "a@b.example", from: "c@b.example", smarthost: "mail.example:587")
            $0.alertmanager.byGroup["queue"] = .slack(urlFile: "/run/secrets/slack", channel: "#queue")
            $0.probes.selfProbe = ["/app/orders", #"health "x""#]
            $0.probes.startup = KubernetesProbe(
                command: ["/app/orders", "health"], period: .seconds(10), timeout: .seconds(5), failureThreshold: 30)
        }.files()
        #expect(
            files == [
                ArtifactFile(name: "alerts.yml", mediaType: .yaml, text: ExpectedArtifacts.rules),
                ArtifactFile(name: "alerts.test.yml", mediaType: .yaml, text: ExpectedArtifacts.ruleTests),
                ArtifactFile(name: "prometheus.yml", mediaType: .yaml, text: ExpectedArtifacts.prometheus),
                ArtifactFile(name: "alertmanager.yml", mediaType: .yaml, text: ExpectedArtifacts.alertmanager),
                ArtifactFile(name: "dashboard.json", mediaType: .json, text: ExpectedArtifacts.dashboard),
                ArtifactFile(name: "kubernetes.yml", mediaType: .yaml, text: ExpectedArtifacts.kubernetes),
                ArtifactFile(name: "healthcheck.dockerfile", mediaType: .text, text: ExpectedArtifacts.healthcheck),
            ])
    }

    @Test func theSameServiceGivesTheSameBytes() throws {
        let first = try SampleService().artifacts.files()
        for _ in 0..<5 { #expect(try SampleService().artifacts.files() == first) }
    }

    @Test func theOrderOfRegistrationDoesNotMatter() throws {
        func files(_ names: [String]) throws -> [ArtifactFile] {
            let metrics = MetricRegistry()
            for name in names { _ = try metrics.gauge(name, help: "Some gauge.") }
            return try ServiceArtifacts(job: "orders", metrics: [metrics]).files()
        }
        #expect(try files(["a", "b", "c"]) == files(["c", "a", "b"]))
    }

    @Test func filesAreWrittenIntoAFolderThatIsMade() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("artifacts-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let artifacts = try SampleService().artifacts
        let inner = folder.appendingPathComponent("a/b").path
        try artifacts.write(to: inner)
        try artifacts.write(to: inner)
        let written = try FileManager.default.contentsOfDirectory(atPath: inner).sorted()
        #expect(try written == artifacts.files().map(\.name).sorted())
        for file in try artifacts.files() {
            #expect(try String(contentsOfFile: "\(inner)/\(file.name)", encoding: .utf8) == file.text)
        }
        #expect {
            try artifacts.write(to: "/dev/null/x")
        } throws: { ($0 as? ServerError)?.description.hasPrefix(#"folder "/dev/null/x": cannot be written: "#) == true }
    }

    @Test func theEndpointTellsAddressPathsAndGroups() throws {
        var configuration = EndpointConfiguration()
        configuration.host = "::"
        configuration.port = 9_100
        configuration.paths.metrics = "/internal/metrics"
        configuration.paths.livez = nil
        configuration.paths.switchedOff = ["/startupz"]
        configuration.metricGroups = [EndpointMetricGroup(path: "/api/metrics/business", registries: [])]
        configuration.artifacts = try Self.small()
        let server = try InstrumentServer(configuration: configuration)
        let artifacts = try #require(server.artifacts)
        #expect(
            try Self.text("prometheus.yml", of: artifacts)?.hasSuffix(
                """
                scrape_configs:
                  - job_name: orders
                    metrics_path: '/internal/metrics'
                    static_configs:
                      - targets:
                          - '127.0.0.1:9100'
                  - job_name: orders/api/metrics/business
                    metrics_path: '/api/metrics/business'
                    static_configs:
                      - targets:
                          - '127.0.0.1:9100'
                        labels:
                          job: orders
                          metrics_path: '/api/metrics/business'

                """) == true)
        #expect(
            try Self.text("kubernetes.yml", of: artifacts)?.hasSuffix(
                """
                          ports:
                            - name: metrics
                              containerPort: 9100
                          readinessProbe:
                            httpGet:
                              path: '/readyz'
                              port: 9100
                            initialDelaySeconds: 0
                            periodSeconds: 5
                            timeoutSeconds: 2
                            failureThreshold: 3

                """) == true)
    }

    @Test func anEndpointWithoutMetricsIsNotScraped() throws {
        var configuration = EndpointConfiguration()
        configuration.servesMetrics = false
        configuration.artifacts = try Self.small()
        let artifacts = try #require(try InstrumentServer(configuration: configuration).artifacts)
        #expect(try Self.text("prometheus.yml", of: artifacts)?.hasSuffix("scrape_configs: []\n") == true)
    }

    @Test func pathsThatAreSwitchedOffAreNotScraped() throws {
        var configuration = EndpointConfiguration()
        configuration.paths.switchedOff = ["/metrics", "/metrics/other"]
        configuration.metricGroups = [EndpointMetricGroup(path: "/metrics/other", registries: [])]
        configuration.artifacts = try Self.small()
        let artifacts = try #require(try InstrumentServer(configuration: configuration).artifacts)
        #expect(try Self.text("prometheus.yml", of: artifacts)?.hasSuffix("scrape_configs: []\n") == true)
    }

    @Test(arguments: ["", "a\u{0}b"]) func aFolderThatCannotBeIsTold(_ folder: String) throws {
        #expect(
            throws: ServerError(.system, "folder \"\(folder)\": is empty or has a NUL byte; choose another one")
        ) { try Self.small().write(to: folder) }
    }

    @Test func whoeverSaysThatTheServiceIsDownSilencesTheRest() throws {
        let artifacts = try Self.small {
            $0.alert("OrdersDown", when: .value(#"up{job="orders"}"#) == 0, severity: .critical, summary: "Down")
            $0.alert("QueueLong", when: .value("queue_length") > 100, summary: "Long")
        }
        #expect(
            try Self.text("alertmanager.yml", of: artifacts)?.hasSuffix(
                """
                  - source_matchers:
                      - 'alertname=~"OrdersDown"'
                    target_matchers:
                      - 'alertname!~"OrdersDown"'
                    equal:
                      - job
                      - instance

                """) == true)
    }

    @Test(
        .enabled(if: PrometheusTool.exists("amtool") && PrometheusTool.exists("promtool"), "no amtool or no promtool"))
    func configurationsPassTheToolsOfTheirPrograms() async throws {
        var artifacts = try SampleService().artifacts
        artifacts.alertmanager.critical = .webhook("https://example.org/hook?a=b#c")
        artifacts.alertmanager.warning = .email(
            to: "a@b.example", from: "c@b.example", smarthost: "mail.example:587", user: "c", passwordFile: "/run/p")
        artifacts.alertmanager.info = .slack(urlFile: "/run/slack", channel: "#a")
        artifacts.alertmanager.byGroup["system"] = .nobody
        artifacts.scrape.externalLabels = ["cluster": "it's \"eu\""]
        let files = try artifacts.files()
        for (tool, arguments) in [
            ("promtool", ["check", "config", "prometheus.yml"]), ("amtool", ["check-config", "alertmanager.yml"]),
        ] {
            let (code, output) = try await PrometheusTool.run(tool, arguments, on: files)
            #expect(code == 0, "\(output)")
        }
    }
}
