// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument

/// A blocking client that sends exactly the bytes it is told to and reads whole answers; nothing is interpreted for it.
final class TestClient {
    /// An answer as it stood on the wire.
    struct Answer: Equatable {
        var status: Int
        /// Names in lower case.
        var fields: [String: String]
        var body: String
    }

    private let descriptor: Descriptor
    private var received: [UInt8] = []

    /// Connects to 127.0.0.1; every read gives up after five minutes.
    init(port: Int) throws {
        descriptor = Descriptor(owning: socket(AF_INET, Platform.streamSocket, 0))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        try connect(&address)
    }

    /// Connects to a Unix socket.
    init(path: String) throws {
        descriptor = Descriptor(owning: socket(AF_UNIX, Platform.streamSocket, 0))
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        try connect(&address)
    }

    private func connect<Address>(_ address: inout Address) throws {
        var patience = timeval(tv_sec: 300, tv_usec: 0)
        setsockopt(descriptor.number, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let size = socklen_t(MemoryLayout<Address>.size)
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Foundation.connect(descriptor.number, $0, size)
            }
        }
        guard code == 0 else { throw SystemError.last("connect") }
    }

    /// Sends bytes as they are.
    func send(_ text: String) throws { try send(Array(text.utf8)) }

    /// Sends bytes as they are.
    func send(_ bytes: [UInt8]) throws {
        var position = 0
        while position < bytes.count {
            let sent = bytes[position...].withUnsafeBytes {
                Foundation.send(descriptor.number, $0.baseAddress, $0.count, Platform.sendFlags)
            }
            guard sent > 0 else { throw SystemError.last("send") }
            position += sent
        }
    }

    /// Ends the sending direction.
    func finishSending() { shutdown(descriptor.number, Int32(SHUT_WR)) }

    /// The next answer.
    ///
    /// - Parameter isHead: whether it answers a HEAD, and so has no body whatever its length says.
    func answer(isHead: Bool = false) throws -> Answer {
        let separator = Array("\r\n\r\n".utf8)
        while received.firstRange(of: separator) == nil { try receive() }
        let end = received.firstRange(of: separator)!
        let lines = String(decoding: received[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        received.removeSubrange(..<end.upperBound)
        let status = Int(lines[0].split(separator: " ")[1]) ?? 0
        var fields: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            fields[parts[0].lowercased()] = parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
        }
        let length = isHead ? 0 : Int(fields["content-length"] ?? "0") ?? 0
        while received.count < length { try receive() }
        let body = String(decoding: received[..<length], as: UTF8.self)
        received.removeSubrange(..<length)
        return Answer(status: status, fields: fields, body: body)
    }

    /// Sends a request without a body and reads its answer.
    func get(_ path: String, method: String = "GET", fields: String = "") throws -> Answer {
        try send("\(method) \(path) HTTP/1.1\r\nHost: localhost\r\n\(fields)\r\n")
        return try answer(isHead: method == "HEAD")
    }

    /// Everything up to the end of the connection; a reset counts as the end.
    func rest() -> [UInt8] {
        while (try? receive()) != nil {}
        defer { received = [] }
        return received
    }

    private func receive() throws {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor.number, &chunk, chunk.count, 0)
        guard count > 0 else { throw count == 0 ? SystemError(code: 0, operation: "end") : .last("recv") }
        received.append(contentsOf: chunk[..<count])
    }
}
