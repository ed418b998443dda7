// SPDX-License-Identifier: Apache-2.0

import Foundation
import StructuredLog

struct RigError: Error, CustomStringConvertible {
    var description: String
}

/// `command name=value name=value`.
struct RigArguments {
    let command: String
    private let values: [String: String]

    init(_ arguments: some Sequence<String>) throws {
        var values: [String: String] = [:]
        var command: String?
        for argument in arguments {
            if command == nil {
                command = argument
                continue
            }
            let parts = argument.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { throw RigError(description: "\"\(argument)\" is not name=value") }
            values[String(parts[0])] = String(parts[1])
        }
        self.command = command ?? ""
        self.values = values
    }

    func text(_ name: String) -> String? { values[name] }

    func number(_ name: String, _ standard: Int) throws -> Int {
        guard let text = values[name] else { return standard }
        guard let number = Int(text) else { throw RigError(description: "\(name): \"\(text)\" is not a number") }
        return number
    }

    /// `file=PATH`, else standard output, with `delivery=sync|block|drop|below` and `rotate=BYTES keep=FILES`.
    func output() throws -> LogOutput {
        let queueBytes = try number("queue", 8_388_608)
        let delivery: LogDelivery
        switch text("delivery") ?? "block" {
        case "sync": delivery = .synchronous
        case "block": delivery = .asynchronous(.block, queueBytes: queueBytes)
        case "drop": delivery = .asynchronous(.dropNewest, queueBytes: queueBytes)
        case "below": delivery = .asynchronous(.dropBelow(.warning), queueBytes: queueBytes)
        case let other: throw RigError(description: "delivery: \"\(other)\" is none of sync, block, drop, below")
        }
        guard let path = text("file") else { return LogOutput(.standardOutput, delivery: delivery) }
        let bytes = try number("rotate", 0)
        let keep = try number("keep", 0)
        let rotation = bytes > 0 ? LogRotation(bytesMax: bytes, filesMax: keep > 0 ? keep : nil) : nil
        return LogOutput(.file(path, rotation: rotation), delivery: delivery)
    }
}
