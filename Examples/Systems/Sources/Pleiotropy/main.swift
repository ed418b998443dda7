// SPDX-License-Identifier: Apache-2.0

import Foundation
import InstrumentHTTP

/// Ends the process with one line on standard error.
func fail(_ message: String) -> Never {
    FileHandle.standardError.write(Data("pleiotropy: \(message)\n".utf8))
    exit(64)
}

do {
    let settings = try Settings(ProcessInfo.processInfo.environment)
    switch CommandLine.arguments.dropFirst().first {
    case nil, "serve":
        let service = try PleiotropyService(settings)
        try service.start()
        FileHandle.standardError.write(Data("pleiotropy: http://127.0.0.1:\(service.server.port)\n".utf8))
        exit(await service.health.drained())
    case "health":
        // For a container's health check, whose image has no curl.
        let outcome = SelfProbe(port: UInt16(settings.port)).run()
        print(outcome.line)
        exit(outcome.exitCode)
    case .some(let word):
        fail("\"\(word)\" is no command; use serve or health")
    }
} catch {
    fail("\(error)")
}
