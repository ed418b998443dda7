// SPDX-License-Identifier: Apache-2.0

import Instrument
import StructuredLog
import Testing

@Suite struct TaskContextTests {
    @Test func aTasksFieldsStandBetweenChildAndCallSite() async throws {
        let bench = try LogBench()
        let child = bench.log.child {
            $0["who"] = "child"
            $0["only_child"] = 1
        }
        await withLogContext {
            $0["who"] = "outer task"
            $0["request_id"] = "r-1"
            $0["message"] = "renamed"
        } operation: {
            await withLogContext({ $0["who"] = "inner task" }) {
                await Task {
                    child.log(.info, "m", fileID: "M/F.swift", function: "f()", line: 1) { $0["n"] = 1 }
                    child.log(.info, "m", fileID: "M/F.swift", function: "f()", line: 1) { $0["request_id"] = "mine" }
                }.value
            }
            child.log(.info, "m", fileID: "M/F.swift", function: "f()", line: 1)
        }
        bench.log.log(.info, "m", fileID: "M/F.swift", function: "f()", line: 1) { $0["after"] = true }
        #expect(
            bench.capture.lines.map(LogBench.behindHead) == [
                #""only_child":1,"request_id":"r-1","message_":"renamed","who":"inner task","n":1"#,
                #""only_child":1,"message_":"renamed","who":"inner task","request_id":"mine""#,
                #""only_child":1,"who":"outer task","request_id":"r-1","message_":"renamed""#,
                #""after":true"#,
            ])
    }

    @Test func theFieldsOfATaskAreEvaluatedOnceAndPassErrorsOn() throws {
        let bench = try LogBench()
        var evaluated = 0
        struct Stop: Error {}
        #expect(throws: Stop.self) {
            try withLogContext {
                evaluated += 1
                $0["a"] = 1
            } operation: {
                for _ in 0..<3 { bench.log.info("m") }
                throw Stop()
            }
        }
        #expect(evaluated == 1)
        #expect(bench.capture.lines.allSatisfy { $0.hasSuffix(#","a":1}"#) } && bench.capture.lines.count == 3)
    }
}
