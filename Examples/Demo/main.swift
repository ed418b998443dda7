// SPDX-License-Identifier: Apache-2.0

import Foundation
import InstrumentHTTP

/// What the process ends with, besides 0 (drained) and 1 (forced); the numbers of `sysexits.h`.
enum ExitCode {
    static let usage: Int32 = 64
    static let folderMissing: Int32 = 66
    static let portTaken: Int32 = 69
    static let unreadable: Int32 = 77
}

/// Ends the process with one line on standard error.
func fail(_ code: Int32, _ message: String) -> Never {
    FileHandle.standardError.write(Data("demo: \(message)\n".utf8))
    exit(code)
}

/// Serves until the drain is over, and ends the process.
func serve(_ path: String, port: UInt16) async -> Never {
    let folder = TextFolder(root: URL(fileURLWithPath: path))
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder.root.path, isDirectory: &isDirectory), isDirectory.boolValue
    else { fail(ExitCode.folderMissing, "folder \"\(path)\" does not exist or is no folder; name one that does") }
    do {
        _ = try folder.list()
    } catch {
        fail(ExitCode.unreadable, "folder \"\(path)\" cannot be listed; grant read permission or name another")
    }
    let service: DemoService
    do {
        service = try DemoService(folder: folder, port: port, environment: ProcessInfo.processInfo.environment)
        try service.start()
    } catch let error as ServerError where error.code == .addressInUse {
        fail(ExitCode.portTaken, "\(error)")
    } catch let error as ServerError where error.code == .permissionDenied {
        fail(ExitCode.unreadable, "\(error)")
    } catch {
        fail(ExitCode.usage, "\(error)")
    }
    let base = "http://127.0.0.1:\(service.server.port)"
    let paths = ["/search?q=import", "/metrics", "/health", "/readyz?verbose", "/api/agents/status"]
    let addresses = paths.map { "  \(base)\($0)\n" }.joined()
    FileHandle.standardError.write(Data("demo: indexing \(path); try\n\(addresses)".utf8))
    exit(await service.health.drained())
}

let arguments: DemoArguments
do throws(UsageError) {
    arguments = try DemoArguments(
        Array(CommandLine.arguments.dropFirst()), environment: ProcessInfo.processInfo.environment)
} catch {
    fail(ExitCode.usage, "\(error)\n\(DemoArguments.usage)")
}
switch arguments.command {
case .serve(let folder):
    await serve(folder, port: arguments.port)
case .artifacts(let folder):
    do {
        let service = try DemoService(
            folder: TextFolder(root: URL(fileURLWithPath: ".")), port: arguments.port,
            environment: ProcessInfo.processInfo.environment)
        try service.server.artifacts?.write(to: folder)
    } catch {
        fail(ExitCode.usage, "\(error)")
    }
case .health:
    let outcome = SelfProbe(port: arguments.port).run()
    print(outcome.line)
    exit(outcome.exitCode)
}
