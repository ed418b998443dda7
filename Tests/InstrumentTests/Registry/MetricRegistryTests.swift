// SPDX-License-Identifier: Apache-2.0

import Instrument
import Testing

@Suite struct MetricRegistryTests {
    @Test func sameNameAndShapeGiveTheSameMetric() throws {
        let metrics = MetricRegistry()
        try metrics.counter("a_total", help: "A.").increment()
        try metrics.counter("a_total", help: "Another text.").increment()
        #expect(try metrics.counter("a_total", help: "A.").value == 2)
        let family = try metrics.gauge("g", help: "G.", labels: "x")
        family.with("1").set(1)
        let again = try metrics.gauge("g", help: "G.", labels: "x")
        #expect(again.with("1").value == 1)
    }

    @Test(arguments: [
        (
            "http requests_total",
            "metric \"http requests_total\": name has \" \" at byte 4; use letters, digits, _ and :, and no digit first"
        ),
        ("", "metric \"\": name is empty; use letters, digits, _ and :, and no digit first"),
        ("1a_total", "metric \"1a_total\": name has \"1\" at byte 0; use letters, digits, _ and :, and no digit first"),
        ("é_total", "metric \"é_total\": name has \"é\" at byte 0; use letters, digits, _ and :, and no digit first"),
        ("jobs", "metric \"jobs\": a counter's name ends in _total; use \"jobs_total\""),
        ("_total", "metric \"_total\": a counter's name ends in _total; use \"_total_total\""),
    ]) func badNameIsRefusedWithItsRemedy(name: String, message: String) {
        let error = #expect(throws: MetricError.self) { try MetricRegistry().counter(name, help: "h") }
        #expect(error?.description == message)
        #expect(error?.code == .invalidName)
    }

    @Test(arguments: ["le", "quantile", "__name", "1", "a-b", "a:b", "", "zone"])
    func badLabelIsRefused(label: String) {
        let metrics = MetricRegistry(constantLabels: ["zone": "a"])
        let error = #expect(throws: MetricError.self) { try metrics.gauge("g", help: "h", labels: label) }
        #expect(error?.code == .invalidLabel)
    }

    @Test func labelThatStandsTwiceIsRefused() {
        let error = #expect(throws: MetricError.self) {
            try MetricRegistry().gauge("g", help: "h", labels: "a", "a")
        }
        #expect(error?.code == .invalidLabel)
    }

    @Test func anotherShapeUnderTheSameNameIsRefused() throws {
        let metrics = MetricRegistry()
        _ = try metrics.gauge("g", help: "h", labels: "a")
        _ = try metrics.histogram("h", help: "h", buckets: [1, 2])
        for attempt: () throws -> Void in [
            { _ = try metrics.gauge("g", help: "h") },
            { _ = try metrics.gauge("g", help: "h", labels: "b") },
            { _ = try metrics.gauge("g", help: "h", labels: EnumLabel<Verb>("a")) },
            { _ = try metrics.histogram("g", help: "h", labels: "a") },
            { _ = try metrics.gauge("g", help: "h", limits: SeriesLimits(seriesMax: 1), labels: "a") },
            { _ = try metrics.histogram("h", help: "h", buckets: [1, 3]) },
        ] {
            let error = #expect(throws: MetricError.self) { try attempt() }
            #expect(error?.code == .shapeMismatch)
        }
    }

    @Test func collidingSampleNamesAreRefused() throws {
        let metrics = MetricRegistry()
        _ = try metrics.histogram("h", help: "h")
        _ = try metrics.counter("c_total", help: "h")
        for name in ["h_count", "h_sum", "h_bucket", "h_created", "c"] {
            let error = #expect(throws: MetricError.self) { try metrics.gauge(name, help: "h") }
            #expect(error?.code == .nameTaken)
        }
        _ = try metrics.gauge("k_count", help: "h")
        let error = #expect(throws: MetricError.self) { try metrics.histogram("k", help: "h") }
        #expect(
            error?.description
                == "metric \"k\": its sample \"k_count\" would collide with the metric \"k_count\"; use another name")
    }

    @Test(arguments: [[2.0, 1], [1, 1], [.nan], [-.infinity, 1], [1, .infinity, 2]])
    func bucketsThatDoNotAscendAreRefused(bounds: [Double]) {
        let error = #expect(throws: MetricError.self) {
            try MetricRegistry().histogram("h", help: "h", buckets: HistogramBuckets(bounds))
        }
        #expect(error?.code == .invalidOption)
    }

    @Test func unitIsTheEndOfTheName() throws {
        let metrics = MetricRegistry()
        _ = try metrics.counter("sent_bytes_total", help: "h", unit: "bytes")
        let error = #expect(throws: MetricError.self) { try metrics.gauge("size", help: "h", unit: "bytes") }
        #expect(
            error?.description == "metric \"size\": its unit \"bytes\" is not the end of its name; use \"size_bytes\"")
    }

    @Test func enumLabelsOfTooManyCombinationsAreRefused() throws {
        let metrics = MetricRegistry()
        let many = EnumLabel<Many>("a")
        let error = #expect(throws: MetricError.self) {
            try metrics.gauge(
                "g", help: "h", labels: many, EnumLabel<Many>("b"), EnumLabel<Many>("c"), EnumLabel<Many>("d"))
        }
        #expect(error?.code == .invalidOption)
        let three = try metrics.gauge("g", help: "h", labels: many, EnumLabel<Many>("b"), EnumLabel<Many>("c"))
        three.with(.d9, .d9, .d9).set(4)
        #expect(try three.with(values: ["d9", "d9", "d9"]).value == 4)
    }

    @Test func computedCounterNeverGoesDown() throws {
        let metrics = MetricRegistry()
        let source = try MetricRegistry().gauge("source", help: "h")
        try metrics.counter("c_total", help: "h") { source.value }
        for (value, shown) in [(5.0, "5"), (3, "5"), (.nan, "5"), (6, "6")] {
            source.set(value)
            #expect(metrics.exposition().contains("\nc_total \(shown)\n"))
        }
    }

    @Test func callbackIsReadAtEachScrape() throws {
        let metrics = MetricRegistry()
        let source = try MetricRegistry().gauge("source", help: "h")
        try metrics.gauge("g", help: "h") { source.value }
        source.set(1)
        #expect(metrics.exposition().hasSuffix("\ng 1\n"))
        source.set(2)
        #expect(metrics.exposition().hasSuffix("\ng 2\n"))
        #expect(throws: MetricError.self) { try metrics.gauge("g", help: "h") { 0 } }
        #expect(throws: MetricError.self) { try metrics.gauge("g", help: "h") }
    }
}

