// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Where a connection comes from; kept as bytes and spelled out only when someone asks.
struct PeerAddress: Sendable {
    private let storage: sockaddr_storage

    /// Keeps what `accept` wrote.
    init(_ storage: sockaddr_storage) { self.storage = storage }

    /// The numeric address without the port; an IPv4 address mapped into IPv6 as IPv4; `unix` for a Unix socket.
    var host: String {
        var storage = storage
        switch Int32(storage.ss_family) {
        case AF_INET, AF_INET6: break
        default: return "unix"
        }
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let size = socklen_t(
            Int32(storage.ss_family) == AF_INET ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size)
        let code = withUnsafePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getnameinfo($0, size, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
            }
        }
        guard code == 0 else { return "unknown" }
        let host = text.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
        return host.hasPrefix("::ffff:") ? String(host.dropFirst(7)) : host
    }
}
