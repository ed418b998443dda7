// SPDX-License-Identifier: Apache-2.0

import Foundation
import InstrumentHTTP

/// Ends the process with one line on standard error.
func fail(_ error: any Error) -> Never {
    FileHandle.standardError.write(Data("analysis-platform: \(error)\n".utf8))
    exit(64)
}

let environment = ProcessInfo.processInfo.environment
let words = Array(CommandLine.arguments.dropFirst())
do {
    let service = try PlatformService(try Settings(environment), environment: environment)
    switch (words.first, words.count) {
    case (nil, _):
        try service.start()
        FileHandle.standardError.write(Data("analysis-platform: http://127.0.0.1:\(service.server.port)\n".utf8))
        exit(await service.health.drained())
    case ("artifacts", 2): try service.server.artifacts?.write(to: words[1])
    default: throw SettingsError("usage: analysis-platform | analysis-platform artifacts FOLDER")
    }
} catch {
    fail(error)
}
