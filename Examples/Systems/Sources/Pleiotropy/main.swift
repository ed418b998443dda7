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
    let arguments = CommandLine.arguments.dropFirst()
    switch (arguments.first, arguments.dropFirst().first) {
    case (nil, _), ("serve", nil):
        let service = try PleiotropyService(settings)
        try service.start()
        FileHandle.standardError.write(Data("pleiotropy: http://127.0.0.1:\(service.server.port)\n".utf8))
        exit(await service.health.drained())
    case ("artifacts", let folder?):
        // What runs beside the service: alert rules, dashboard and configurations.
        try PleiotropyService(settings).server.artifacts?.write(to: folder)
    case ("health", nil):
        // For a container's health check, whose image has no curl.
        let outcome = SelfProbe(port: UInt16(settings.port)).run()
        print(outcome.line)
        exit(outcome.exitCode)
    default:
        fail("\"\(arguments.joined(separator: " "))\" is no command; use serve, health or artifacts FOLDER")
    }
} catch {
    fail("\(error)")
}
