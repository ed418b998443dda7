// SPDX-License-Identifier: Apache-2.0

import HealthProbes
import Instrument
import Testing

@testable import InstrumentHTTP

@Suite struct ArtifactErrorTests {
    private func expect(
        _ description: String, _ change: (inout ServiceArtifacts) -> Void,
        location: SourceLocation = #_sourceLocation
    ) throws {
        var artifacts = try SampleService().artifacts
        change(&artifacts)
        #expect(sourceLocation: location) {
            try artifacts.files()
        } throws: { error in
            guard let error = error as? ServerError else { return false }
            if error.description != description { Issue.record("\(error.description)", sourceLocation: location) }
            return error.code == .invalidArtifact
        }
    }

    private static let window = Duration.seconds(300)

    /// Conditions with what is wrong with them.
    private static let conditions: [(AlertCondition, String)] = [
        (
            .rate("jobs", over: window) > 1,
            #"metric "jobs": is not registered (there is "jobs_total"); register it, correct the name, or add it to "#
                + "outsideMetrics if another exporter has it"
        ),
        (
            .value("nothing") > 1,
            #"metric "nothing": is not registered; register it, correct the name, or add it to outsideMetrics if "#
                + "another exporter has it"
        ),
        (
            .value(#"queue_length{name="a"}"#) > 1,
            #"metric "queue_length": has no label "name"; it has queue, cluster, job, instance"#
        ),
        (
            .rate("queue_length", over: window) > 1,
            #"metric "queue_length": is a gauge, which has no rate; use .value, or a counter"#
        ),
        (
            .value("job_duration_seconds") > 1,
            #"metric "job_duration_seconds": is a histogram and no series; use .quantile, or its _sum or _count"#
        ),
        (
            .quantile(0.95, of: "queue_length", over: window) > 1,
            #"metric "queue_length_bucket": is not registered; register it, correct the name, or add it to "#
                + "outsideMetrics if another exporter has it"
        ),
        (
            .quantile(95, of: "job_duration_seconds", over: window) > 1,
            "quantile 95.0: is not between 0 and 1; use 0.95, say"
        ),
        (
            .quantile(0.95, of: "job_duration_seconds", over: window, by: ["name"]) > 1,
            #"metric "job_duration_seconds_bucket": has no label "name" to group by; it has queue, cluster, le, job, "#
                + "instance"
        ),
        (
            .quantile(0.95, of: "job_duration_seconds", over: window) > 1_000,
            #"metric "job_duration_seconds": with buckets from 0.005 to 10 a quantile never gets there, so that the "#
                + "alert could never fire; add buckets around its limit"
        ),
        (
            .rate("jobs_total", over: .milliseconds(10)) > 1,
            "query: has a window of 0.01 seconds; use a second to a year"
        ),
        (
            .rate("jobs_total", over: window) < 0,
            "condition: no value is < 0, so that the alert could never fire; correct it"
        ),
        (
            .rate("jobs_total", over: window) >= 0,
            "condition: every value is >= 0, so that the alert could never clear; correct it"
        ),
        (
            .rateRatio(#"jobs_total{outcome="failed"}"#, to: "jobs_total", over: window) > 1,
            "condition: no value is > 1, so that the alert could never fire; correct it"
        ),
        (
            .rateRatio("jobs_total", to: "jobs_total", over: window) > 0.5,
            #"ratio of "jobs_total" to "jobs_total": both are the same; correct one"#
        ),
        (
            .increase("jobs_total", over: .seconds(Int64.max)) > 1,
            "query: has a window of 9.223372036854776e+18 seconds; use a second to a year"
        ),
        (
            .deviation(of: .value("hit_ratio")) > 1e200,
            "deviation: a value that lasts 6m is not 1e+200 deviations off within 1d, so that the alert could never fire; "
                + "lengthen the baseline or shorten the wait"
        ),
        (.value("hit_ratio") > .nan, "limit: > NaN is not finite or not in order; correct it"),
        (
            .between(2, and: 1, .value("hit_ratio")),
            "limit: > 2 <= 1 is not finite or not in order; correct it"
        ),
        (.value("hit_ratio") * 0 > 1, "query: is multiplied by 0.0; use a finite number but 0"),
        (
            .ratio("queue_length", to: "hit_ratio") > 1,
            #"ratio of "queue_length" to "hit_ratio": their labels differ, so that no two series belong together; name "#
                + "the common ones with on:"
        ),
        (
            .prediction(of: "queue_length", relativeTo: "hit_ratio", in: window, from: window) > 1,
            #"prediction of "queue_length" relative to "hit_ratio": their labels differ, so that no two series belong "#
                + "together; use selectors whose labels are the same"
        ),
        (
            .deviation(of: .value("hit_ratio"), baseline: .seconds(600), step: .seconds(60)) > 3,
            "deviation: a baseline of 600.0 seconds has fewer than 12 steps of 60.0 seconds; lengthen it"
        ),
        (.deviation(of: .value("hit_ratio")) < 3, "deviation: only > and >= make sense of one; use these"),
        (
            .promQL("vector(1)") > 0,
            "query: its kind is unknown and so are series to try it with; use whenPromQL"
        ),
        (
            (.value("hit_ratio") > 1).and(.value("hit_ratio") < 0),
            #"condition: both parts ask something of hit_ratio{cluster="eu",instance="instance-1",job="sample"} that "#
                + "does not go together; use whenPromQL and give the series"
        ),
        (
            .value(#"queue_length{queue=~"[0-9]{8}"}"#) > 1,
            #"metric "queue_length": no value for label "queue" comes to mind that queue=~"[0-9]{8}" selects; use "#
                + "whenPromQL and give the series"
        ),
        (
            .summaryQuantile(0.42, of: "query_seconds") > 1,
            #"metric "query_seconds": no value of its label "quantile" is selected by quantile="0.42"; it has 0.5, 0.95"#
        ),
        (
            .value(#"lookups_total{outcome=~"hits?es"}"#) > 1,
            #"metric "lookups_total": no value of its label "outcome" is selected by outcome=~"hits?es"; it has hit, miss"#
        ),
        (
            .value(#"mode{mode="gone"}"#) == 1,
            #"metric "mode": no value of its label "mode" is selected by mode="gone"; it has hit, miss"#
        ),
        (
            .value(#"queue_length{queue="a"#) > 1,
            #"selector "queue_length{queue="a": has a string without its closing quote"#
        ),
        (
            .value("queue_length > 5") > 1,
            #"selector "queue_length > 5": has more text at "> 5"; use name{label="value"}"#
        ),
        (
            .ratio("hit_ratio", to: "hit_ratio") > 1,
            #"condition: both parts ask something of hit_ratio{cluster="eu",instance="instance-1",job="sample"} that "#
                + "does not go together; use whenPromQL and give the series"
        ),
        (
            .value(#"queue_length{queue!~"["}"#) > 1,
            #"metric "queue_length": label "queue": "[" is no regular expression; correct it"#
        ),
        (
            .value(#"queue_length{queue=~"(?!a).*"}"#) > 1,
            #"metric "queue_length": label "queue": "(?!a).*" looks ahead or behind, which Prometheus cannot; use !~ "#
                + "or another expression"
        ),
        (
            .value(MetricSelector("node load", ["job": "a"])) > 1,
            #"metric "node load": is no metric's name; use letters, digits, _ and :"#
        ),
        (
            .value(MetricSelector("up", ["a b": "c"])) == 0,
            #"label "a b": is no label's name; use letters, digits and _"#
        ),
        (.sum(.value("up"), by: ["a)"]) < 1, #"label "a)": is no label's name; use letters, digits and _"#),
        (
            .ratio("up", to: "scrape_samples_scraped", on: [""]) < 1,
            #"label "": is no label's name; use letters, digits and _"#
        ),
        (
            (.value("up") == 0).and(.value("hit_ratio") < 1, ignoring: ["a-b"]),
            #"label "a-b": is no label's name; use letters, digits and _"#
        ),
        (
            .absent("job_duration_seconds"),
            #"metric "job_duration_seconds": is a histogram and no series; use .quantile, or its _sum or _count"#
        ),
    ]

    @Test(arguments: conditions.indices) func wrongConditionsAreToldWithTheirAlert(_ index: Int) throws {
        let (condition, text) = Self.conditions[index]
        try expect("alert \"Wrong\": \(text)") { $0.alert("Wrong", when: condition, summary: "Wrong") }
    }

    @Test func wrongAlertsAreTold() throws {
        let right = MetricQuery.value("hit_ratio") > 1
        try expect(#"alert "A": annotation "{{ $value": its {{ and }} do not pair up; correct the template"#) {
            $0.alert("A", when: right, summary: "{{ $value")
        }
        try expect("alert \"A\": annotation \"{{\u{301}\": its {{ and }} do not pair up; correct the template") {
            $0.alert("A", when: right, summary: "{{\u{301}")
        }
        try expect(#"alert "A": group "{{ $value }}": is a label, in which {{ begins a template; leave it out"#) {
            $0.alert("A", when: right, group: "{{ $value }}", summary: "a")
        }
        try expect(#"alert "": name or group is empty; give both"#) { $0.alert("", when: right, summary: "a") }
        try expect(#"alert "A": waits for 691200.0 seconds; use 0 to a week"#) {
            $0.alert("A", when: right, for: .seconds(8 * 86_400), summary: "a")
        }
        try expect(#"alert "A": is declared twice with one severity; rename one of them"#) {
            $0.alert("A", when: right, summary: "a")
            $0.alert("A", when: right, summary: "b")
        }
        try expect(#"alert "A": expression " ": it or its series are empty; give both"#) {
            $0.alert("A", whenPromQL: " ", firing: ["hit_ratio": .level(1)], clear: [:], summary: "a")
        }
        try expect(
            #"alert "A": metric "x": is not registered; register it, correct the name, or add it to outsideMetrics if "#
                + "another exporter has it"
        ) { $0.alert("A", whenPromQL: "x > 1", firing: ["x": .level(2)], clear: [:], summary: "a") }
    }

    @Test func seriesThatPromtoolCannotReadAreTold() throws {
        try expect(#"alert "A": series "up{job=~"a|b"}": job=~"a|b" names many series; use = and one value"#) {
            $0.alert("A", whenPromQL: "up == 0", firing: [#"up{job=~"a|b"}"#: .level(0)], clear: [:], summary: "a")
        }
        for (slope, text) in [(Double.infinity, "+Inf"), (.nan, "NaN"), (1e308, "1e+308")] {
            try expect(
                #"alert "A": series "up": grows by \#(text) per second, beyond what a number can hold; use less"#
            ) {
                $0.automatic.isOn = false
                $0.alert(
                    "A", whenPromQL: "up == 0", firing: ["up": .growing(perSecond: slope)], clear: [:], summary: "a")
            }
        }
    }

    @Test func wrongPanelsAreToldWithTheirDashboard() throws {
        let unknown =
            #"metric "nothing": is not registered; register it, correct the name, or add it to outsideMetrics if "#
            + "another exporter has it"
        try expect(#"dashboard "sample", panel "nothing": \#(unknown)"#) { $0.section("S") { $0.panel("nothing") } }
        try expect(#"dashboard "sample", panel "P": \#(unknown)"#) {
            $0.section("S") { $0.panel("P", .max(.value("nothing"))) }
        }
        try expect(
            #"dashboard "sample", panel "jobs_total_count": metric "jobs_total_count": is not registered; register it, "#
                + "correct the name, or add it to outsideMetrics if another exporter has it"
        ) { $0.section("S") { $0.panel("jobs_total_count") } }
        try expect(
            #"dashboard "sample", panel "job_duration_seconds_sum": metric "job_duration_seconds_sum": is a sample of "#
                + #""job_duration_seconds"; name that, or give a query"#
        ) { $0.section("S") { $0.panel("job_duration_seconds_sum") } }
        try expect(#"dashboard "sample", panel "P": has no queries, or more than 26; give 1 to 26"#) {
            $0.section("S") { $0.panel("P", []) }
        }
        let long = String(repeating: "a", count: 300)
        try expect(
            #"dashboard "\#(long)": its file's name would have 315 bytes; shorten it so that there are 200 at most"#
        ) { $0.dashboard(long) { $0.section("S") { $0.panel("hit_ratio") } } }
        for title in ["Queue", "…"] {
            let file = title == "Queue" ? "dashboard-queue.json" : "dashboard-.json"
            try expect(#"dashboard "\#(title)": its file would be \#(file), which is taken or has no name; rename it"#)
            {
                $0.dashboard(title) { $0.section("S") { $0.panel("hit_ratio") } }
                $0.dashboard(title) { $0.section("S") { $0.panel("hit_ratio") } }
            }
        }
    }

    @Test func wrongDeploymentsAreTold() throws {
        try expect("scrape.interval: is 0.1 seconds; use a second to an hour") {
            $0.scrape.interval = .milliseconds(100)
        }
        try expect(#"target "http://a:1": is no host:port; leave scheme and path out"#) {
            $0.scrape.targets = ["http://a:1"]
        }
        try expect(#"scrape.externalLabels "a='',b": is no label's name; use letters, digits and _"#) {
            $0.scrape.externalLabels = ["a='',b": "c"]
        }
        try expect(#"scrape.externalLabels "a b": is no label's name; use letters, digits and _"#) {
            $0.scrape.externalLabels = ["a b": "c"]
        }
        try expect("alertmanager.groupWait: is 0.0 seconds; use a second to 30 days") {
            $0.alertmanager.groupWait = .zero
        }
        try expect(
            #"alertmanager.byGroup "databases": no alert is in that group; there are anomalies, application, health, "#
                + "instrument, objectives, service, system"
        ) { $0.alertmanager.byGroup["databases"] = .webhook("http://a/") }
        try expect(
            #"receiver "critical": got "a.example", expected an address that begins with http:// or https://; correct it"#
        ) { $0.alertmanager.critical = .webhook("a.example") }
        for url in ["http://", "http://a b/", "https:///path"] {
            try expect(
                #"receiver "critical": got "\#(url)", expected an address with a host, in which spaces and the like are "#
                    + "written with %; correct it"
            ) { $0.alertmanager.critical = .webhook(url) }
        }
        for host in [":25", "mail:", "mail:smtp"] {
            try expect(#"receiver "info": got "\#(host)", expected host:port; correct it"#) {
                $0.alertmanager.info = .email(to: "a@b", from: "c@d", smarthost: host)
            }
        }
        try expect(#"target "": is no host:port; leave scheme and path out"#) { $0.scrape.targets = [""] }
        try expect("scrape.tokenFile: is empty; name the file with the token, or nil") { $0.scrape.tokenFile = "" }
        try expect(#"receiver "info": got "mail", expected host:port; correct it"#) {
            $0.alertmanager.info = .email(to: "a@b", from: "c@d", smarthost: "mail")
        }
        try expect("livenessProbe: periodSeconds is 0.5 seconds; use whole seconds from 1 to 3600") {
            $0.probes.liveness.period = .milliseconds(500)
        }
        try expect("startupProbe: failureThreshold is 0; use 1 to 1000") { $0.probes.startup.failureThreshold = 0 }
        try expect("readinessProbe: its command is empty; give one, or nil") { $0.probes.readiness.command = [] }
        try expect("selfProbe: its command is empty; give one, or nil") { $0.probes.selfProbe = [] }
        try expect(#"container "My App": use 1 to 63 lower-case letters, digits and single -"#) {
            $0.probes.container = "My App"
        }
    }

    @Test func timingsOfAProbeThatIsLeftOutAreCheckedToo() throws {
        var configuration = EndpointConfiguration()
        configuration.paths.startupz = nil
        configuration.artifacts = try SampleService().artifacts
        configuration.artifacts?.probes.startup.period = .seconds(Int64.max)
        configuration.artifacts?.probes.selfProbe = ["/app/sample", "health"]
        let artifacts = try #require(try InstrumentServer(configuration: configuration).artifacts)
        #expect(
            throws: ServerError(
                .invalidArtifact,
                "startupProbe: periodSeconds is 9.223372036854776e+18 seconds; use whole seconds from 1 to 3600")
        ) { try artifacts.files() }
    }

    @Test(arguments: ["", "a b", "a\"b", "…", "--"]) func aJobThatCannotBeANameIsTold(_ job: String) {
        #expect(
            throws: ServerError(.invalidArtifact, "job \"\(job)\": use letters, digits, -, _ and .")
        ) { try ServiceArtifacts(job: job, metrics: []).files() }
    }

    @Test func protectedMetricsNeedTheTokensFile() throws {
        var configuration = EndpointConfiguration.testing { $0.protectsMetrics = true }
        try configuration.credentials.add(token: "correct-horse")
        configuration.artifacts = try SampleService().artifacts
        let server = try InstrumentServer(configuration: configuration)
        #expect(
            throws: ServerError(
                .invalidArtifact,
                "scrape.tokenFile: is not set, but the endpoint protects its metrics; name the file with the token")
        ) { try server.start() }
        configuration.artifacts?.scrape.tokenFile = "token"
        let other = try InstrumentServer(configuration: configuration)
        try other.start()
        other.stop()
    }

    @Test func aPortThatIsNotKnownYetIsTold() throws {
        let server = try InstrumentServer(
            configuration: .testing { $0.artifacts = ServiceArtifacts(job: "a", metrics: []) })
        #expect(
            throws: ServerError(
                .invalidArtifact,
                "artifacts: the endpoint's port is 0 until the server is started; start it first, or set a port")
        ) { try server.artifacts?.files() }
    }

    /// What a service registers under the package's names, in a shape of its own, is no reason for an error about an alert
    /// that nobody declared.
    @Test func namesInAnotherShapeAddNoAutomaticAlert() throws {
        let metrics = MetricRegistry()
        _ = try metrics.counter("http_requests_total", help: "Requests.", labels: "status")
        _ = try metrics.summary("http_request_duration_seconds", help: "Their time.", quantiles: [0.5])
        _ = try metrics.gauge("system_memory_size_bytes", help: "Memory.", unit: "bytes")
        _ = try metrics.gauge("system_disk_usage_bytes", help: "Used disk.", unit: "bytes", labels: "path")
        let artifacts = ServiceArtifacts(job: "a", metrics: [metrics])
        let groups = Set(try artifacts.alertRules(artifacts.catalogue).map(\.group))
        #expect(groups.isDisjoint(with: ["application", "system"]))
        _ = try artifacts.files()
    }

    @Test func aServerWithAWrongNameDoesNotStart() throws {
        var artifacts = ServiceArtifacts(job: "a", metrics: [])
        artifacts.alert("A", when: .value("nothing") > 1, summary: "a")
        let server = try InstrumentServer(configuration: .testing { $0.artifacts = artifacts })
        #expect(
            throws: ServerError(
                .invalidArtifact,
                #"alert "A": metric "nothing": is not registered; register it, correct the name, or add it to "#
                    + "outsideMetrics if another exporter has it")
        ) { try server.start() }
    }
}
