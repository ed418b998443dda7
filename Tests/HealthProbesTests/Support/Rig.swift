// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument
import TestSupport

/// A scene of the health rig in a process of its own.
final class Rig: Sendable {
    private let process: ChildProcess
    private let output = Journal<String>()

    /// Starts the scene; the rig stands beside the test program.
    init(_ arguments: String...) throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw SystemError.last("pipe") }
        let reader = Descriptor(owning: ends[0])
        let writer = Descriptor(owning: ends[1])
        try Descriptor.closeOnExec(reader.number)
        try Descriptor.closeOnExec(writer.number)
        let tests = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().path
        process = try ChildProcess(tests + "/HealthRig", arguments, output: writer.number)
        let number = reader.release()
        let output = output
        try PlainThread(name: "rig-output") {
            var text: [UInt8] = []
            var byte: UInt8 = 0
            while read(number, &byte, 1) == 1 {
                if byte == UInt8(ascii: "\n") {
                    output.append(String(decoding: text, as: UTF8.self))
                    text = []
                } else {
                    text.append(byte)
                }
            }
            close(number)
        }.detach()
    }

    /// The lines so far.
    var lines: [String] { output.entries }

    /// Sends a signal to the process.
    func send(_ signal: Int32) { kill(process.identifier, signal) }

    /// Waits for a line that starts with `prefix`.
    func line(_ prefix: String) async throws -> String? {
        _ = try await eventually { self.lines.contains { $0.hasPrefix(prefix) } }
        return lines.first { $0.hasPrefix(prefix) }
    }

    /// Waits for the end; nil if a signal ended it.
    func exitCode() async throws -> Int32? {
        _ = try await eventually { !self.process.isRunning }
        return process.exitCode
    }
}
