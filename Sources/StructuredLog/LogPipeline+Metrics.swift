// SPDX-License-Identifier: Apache-2.0

import Instrument

extension LogPipeline {
    /// Registers what the log tells about itself; all but the lines by level are read at a scrape.
    func registerMetrics(in registry: MetricRegistry) throws(LogError) {
        do {
            let events = try registry.counter(
                "log_events_total", help: "Lines logged, by level, before sampling by outputs and drops.",
                labels: "level")
            let cells = LogLevel.allCases.map { events.with($0.description) }
            shared.pointee.setLevelCounters(cells)
            try registerTotals(in: registry)
            try registry.gauge("log_lines_in_flight", help: "Lines accepted and neither written nor dropped yet.") {
                [weak self] in Double(self?.statistics.reduce(0) { $0 + $1.inFlight } ?? 0)
            }
        } catch {
            throw LogError(.metricUnavailable, "log metrics: \(error); give each pipeline a registry of its own")
        }
    }

    private func registerTotals(in registry: MetricRegistry) throws(MetricError) {
        let totals: [(String, String, @Sendable (LogStatistics) -> UInt64)] = [
            ("log_lines_written_total", "Lines that a sink took whole.", { $0.written }),
            ("log_lines_dropped_total", "Lines that were given up.", { $0.dropped }),
            ("log_written_bytes_total", "Bytes of the lines written.", { $0.writtenBytes }),
            ("log_dropped_bytes_total", "Bytes of the lines dropped.", { $0.droppedBytes }),
            ("log_write_errors_total", "Writes and file changes that failed.", { $0.errors }),
            ("log_rotations_total", "Files set aside by the log itself.", { $0.rotations }),
            ("log_reopens_total", "Files opened anew after another program moved them.", { $0.reopenings }),
        ]
        for (name, help, read) in totals {
            try registry.counter(name, help: help) { [weak self] in
                Double(self?.statistics.reduce(0) { $0 + read($1) } ?? 0)
            }
        }
        try registry.counter("log_keys_renamed_total", help: "Fields renamed because the preset needs their key.") {
            [weak self] in Double(self?.renamedKeys ?? 0)
        }
        try registry.counter("log_lines_suppressed_total", help: "Lines left out by sampling and rate limit.") {
            [weak self] in Double(self?.suppressedLines ?? 0)
        }
    }
}
