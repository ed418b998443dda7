// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The sockets that a configuration asks for.
struct EndpointListeners {
    /// All of them; at least one.
    let all: [Listener]
    /// The bound port of the first TCP socket; 0 without one.
    let port: Int
    /// The bound port of the listener for details; 0 without one.
    let detailsPort: Int

    /// Opens them.
    ///
    /// - Throws: `ServerError` for the first that cannot be had; those before it are closed.
    init(_ configuration: EndpointConfiguration, environment: [String: String]) throws(ServerError) {
        var all: [Listener] = []
        if configuration.usesActivatedSockets { all = try Listener.activated(environment: environment) }
        if all.isEmpty, configuration.listensOnTCP {
            all.append(try .tcp(host: configuration.host, port: configuration.port, showsDetails: false))
        }
        if let socket = configuration.unixSocket {
            all.append(try .unix(path: socket.path, mode: mode_t(socket.mode & 0o777), showsDetails: false))
        }
        port = all.first { $0.port > 0 }?.port ?? 0
        if let port = configuration.detailsPort {
            let listener = try Listener.tcp(host: "127.0.0.1", port: port, showsDetails: true)
            all.append(listener)
            detailsPort = listener.port
        } else {
            detailsPort = 0
        }
        guard !all.isEmpty else {
            throw ServerError(
                .invalidConfiguration, "endpoint: listens nowhere; leave listensOnTCP on, or name a unixSocket")
        }
        self.all = all
    }
}
