// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Instrument

@Suite struct ProcessMetricsTests {
    @Test func statusIsReadBehindTheLastParenthesis() {
        let line = """
            11055 (a) b) R 11046 11046 4733 0 -1 4194304 103 0 0 0 7 5 0 0 20 0 3 0 182371 2998272 416 \
            18446744073709551615 94500328173568 94500328197673 0
            """
        let status = ProcessStatus(parsing: line)
        #expect(status?.threads == 3)
        #expect(status?.startTicks == 182_371)
        #expect(status?.virtualBytes == 2_998_272)
        #expect(status?.residentPages == 416)
    }

    @Test(arguments: ["", "1 (a", "1 (a) R 1 2", "1 (a) R 1 1 4 0 -1 4 1 0 0 0 7 5 0 0 20 0 x 0 1 2 3"])
    func lineThatIsNoStatusIsRefused(line: String) {
        #expect(ProcessStatus(parsing: line) == nil)
    }

    @Test func bootTimeStandsInItsOwnLine() {
        #expect(ProcessStatus.bootSeconds(parsing: "cpu 1 2\nbtime 1767225600\nprocesses 3\n") == 1_767_225_600)
        #expect(ProcessStatus.bootSeconds(parsing: "cpu 1 2\n") == nil)
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/proc/self/stat"), "needs /proc"))
    func liveValuesArePlausible() throws {
        let metrics = MetricRegistry()
        try metrics.registerProcessMetrics()
        try metrics.registerProcessMetricsAgainIsRefused()
        var values: [String: Double] = [:]
        for line in metrics.exposition().split(separator: "\n") where !line.hasPrefix("#") {
            let parts = line.split(separator: " ")
            values[String(parts[0])] = Double(parts[1])
        }
        let now = Date().timeIntervalSince1970
        #expect(values["process_cpu_seconds_total"]! > 0)
        #expect(values["process_resident_memory_bytes"]! > 1e6)
        #expect(values["process_virtual_memory_bytes"]! > values["process_resident_memory_bytes"]!)
        #expect(values["process_threads"]! >= 1)
        #expect(values["process_open_fds"]! >= 3)
        #expect(values["process_max_fds"]! >= values["process_open_fds"]!)
        #expect(abs(now - values["process_start_time_seconds"]!) < 3_600)
    }

    @Test func withoutProcFilesTheirMetricsAreLeftOut() throws {
        let metrics = MetricRegistry()
        try metrics.registerProcessMetrics(root: "/nowhere")
        let text = metrics.exposition()
        #expect(text.contains("process_cpu_seconds_total"))
        #expect(!text.contains("process_resident_memory_bytes"))
        #expect(!text.contains("process_open_fds"))
    }
}

extension MetricRegistry {
    fileprivate func registerProcessMetricsAgainIsRefused() throws {
        let error = #expect(throws: MetricError.self) { try registerProcessMetrics() }
        #expect(error?.code == .nameTaken)
    }
}
