// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument

/// One registry with every kind of metric, written in every format.
enum SampleExposition {
    private enum Breaker: String, CaseIterable, Sendable { case closed, open, halfOpen = "half_open" }

    static func makeRegistry() throws -> MetricRegistry {
        let metrics = MetricRegistry(constantLabels: ["cluster": "eu \"1\"\\"])
        let requests = try metrics.counter(
            "http_requests_total", help: "Requests \\ served\nby \"all\".", labels: "method", "path")
        requests.with("GET", "/a\"b\\c\nd é").increment(by: 3, exemplar: ["trace_id": "abc-d"])
        requests.with("POST", "").increment(by: 0.25)
        _ = try metrics.counter("sent_bytes_total", help: "Sent.", unit: "bytes")
        let temperature = try metrics.gauge("temperature_celsius", help: "", unit: "celsius", labels: "place")
        for (place, value) in [
            ("in", 21.5), ("out", -.infinity), ("sun", .infinity), ("nowhere", .nan), ("tiny", .leastNonzeroMagnitude),
        ] { temperature.with(place).set(value) }
        let latency = try metrics.histogram(
            "latency_seconds", help: "Time.", unit: "seconds", buckets: [0.005, 0.1, 1, 10, 1e6], labels: "route")
        for step in 0..<100 { latency.with("/").observe(Double(step) * 0.02, exemplar: ["trace_id": "t\(step)"]) }
        let native = try metrics.histogram("native_seconds", help: "Native.", buckets: [], native: .standard)
        let both = try metrics.histogram("both_seconds", help: "Both.", buckets: [1, 5], native: .standard)
        for step in 1...1_000 {
            native.observe(Double(step) * 0.01)
            both.observe(Double(step) * 0.01)
        }
        native.observe(0)
        native.observe(-3)
        let sizes = try metrics.summary("response_size_bytes", help: "Sizes.", unit: "bytes")
        for step in 1...100 { sizes.observe(step) }
        _ = try metrics.summary("empty_summary", help: "Empty.")
        try metrics.info("build_info", help: "Build.", ["version": "1.2.3", "commit": "ab12"])
        try metrics.stateSet("breaker", help: "Breaker.", of: Breaker.self).set(.open)
        try metrics.untyped("agent_detection_errors", help: "Errors.").set(4)
        requests.with("GET", "/").increment(by: -1)
        try metrics.registerProcessMetrics()
        try metrics.registerSystemMetrics()
        return metrics
    }

    static func write(into folder: String) throws {
        let metrics = try makeRegistry()
        for format in ExpositionFormat.allCases {
            let bytes = metrics.expositionBytes(format, options: ExpositionOptions(showsCreated: true))
            try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(format)"))
            try Data(format.contentType.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(format).type"))
        }
    }
}
