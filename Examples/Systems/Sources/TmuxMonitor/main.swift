// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Ends the process with one line on standard error.
func fail(_ message: String) -> Never {
    FileHandle.standardError.write(Data("tmux-monitor: \(message)\n".utf8))
    exit(64)
}

do {
    let service = try MonitorService(Settings(ProcessInfo.processInfo.environment))
    let arguments = CommandLine.arguments.dropFirst()
    switch (arguments.first, arguments.dropFirst().first) {
    case (nil, _), ("serve", nil):
        try service.start()
        FileHandle.standardError.write(Data("tmux-monitor: http://127.0.0.1:\(service.server.port)\n".utf8))
        exit(await service.health.drained())
    case ("artifacts", let folder?):
        // What runs beside the monitor: alert rules, dashboard and configurations.
        guard let artifacts = service.server.artifacts else {
            fail("metrics are switched off; there is nothing to alert on")
        }
        try artifacts.write(to: folder)
    default:
        fail("\"\(arguments.joined(separator: " "))\" is no command; use serve or artifacts FOLDER")
    }
} catch {
    fail("\(error)")
}