/// 40 cases: four labels of them are 2.6 million combinations.
enum Many: CaseIterable, Sendable {
    case a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, b0, b1, b2, b3, b4, b5, b6, b7, b8, b9
    case c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, d0, d1, d2, d3, d4, d5, d6, d7, d8, d9
}

enum Verb: String, CaseIterable { case get, post }

@Suite struct CollectorTests {
    private struct Failure: Error {}

    @Test func collectorBringsItsMetricsUpToDate() throws {
        let metrics = MetricRegistry()
        let used = try metrics.gauge("used_bytes", help: "h", labels: "path")
        let reads = try metrics.counter("reads_total", help: "h")
        let source = try MetricRegistry().gauge("source", help: "h")
        try metrics.collector("disk", of: [used, reads]) {
            used.with("/").set(source.value)
            reads.raise(to: source.value)
        }
        source.set(5)
        #expect(metrics.exposition().contains("used_bytes{path=\"/\"} 5\n"))
        source.set(3)
        let text = metrics.exposition()
        #expect(text.contains("used_bytes{path=\"/\"} 3\n"))
        #expect(text.contains("reads_total 5\n"))
    }

    @Test func metricsOfAFailingCollectorAreLeftOutAndCounted() throws {
        let metrics = MetricRegistry()
        let gauge = try metrics.gauge("g", help: "h")
        try metrics.gauge("other", help: "h").set(1)
        try metrics.collector("broken", of: [gauge]) { throw Failure() }
        let text = metrics.exposition()
        #expect(!text.contains("\ng "))
        #expect(text.contains("other 1\n"))
        #expect(text.contains("instrument_collector_failures_total{collector=\"broken\"} 1\n"))
    }

    @Test func metricHasOneCollectorAndBelongsToItsRegistry() throws {
        let metrics = MetricRegistry()
        let gauge = try metrics.gauge("g", help: "h")
        let foreign = try MetricRegistry().gauge("g", help: "h")
        #expect(throws: MetricError.self) { try metrics.collector("a", of: [foreign]) {} }
        try metrics.collector("a", of: [gauge]) {}
        #expect(throws: MetricError.self) { try metrics.collector("b", of: [gauge]) {} }
    }
}
