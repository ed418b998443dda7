// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Instrument

@Suite struct OpenMetricsTextTests {
    private enum Breaker: String, CaseIterable, Sendable { case closed, halfOpen = "half_open" }

    @Test func everyKindIsWrittenWithItsOwnHeaderAndSamples() throws {
        let clock = ManualClock()
        let metrics = MetricRegistry(constantLabels: ["zone": "a"], time: .manual(clock))
        let sent = try metrics.counter("sent_bytes_total", help: "Sent \"quoted\".", unit: "bytes")
        sent.increment(by: 3, exemplar: ["trace_id": "a\"b"])
        let latency = try metrics.histogram(
            "latency_seconds", help: "Time.", unit: "seconds", buckets: [0.005, 1, 1e6], labels: "route")
        latency.with("/").observe(0.5, exemplar: ["trace_id": "t1", "span_id": "s1"])
        let sizes = try metrics.summary("sizes", help: "Sizes.", quantiles: [0.5, 0.99])
        sizes.observe(0)
        try metrics.info("build_info", help: "Build.", ["version": "1.2"])
        let breaker = try metrics.stateSet("breaker", help: "State.", of: Breaker.self)
        breaker.set(.halfOpen)
        try metrics.untyped("detection_errors", help: "Errors.").set(2)
        try metrics.gauge("depth", help: "").set(1.5)
        #expect(
            metrics.exposition(.openMetrics, options: ExpositionOptions(showsCreated: true)) == """
                # TYPE breaker stateset
                # HELP breaker State.
                breaker{zone="a",breaker="closed"} 0
                breaker{zone="a",breaker="half_open"} 1
                # TYPE build info
                # HELP build Build.
                build_info{zone="a",version="1.2"} 1
                # TYPE depth gauge
                # HELP depth \

                depth{zone="a"} 1.5
                # TYPE detection_errors unknown
                # HELP detection_errors Errors.
                detection_errors{zone="a"} 2
                # TYPE latency_seconds histogram
                # UNIT latency_seconds seconds
                # HELP latency_seconds Time.
                latency_seconds_bucket{zone="a",route="/",le="0.005"} 0
                latency_seconds_bucket{zone="a",route="/",le="1.0"} 1 # {trace_id="t1",span_id="s1"} 0.5 1767225600.000
                latency_seconds_bucket{zone="a",route="/",le="1e+06"} 1
                latency_seconds_bucket{zone="a",route="/",le="+Inf"} 1
                latency_seconds_sum{zone="a",route="/"} 0.5
                latency_seconds_count{zone="a",route="/"} 1
                latency_seconds_created{zone="a",route="/"} 1767225600.000
                # TYPE sent_bytes counter
                # UNIT sent_bytes bytes
                # HELP sent_bytes Sent \\"quoted\\".
                sent_bytes_total{zone="a"} 3 # {trace_id="a\\"b"} 3 1767225600.000
                sent_bytes_created{zone="a"} 1767225600.000
                # TYPE sizes summary
                # HELP sizes Sizes.
                sizes{zone="a",quantile="0.5"} 0
                sizes{zone="a",quantile="0.99"} 0
                sizes_sum{zone="a"} 0
                sizes_count{zone="a"} 1
                sizes_created{zone="a"} 1767225600.000
                # EOF

                """)
    }

    @Test func emptyRegistryIsOnlyTheEnd() {
        #expect(MetricRegistry().exposition(.openMetrics) == "# EOF\n")
    }

    // As Go's strconv.FormatFloat(x, 'g', -1, 64) prints them, with .0 where it prints a whole number.
    @Test(
        arguments: [
            (0.005, "0.005"), (1, "1.0"), (10, "10.0"), (1e6, "1e+06"), (123_456, "123456.0"),
            (1_234_567, "1.234567e+06"),
            (0.0001, "0.0001"), (0.00001, "1e-05"), (1.5e-7, "1.5e-07"), (1e100, "1e+100"), (100_000, "100000.0"),
            (999_999.5, "999999.5"), (0.1, "0.1"), (2.5, "2.5"), (-3, "-3.0"), (-0.25, "-0.25"), (0, "0.0"),
            (.infinity, "+Inf"), (-.infinity, "-Inf"), (1.1, "1.1"), (12_345.678, "12345.678"),
            (.leastNonzeroMagnitude, "5e-324"),
        ] as [(Double, String)]) func canonicalNumbersAreGosShortestForm(value: Double, text: String)
    {
        var buffer = ByteBuffer()
        buffer.append(canonical: value)
        #expect(buffer.makeString() == text)
    }

    @Test(
        arguments: [
            ["trace_id": String(repeating: "x", count: 121)], ["bad name": "1"], ["": "1"], [:], ["a": "1", "a": "2"],
        ] as [KeyValuePairs<String, String>]) func exemplarThatBreaksTheRulesIsRefusedButItsUpdateCounts(
            labels: KeyValuePairs<String, String>
        ) throws
    {
        let metrics = MetricRegistry()
        let counter = try metrics.counter("a_total", help: "h")
        counter.increment(exemplar: labels)
        #expect(counter.value == 1)
        #expect(!metrics.exposition(.openMetrics).contains(" # {"))
        #expect(metrics.exposition().contains("instrument_refused_updates_total{family=\"a_total\"} 1\n"))
    }

    @Test func longestExemplarIsKept() throws {
        let metrics = MetricRegistry()
        try metrics.counter("a_total", help: "h").increment(exemplar: ["trace_id": String(repeating: "é", count: 120)])
        #expect(metrics.exposition(.openMetrics).contains(" # {trace_id=\"é"))
        #expect(!metrics.exposition().contains(" # {"))
    }

    @Test func exemplarsComeFromTheRegistrysSource() throws {
        let holder = TraceHolder()
        let metrics = MetricRegistry(exemplars: { holder.trace.withLock { $0.map { ["trace_id": $0] } } })
        let counter = try metrics.counter("a_total", help: "h")
        let histogram = try metrics.histogram("h", help: "h", buckets: [1])
        counter.increment()
        histogram.observe(0.5)
        #expect(!metrics.exposition(.openMetrics).contains(" # {"))
        holder.trace.withLock { $0 = "t1" }
        for _ in 0..<10_000 { counter.increment() }
        histogram.observe(.seconds(2))
        let text = metrics.exposition(.openMetrics)
        #expect(text.contains("a_total 10001 # {trace_id=\"t1\"} 1 "))
        #expect(text.contains("h_bucket{le=\"+Inf\"} 2 # {trace_id=\"t1\"} 2 "))
        holder.trace.withLock { $0 = "t2" }
        counter.increment(by: 0.5)
        #expect(metrics.exposition(.openMetrics).contains("a_total 10001.5 # {trace_id=\"t2\"} 0.5 "))
    }

    @Test func foreignNamesAreReplacedForScrapersAndKeptInJSON() throws {
        let metrics = MetricRegistry(names: .utf8)
        let family = try metrics.counter("http.requests é_total", help: "h", labels: "the.route")
        family.with("/").increment()
        #expect(
            metrics.exposition().hasSuffix(
                "# TYPE http_requests___total counter\nhttp_requests___total{the_route=\"/\"} 1\n"))
        #expect(metrics.exposition(.json).contains("\"name\":\"http.requests é_total\""))
        #expect(throws: MetricError.self) { try metrics.counter("http_requests___total", help: "h") }
        #expect(throws: MetricError.self) { try metrics.gauge("g", help: "h", labels: "a.b", "a_b") }
        #expect(throws: MetricError.self) { try metrics.gauge("", help: "h") }
    }
}

private final class TraceHolder: Sendable {
    let trace = Lock<String?>(nil)
}
