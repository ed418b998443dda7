// SPDX-License-Identifier: Apache-2.0

import Instrument

/// The same work many times over, for counting what it allocates from outside.
enum RepeatedWork {
    /// Does one kind of work `count` times.
    ///
    /// - Returns: false for an unknown kind.
    static func run(_ kind: String, count: Int) throws -> Bool {
        let metrics = MetricRegistry()
        let requests = try metrics.counter("requests_total", help: "h", labels: "method", "route", "status")
        for index in 0..<1_000 { requests.with("GET", "/items/\(index)", "200").increment(by: index) }
        let latency = try metrics.histogram("latency_seconds", help: "h")
        let native = try metrics.histogram("native_seconds", help: "h", native: .standard)
        let route = ["/a/route/that/is/longer", "/than/fifteen/bytes"].joined()
        requests.with("GET", route, "200").increment()
        for step in 0..<100 { native.observe(Double(step)) }
        let durations = try metrics.histogram("durations_seconds", help: "h", labels: "route")
        for index in 0..<1_000 {
            let duration = durations.with("/items/\(index)")
            for step in 0..<50 { duration.observe(.milliseconds(step * step % 1_000)) }
        }
        var writer = ExpositionWriter()
        for format in ExpositionFormat.allCases { writer.write(metrics, as: format) }
        for step in 0..<count {
            switch kind {
            case "scrape-text": writer.write(metrics, as: .prometheusText)
            case "scrape-openmetrics": writer.write(metrics, as: .openMetrics)
            case "scrape-protobuf": writer.write(metrics, as: .protobuf)
            case "scrape-json": writer.write(metrics, as: .json)
            case "lookup": requests.with("GET", route, "200").increment()
            case "time": latency.time {}
            case "observe": latency.observe(Double(step % 12))
            case "native": native.observe(Double(step % 100))
            default: return false
            }
        }
        return true
    }
}
