// SPDX-License-Identifier: Apache-2.0

import Foundation
import Harness
import Instrument
import Logging
import StructuredLog

/// Lines into nothing, beside swift-log's `StreamLogHandler` (into `/dev/null`) and zerolog, and lines into a file.
enum LogBenchmarks {
    static func run(_ suite: Suite) throws {
        let zerolog = Zerolog()
        let pipeline = try LogPipeline(outputs: [LogOutput(.custom { _ in }, delivery: .synchronous)])
        let log = StructuredLogger("bench", pipeline: pipeline)
        // StreamLogHandler writes to stdio streams alone, one write a line; it gets one that leads nowhere.
        let kept = dup(STDERR_FILENO)
        let nowhere = open("/dev/null", O_WRONLY)
        dup2(nowhere, STDERR_FILENO)
        defer {
            dup2(kept, STDERR_FILENO)
            close(kept)
            close(nowhere)
        }
        var quiet = Logger(label: "bench") { StreamLogHandler.standardError(label: $0) }
        quiet.logLevel = .info
        let swiftLog = quiet

        for threads in [1, 2, 4] {
            suite.add(
                "Log.disabled, 2 fields/\(threads) threads", bar: 1.5,
                reference: (
                    "swift-log disabled/\(threads) threads",
                    {
                        Cost.run(threads: threads) { count in
                            for index in 0..<count { swiftLog.debug("off", metadata: ["a": "\(index)", "b": "x"]) }
                        }
                    }
                )
            ) {
                Cost.run(threads: threads) { count in
                    for index in 0..<count {
                        log.debug("off") {
                            $0["a"] = index
                            $0["b"] = "x"
                        }
                    }
                }
            }
        }
        zerolog.add(suite, "Log.disabled", bar: 1.5, peer: "disabled/1 threads") { count in
            for index in 0..<count { log.debug("off") { $0["a"] = index } }
        }
        suite.add(
            "Log.static message", bar: 110,
            reference: (
                "swift-log static message",
                { Cost.run { count in for _ in 0..<count { swiftLog.info("request handled") } } }
            )
        ) { Cost.run { count in for _ in 0..<count { log.info("request handled") } } }
        zerolog.add(suite, "Log.static message, beside zerolog", bar: 110, peer: "static message") { count in
            for _ in 0..<count { log.info("request handled") }
        }
        suite.add(
            "Log.10 fields, closure", bar: 350,
            reference: (
                "swift-log 10 fields",
                {
                    Cost.run { count in
                        for index in 0..<count {
                            swiftLog.info("request handled", metadata: SwiftLogFields.make(index))
                        }
                    }
                }
            )
        ) { Cost.run { count in for index in 0..<count { tenFields(log, index) } } }
        zerolog.add(suite, "Log.10 fields, closure, beside zerolog", bar: 350, peer: "10 fields") { count in
            for index in 0..<count { tenFields(log, index) }
        }
        zerolog.add(suite, "Log.10 fields, dictionary", bar: nil, peer: "10 fields") {
            count in for index in 0..<count { tenFieldsOfADictionary(log, index) }
        }
        let child = log.child { setTen(&$0, 12_345) }
        zerolog.add(suite, "Log.10 fields in the child's context", bar: 150, peer: "child of 10 fields") { count in
            for _ in 0..<count { child.info("request handled") }
        }
        for threads in [2, 4] {
            suite.add("Log.10 fields, closure/\(threads) threads, a logger each") {
                Cost.run(threads: threads) { count in
                    guard
                        let own = try? StructuredLogger(
                            "bench", output: LogOutput(.custom { _ in }, delivery: .synchronous))
                    else { return }
                    for index in 0..<count { tenFields(own, index) }
                }
            }
        }
        try LogFileBenchmarks.run(suite)
    }

    @inline(never)
    static func tenFields(_ log: StructuredLogger, _ index: Int) { log.info("request handled") { setTen(&$0, index) } }

    @inline(__always)
    static func setTen(_ fields: inout LogFields, _ index: Int) {
        fields["method"] = "GET"
        fields["route"] = "/items/:id"
        fields["status"] = 200
        fields["ms"] = 12.5
        fields["bytes"] = 48_213 &+ index
        fields["user"] = "u-4711"
        fields["cached"] = true
        fields["region"] = "eu-central-1"
        fields["attempt"] = 1
        fields["ratio"] = 0.125
    }

    @inline(never)
    static func tenFieldsOfADictionary(_ log: StructuredLogger, _ index: Int) {
        log.info(
            "request handled",
            [
                "method": "GET", "route": "/items/:id", "status": 200, "ms": 12.5, "bytes": 48_213 &+ index,
                "user": "u-4711", "cached": true, "region": "eu-central-1", "attempt": 1, "ratio": 0.125,
            ])
    }
}

/// The same ten fields as swift-log takes them.
private enum SwiftLogFields {
    static func make(_ index: Int) -> Logger.Metadata {
        [
            "method": "GET", "route": "/items/:id", "status": "200", "ms": "\(12.5)", "bytes": "\(48_213 &+ index)",
            "user": "u-4711", "cached": "\(true)", "region": "eu-central-1", "attempt": "1", "ratio": "\(0.125)",
        ]
    }
}
