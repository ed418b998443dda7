// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hummingbird
import Logging

let router = Router()
router.get("livez") { _, _ in "ok\n" }
var logger = Logger(label: "peer")
logger.logLevel = .error
let application = Application(
    router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
    onServerRunning: { channel in
        FileHandle.standardOutput.write(Data("\(channel.localAddress?.port ?? 0)\n".utf8))
    }, logger: logger)
try await application.runService()
