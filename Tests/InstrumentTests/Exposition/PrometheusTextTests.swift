// SPDX-License-Identifier: Apache-2.0

import Instrument
import Testing

@Suite struct PrometheusTextTests {
    @Test func countersGaugesAndHistogramsAreWrittenSortedByNameAndInOrderOfCreation() throws {
        let metrics = MetricRegistry()
        let requests = try metrics.counter("http_requests_total", help: "Requests.", labels: "method", "status")
        requests.with("POST", "201").increment()
        requests.with("GET", "200").increment(by: 3)
        requests.with("GET", "200").increment(by: 0.5)
        try metrics.gauge("depth", help: "Jobs waiting.").set(-2)
        let latency = try metrics.histogram("latency_seconds", help: "Time.", buckets: [0.1, 1], labels: "route")
        latency.with("/").observe(0.1)
        latency.with("/").observe(.milliseconds(250))
        latency.with("/").observe(7)
        #expect(
            metrics.exposition() == """
                # HELP depth Jobs waiting.
                # TYPE depth gauge
                depth -2
                # HELP http_requests_total Requests.
                # TYPE http_requests_total counter
                http_requests_total{method="POST",status="201"} 1
                http_requests_total{method="GET",status="200"} 3.5
                # HELP latency_seconds Time.
                # TYPE latency_seconds histogram
                latency_seconds_bucket{route="/",le="0.1"} 1
                latency_seconds_bucket{route="/",le="1"} 2
                latency_seconds_bucket{route="/",le="+Inf"} 3
                latency_seconds_sum{route="/"} 7.35
                latency_seconds_count{route="/"} 3

                """)
    }

    @Test func unlabelledHistogramHasBucketLabelsAlone() throws {
        let metrics = MetricRegistry()
        try metrics.histogram("size_bytes", help: "", buckets: [1]).observe(2)
        #expect(
            metrics.exposition() == """
                # HELP size_bytes \

                # TYPE size_bytes histogram
                size_bytes_bucket{le="1"} 0
                size_bytes_bucket{le="+Inf"} 1
                size_bytes_sum 2
                size_bytes_count 1

                """)
    }

    @Test func helpAndLabelValuesAreEscaped() throws {
        let metrics = MetricRegistry(constantLabels: ["zone": "a\"b"])
        let family = try metrics.gauge("g", help: "back\\slash\nand \"quote\"", labels: "path")
        family.with("c:\\x\n\"y\" é").set(1)
        #expect(
            metrics.exposition() == #"""
                # HELP g back\\slash\nand "quote"
                # TYPE g gauge
                g{zone="a\"b",path="c:\\x\n\"y\" é"} 1

                """#)
    }

    @Test(arguments: [
        (0.0, "0"), (-0.0, "-0"), (1, "1"), (9_007_199_254_740_991, "9007199254740991"), (0.1, "0.1"),
        (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"), (1e300, "1e+300"), (.leastNonzeroMagnitude, "5e-324"),
    ]) func valuesAreWrittenSoThatTheyReadBackToTheSameBits(value: Double, text: String) throws {
        let metrics = MetricRegistry()
        try metrics.gauge("g", help: "h").set(value)
        #expect(metrics.exposition().hasSuffix("\ng \(text)\n"))
    }

    @Test func familyWithoutSeriesIsLeftOut() throws {
        let metrics = MetricRegistry()
        _ = try metrics.counter("a_total", help: "A.", labels: "x")
        #expect(metrics.exposition() == "")
    }
}
