// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument

/// A blocking client for scenes: one connection for each request.
enum SceneClient {
    /// Connects to 127.0.0.1; nil when that fails.
    static func connected(_ port: Int, patienceMilliseconds: Int = 10_000) -> Descriptor? {
        let number = socket(AF_INET, Platform.streamSocket, 0)
        guard number >= 0 else { return nil }
        let descriptor = Descriptor(owning: number)
        var patience = timeval(tv_sec: patienceMilliseconds / 1_000, tv_usec: 0)
        patience.tv_usec = .init(patienceMilliseconds % 1_000 * 1_000)
        setsockopt(number, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        // Closing resets: half a million connections must not wait for their ports.
        var reset = linger(l_onoff: 1, l_linger: 0)
        setsockopt(number, SOL_SOCKET, SO_LINGER, &reset, socklen_t(MemoryLayout<linger>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(number, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else { return nil }
        return descriptor
    }

    /// The status that a GET is answered with; 0 without an answer.
    static func get(_ port: Int, _ path: String) -> Int {
        guard let descriptor = connected(port) else { return 0 }
        let request = Array("GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8)
        guard request.withUnsafeBytes({ send(descriptor.number, $0.baseAddress, $0.count, Platform.sendFlags) }) > 0
        else { return 0 }
        var answer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor.number, &chunk, chunk.count, 0)
            guard count > 0 else { break }
            answer += chunk[..<count]
        }
        return answer.count > 12 ? Int(String(decoding: answer[9..<12], as: UTF8.self)) ?? 0 : 0
    }

    /// Sends a request, in two pieces when `cut` is above 0, ends its direction and reads whatever comes.
    static func provoke(_ port: Int, _ request: [UInt8], cut: Int) {
        guard let descriptor = connected(port) else { return }
        for piece in cut > 0 ? [request[..<cut], request[cut...]] : [request[...]] {
            let sent = piece.withUnsafeBytes { send(descriptor.number, $0.baseAddress, $0.count, Platform.sendFlags) }
            if sent < 0 { return }
        }
        shutdown(descriptor.number, Int32(SHUT_WR))
        var chunk = [UInt8](repeating: 0, count: 4_096)
        while recv(descriptor.number, &chunk, chunk.count, 0) > 0 {}
    }
}
