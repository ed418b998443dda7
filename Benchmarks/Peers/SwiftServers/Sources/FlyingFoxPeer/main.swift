// SPDX-License-Identifier: Apache-2.0

import FlyingFox
import FlyingSocks
import Foundation

let server = HTTPServer(address: try .inet(ip4: "127.0.0.1", port: 0), logger: .disabled)
await server.appendRoute("GET /livez") { _ in
    HTTPResponse(statusCode: .ok, headers: [.contentType: "text/plain"], body: Data("ok\n".utf8))
}
Task {
    try await server.waitUntilListening()
    guard case .ip4(_, let port) = await server.listeningAddress else { exit(1) }
    FileHandle.standardOutput.write(Data("\(port)\n".utf8))
}
try await server.run()
