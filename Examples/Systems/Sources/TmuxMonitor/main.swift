// SPDX-License-Identifier: Apache-2.0

import Foundation

do {
    let service = try MonitorService(Settings(ProcessInfo.processInfo.environment))
    try service.start()
    FileHandle.standardError.write(Data("tmux-monitor: http://127.0.0.1:\(service.server.port)\n".utf8))
    exit(await service.health.drained())
} catch {
    FileHandle.standardError.write(Data("tmux-monitor: \(error)\n".utf8))
    exit(64)
}
