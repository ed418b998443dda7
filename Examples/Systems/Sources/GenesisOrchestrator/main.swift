// SPDX-License-Identifier: Apache-2.0

import Foundation
import InstrumentHTTP

/// Ends the process with one line on standard error.
func fail(_ error: any Error) -> Never {
    FileHandle.standardError.write(Data("genesis: \(error)\n".utf8))
    exit(64)
}

let environment = ProcessInfo.processInfo.environment
let service: OrchestratorService
do {
    service = try OrchestratorService(try Settings(environment), environment: environment)
    try service.start()
} catch {
    fail(error)
}
FileHandle.standardError.write(Data("genesis: http://127.0.0.1:\(service.server.port)\n".utf8))
exit(await service.health.drained())
