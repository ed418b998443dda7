// SPDX-License-Identifier: Apache-2.0

import Foundation
import Harness
import Instrument
import StructuredLog

/// Lines of 300 bytes into a file through the asynchronous writer, everything written and nothing lost.
enum LogFileBenchmarks {
    private static let linesPerThread = 500_000
    /// Makes a line of 300 bytes in all.
    private static let filler = String(repeating: "x", count: 120)

    static func run(_ suite: Suite) throws {
        for threads in [1, 2, 4] {
            let name = "Log.file, 300-byte lines/\(threads) threads, a line of all"
            guard suite.takes(name) else { continue }
            var costs: [Double] = []
            for _ in 0..<5 { costs.append(try round(suite, threads)) }
            costs.sort()
            suite.add(
                name, bar: threads == 4 ? 500 : nil, ours: Cost(minimum: costs[0], median: costs[costs.count / 2]),
                reference: "write(2) of 64 KB alone", cost: try rawWrite(threads * linesPerThread * 300))
        }
    }

    /// Nanoseconds a line, over all threads, until the last byte is written.
    private static func round(_ suite: Suite, _ threads: Int) throws -> Double {
        let path = NSTemporaryDirectory() + "log-bench-\(getpid()).log"
        defer { unlink(path) }
        let pipeline = try LogPipeline(
            outputs: [LogOutput(.file(path), delivery: .asynchronous(.block, queueBytes: 16_777_216))])
        let log = StructuredLogger("bench", pipeline: pipeline)
        // Wall time: what threads spend waiting for the writer counts here, which their CPU times leave out.
        let start = Cost.now()
        _ = Cost.run(threads: threads, operations: linesPerThread, rounds: 1, warmUp: false) { count in
            for index in 0..<count {
                log.info("request handled") {
                    $0["index"] = index
                    $0["filler"] = filler
                }
            }
            pipeline.flush(deadline: .seconds(60))
        }
        let elapsed = Cost.now() - start
        let statistics = pipeline.statistics[0]
        pipeline.shutdown(deadline: .seconds(10))
        let expected = UInt64(threads * linesPerThread)
        suite.expect(
            statistics.written == expected && statistics.dropped == 0,
            "\(threads) threads: \(expected) lines written, got \(statistics.written)")
        return Double(elapsed) / Double(expected)
    }

    /// Nanoseconds for as many bytes as one line has, written by the system alone.
    private static func rawWrite(_ bytes: Int) throws -> Cost {
        let path = NSTemporaryDirectory() + "log-bench-raw-\(getpid()).log"
        defer { unlink(path) }
        let chunk = [UInt8](repeating: 120, count: 65_536)
        var costs: [Double] = []
        for _ in 0..<5 {
            let number = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0o644)
            defer { close(number) }
            let start = Cost.now()
            var rest = bytes
            while rest > 0 {
                let taken = write(number, chunk, min(rest, chunk.count))
                guard taken > 0 else { throw CocoaError(.fileWriteUnknown) }
                rest -= taken
            }
            costs.append(Double(Cost.now() - start) / Double(bytes / 300))
        }
        costs.sort()
        return Cost(minimum: costs[0], median: costs[costs.count / 2])
    }
}
