// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument
import StructuredLog
import Testing

@Suite struct LogMetricsTests {
    @Test func theLogCountsItself() throws {
        let metrics = MetricRegistry()
        let pipeline = try LogPipeline(
            LogPipeline.Configuration(outputs: [LogOutput(.capture(LogCapture()))], metrics: metrics))
        let log = StructuredLogger("m", pipeline: pipeline)
        log.info("a") { $0["message"] = 1 }
        log.error("b")
        log.debug("off")
        let text = metrics.exposition()
        for expected in [
            #"log_events_total{level="info"} 1"#, #"log_events_total{level="error"} 1"#,
            #"log_events_total{level="debug"} 0"#, "log_lines_written_total 2", "log_lines_dropped_total 0",
            "log_keys_renamed_total 1", "log_lines_in_flight 0", "log_lines_suppressed_total 0",
        ] {
            #expect(text.contains(expected + "\n"), "\(expected)")
        }
        let second = #expect(throws: LogError.self) {
            try LogPipeline(LogPipeline.Configuration(outputs: [], metrics: metrics))
        }
        #expect(second?.code == .metricUnavailable)
    }
}
