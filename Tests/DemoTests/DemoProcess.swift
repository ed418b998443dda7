// SPDX-License-Identifier: Apache-2.0

import Foundation
import FoundationNetworking
import Instrument

/// The demo, run as a process of its own.
final class DemoProcess: Sendable {
    /// What a finished run left.
    struct Ended {
        var code: Int32
        var output: String
        var errors: String
    }

    private let process = Process()
    private let output: Captured
    private let errors: Captured

    /// The binary that was built beside the tests.
    static let binary = URL(fileURLWithPath: CommandLine.arguments[0])
        .deletingLastPathComponent().appendingPathComponent("demo")

    /// Starts a command; the first word is the program's path.
    init(command: [String], environment: [String: String] = [:]) throws {
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        output = try Captured()
        errors = try Captured()
        process.standardOutput = output.file
        process.standardError = errors.file
        process.standardInput = FileHandle.nullDevice
        try process.run()
    }

    /// Starts the demo.
    convenience init(_ arguments: [String], environment: [String: String] = [:]) throws {
        try self.init(command: [Self.binary.path] + arguments, environment: environment)
    }

    deinit {
        if process.isRunning { process.terminate() }
    }

    /// Sends SIGTERM.
    func terminate() { process.terminate() }

    /// Waits for the end and reads what was written. Blocks: call it from a thread of its own or for short runs only.
    func wait() throws -> Ended {
        process.waitUntilExit()
        return Ended(code: process.terminationStatus, output: try output.text(), errors: try errors.text())
    }

    /// The address that the demo printed, once it has.
    func base() throws -> String? {
        let pattern = /http:\/\/127\.0\.0\.1:\d+/
        return try errors.text().firstMatch(of: pattern).map { String($0.output) }
    }

    /// Status and body of a GET.
    static func get(_ address: String) async throws -> (status: Int, body: Data) {
        let (body, response) = try await URLSession.shared.data(from: URL(string: address)!)
        return ((response as! HTTPURLResponse).statusCode, body)
    }
}

/// A file that a child writes to and the test reads.
private final class Captured: Sendable {
    let file: FileHandle
    private let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("demo-\(UUID().uuidString)").path
        try Data().write(to: URL(fileURLWithPath: path))
        file = FileHandle(forWritingAtPath: path)!
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func text() throws -> String { try String(contentsOfFile: path, encoding: .utf8) }
}
