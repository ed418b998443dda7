// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument

/// A real listener on the loopback: answers each connection once with fixed bytes and closes it, or never answers.
final class Listener: Sendable {
    let port: UInt16
    private let number: Int32
    private let answer: [UInt8]?
    private let received = Journal<String>()

    /// What clients sent.
    var requests: [String] { received.entries }

    /// - Parameter answer: nil accepts and stays silent.
    init(answering answer: String?) throws {
        self.answer = answer.map { Array($0.utf8) }
        number = socket(AF_INET, Platform.streamSocket, 0)
        guard number >= 0 else { throw SystemError.last("socket") }
        try Descriptor.closeOnExec(number)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let number = number
        let code = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(number, $0, length) == 0 && listen(number, 16) == 0 && getsockname(number, $0, &length) == 0
            }
        }
        guard code else { throw SystemError.last("bind") }
        port = UInt16(bigEndian: address.sin_port)
        try PlainThread(name: "listener") { [number, bytes = self.answer, received] in
            while true {
                let peer = accept(number, nil, nil)
                // Closed by the thread that uses the number: by then nobody else can have been given it.
                guard peer >= 0 else { return _ = close(number) }
                // A silent listener keeps the connection.
                guard let bytes else { continue }
                var chunk = [UInt8](repeating: 0, count: 4_096)
                let count = recv(peer, &chunk, chunk.count, 0)
                if count > 0 {
                    received.append(String(decoding: chunk[..<count], as: UTF8.self))
                    _ = send(peer, bytes, bytes.count, Platform.sendFlags)
                }
                close(peer)
            }
        }.detach()
    }

    deinit { shutdown(number, Int32(SHUT_RDWR)) }
}
