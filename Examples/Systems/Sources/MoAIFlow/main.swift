// SPDX-License-Identifier: Apache-2.0

import Foundation

let environment = ProcessInfo.processInfo.environment
let words = Array(CommandLine.arguments.dropFirst())
do {
    let settings = try Settings(environment)
    switch words.first {
    case nil, "serve":
        let service = try FlowService(settings, environment: environment)
        try service.start()
        FileHandle.standardError.write(Data("moai-flow: http://127.0.0.1:\(service.server.port)/health\n".utf8))
        exit(await service.health.drained())
    case "artifacts" where words.count == 2:
        try FlowService(settings, environment: environment).server.artifacts?.write(to: words[1])
    case "health":
        exit(HealthCommand(settings: settings).run(words.dropFirst().first))
    default:
        throw SettingsError(
            description: "usage: moai-flow [serve | health [live | ready | startup | --all] | artifacts FOLDER]")
    }
} catch {
    FileHandle.standardError.write(Data("moai-flow: \(error)\n".utf8))
    exit(error is SettingsError ? 64 : 1)
}
