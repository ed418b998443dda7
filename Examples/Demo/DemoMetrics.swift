// SPDX-License-Identifier: Apache-2.0

import Instrument

/// What the demo measures, registered once at start.
struct DemoMetrics: Sendable {
    let cycleDuration: Histogram
    let fileReadDuration: Histogram
    let filesRead: Family<Counter, String>
    let filesSkipped: Family<Gauge, String>
    let indexFiles: Gauge
    let indexWords: Gauge
    let lastCycle: Gauge
    let searches: Family<Counter, String>

    init(_ metrics: MetricRegistry) throws {
        cycleDuration = try metrics.histogram(
            "demo_cycle_duration_seconds", help: "Duration of one indexing cycle.",
            buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10])
        fileReadDuration = try metrics.histogram(
            "demo_file_read_duration_seconds", help: "Time to read and split one file.",
            buckets: [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5])
        filesRead = try metrics.counter("demo_files_read_total", help: "Files read, by agent.", labels: "agent")
        filesSkipped = try metrics.gauge(
            "demo_files_skipped", help: "Files that the last cycle left out, by reason.", labels: "reason")
        indexFiles = try metrics.gauge("demo_index_files", help: "Files in the index.")
        indexWords = try metrics.gauge("demo_index_words", help: "Different words in the index.")
        lastCycle = try metrics.gauge(
            "demo_last_cycle_timestamp_seconds", help: "When the last complete cycle ended, in Unix time.")
        searches = try metrics.counter("demo_searches_total", help: "Searches, by outcome.", labels: "outcome")
        try metrics.registerProcessMetrics()
    }
}
