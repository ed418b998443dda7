// SPDX-License-Identifier: Apache-2.0

import Foundation
import FoundationNetworking
import Instrument
import TestSupport

/// The demo, run as a process of its own.
final class DemoProcess: Sendable {
    /// What a finished run left.
    struct Ended {
        var code: Int32
        var output: String
        var errors: String
    }

    private let process: ChildProcess
    private let output: CapturedFile
    private let errors: CapturedFile

    /// The binary that was built beside the tests.
    static let binary = URL(fileURLWithPath: CommandLine.arguments[0])
        .deletingLastPathComponent().appendingPathComponent("demo").path

    /// Starts a command; the first word is the program's path.
    init(command: [String], environment: [String: String] = [:]) throws {
        output = try CapturedFile()
        errors = try CapturedFile()
        process = try ChildProcess(
            command[0], Array(command.dropFirst()), environment: environment, output: output.number,
            errors: errors.number)
    }

    /// Starts the demo.
    convenience init(_ arguments: [String], environment: [String: String] = [:]) throws {
        try self.init(command: [Self.binary] + arguments, environment: environment)
    }

    /// Sends SIGTERM.
    func terminate() { kill(process.identifier, SIGTERM) }

    /// What the demo left; nil while it runs.
    func ended() throws -> Ended? {
        guard !process.isRunning else { return nil }
        return Ended(code: process.exitCode ?? -1, output: try output.text(), errors: try errors.text())
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
private final class CapturedFile: Sendable {
    private let descriptor: Descriptor
    private let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("demo-\(UUID().uuidString)").path
        descriptor = try Descriptor.open(path, flags: O_WRONLY | O_CREAT | O_APPEND)
    }

    deinit { unlink(path) }

    var number: Int32 { descriptor.number }

    func text() throws -> String { try SmallFile.text(path) }
}
