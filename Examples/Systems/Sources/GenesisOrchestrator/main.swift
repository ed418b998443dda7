// SPDX-License-Identifier: Apache-2.0

import Foundation

let environment = ProcessInfo.processInfo.environment
let words = Array(CommandLine.arguments.dropFirst())
do {
    guard words.isEmpty || words == ["serve"] || (words.first == "artifacts" && words.count == 2) else {
        throw SettingsError("usage: genesis-orchestrator [serve] | genesis-orchestrator artifacts FOLDER")
    }
    let service = try OrchestratorService(try Settings(environment), environment: environment)
    if words.first == "artifacts" {
        try service.server.artifacts?.write(to: words[1])
    } else {
        try service.start()
        FileHandle.standardError.write(Data("genesis: http://127.0.0.1:\(service.server.port)\n".utf8))
        exit(await service.health.drained())
    }
} catch {
    FileHandle.standardError.write(Data("genesis: \(error)\n".utf8))
    exit(error is SettingsError ? 64 : 1)
}
