// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument

/// A scene of the health rig in a process of its own.
final class Rig: Sendable {
    private let process: Lock<Process>
    private let output = Journal<String>()

    /// The rig stands beside the test bundle.
    private static var executable: URL {
        let tests = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        let bundled = Bundle.allBundles.map { $0.bundleURL.deletingLastPathComponent() } + [tests]
        let found = bundled.map { $0.appendingPathComponent("HealthRig") }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
        return found ?? tests.appendingPathComponent("HealthRig")
    }

    /// Starts the scene.
    init(_ arguments: String...) throws {
        let process = Process()
        process.executableURL = Rig.executable
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        identifier = process.processIdentifier
        self.process = Lock(process)
        let reader = pipe.fileHandleForReading.fileDescriptor
        let output = output
        let handle = pipe.fileHandleForReading
        try PlainThread(name: "rig-output") {
            var text: [UInt8] = []
            var byte: UInt8 = 0
            while read(reader, &byte, 1) == 1 {
                if byte == UInt8(ascii: "\n") {
                    output.append(String(decoding: text, as: UTF8.self))
                    text = []
                } else {
                    text.append(byte)
                }
            }
            withExtendedLifetime(handle) {}
        }.detach()
    }

    let identifier: Int32

    /// The lines so far.
    var lines: [String] { output.entries }

    /// Sends a signal to the process.
    func send(_ signal: Int32) { kill(identifier, signal) }

    /// Waits for a line that starts with `prefix`.
    func line(_ prefix: String) async throws -> String? {
        _ = try await eventually { self.lines.contains { $0.hasPrefix(prefix) } || !self.isRunning }
        _ = try await eventually { self.lines.contains { $0.hasPrefix(prefix) } }
        return lines.first { $0.hasPrefix(prefix) }
    }

    private var isRunning: Bool { process.withLock { $0.isRunning } }

    /// Waits for the end; nil if a signal ended it.
    func exitCode() async throws -> Int32? {
        guard try await eventually({ !self.isRunning }) else {
            send(SIGKILL)
            return nil
        }
        return process.withLock { $0.terminationReason == .exit ? $0.terminationStatus : nil }
    }
}
