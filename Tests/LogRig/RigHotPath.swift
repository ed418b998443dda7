// SPDX-License-Identifier: Apache-2.0

import Foundation
import StructuredLog

/// The calls whose machine code and allocations are counted from outside.
struct RigHotPath {
    private let lines: Int
    private let mode: String

    init(_ arguments: RigArguments) throws {
        lines = try arguments.number("lines", 1_000)
        mode = arguments.text("mode") ?? "fields"
    }

    func run() throws {
        let log = try StructuredLogger("hot", output: LogOutput(.custom { _ in }, delivery: .synchronous))
        let child = log.child { Self.setTen(&$0, 1) }
        for index in 0..<lines {
            switch mode {
            case "disabled": logDisabledLine(log, index)
            case "static": log.info("request handled")
            case "fields": log.info("request handled") { Self.setTen(&$0, index) }
            case "child": child.info("request handled")
            case "dictionary":
                log.info(
                    "request handled",
                    [
                        "method": "GET", "route": "/items/:id", "status": 200, "ms": 12.5, "bytes": index,
                        "user": "u-4711", "cached": true, "region": "eu-central-1", "attempt": 1, "ratio": 0.125,
                    ])
            default: throw RigError(description: "mode is none of disabled, static, fields, child, dictionary")
            }
        }
        print(log.pipeline.statistics[0].written)
    }

    private static func setTen(_ fields: inout LogFields, _ index: Int) {
        fields["method"] = "GET"
        fields["route"] = "/items/:id"
        fields["status"] = 200
        fields["ms"] = 12.5
        fields["bytes"] = index
        fields["user"] = "u-4711"
        fields["cached"] = true
        fields["region"] = "eu-central-1"
        fields["attempt"] = 1
        fields["ratio"] = 0.125
    }
}

/// A line whose level is off; the name is looked for in the disassembly.
@inline(never)
func logDisabledLine(_ log: StructuredLogger, _ index: Int) {
    log.debug("off \(index)") {
        $0["a"] = index
        $0["b"] = "x"
    }
}
