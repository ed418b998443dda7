// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument

/// A socket that accepts connections, and the file of a Unix socket, which goes when the listener is closed.
final class Listener: Sendable {
    /// The listening socket.
    let descriptor: Descriptor
    /// The port that was bound, also when 0 was asked for; 0 for a Unix socket.
    let port: Int
    /// Whether its clients may see details without a token.
    let showsDetails: Bool
    /// How it is written in messages, such as `127.0.0.1:8080`.
    let name: String
    private let unixPath: String?

    init(_ descriptor: consuming Descriptor, showsDetails: Bool, name: String, unixPath: String?) {
        port = Self.boundPort(descriptor.number)
        self.descriptor = descriptor
        self.showsDetails = showsDetails
        self.name = port > 0 ? "\(name):\(port)" : name
        self.unixPath = unixPath
    }

    deinit {
        if let unixPath { unlink(unixPath) }
    }

    /// Connections that the kernel keeps until they are accepted.
    private static let backlog: Int32 = 512

    /// Listens on a TCP address.
    ///
    /// - Parameters:
    ///   - host: a numeric address, a name, or `::` for every address of both families (IPv4 alone where IPv6 is off).
    ///   - port: 0 to 65535; 0 lets the system choose.
    /// - Throws: `ServerError`.
    static func tcp(host: String, port: Int, showsDetails: Bool) throws(ServerError) -> Listener {
        guard let number = UInt16(exactly: port) else { throw .invalidPort(port) }
        do {
            return try bindTCP(host: host, port: number, showsDetails: showsDetails)
        } catch {
            // RFC 4291 2.5.2: "::" means every address; a kernel without IPv6 still has those of IPv4.
            guard host == "::", error.code == .addressUnavailable else { throw error }
            return try bindTCP(host: "0.0.0.0", port: number, showsDetails: showsDetails)
        }
    }

    private static func bindTCP(host: String, port: UInt16, showsDetails: Bool) throws(ServerError) -> Listener {
        var hints = addrinfo()
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        hints.ai_socktype = Platform.streamSocket
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &found) == 0, let address = found else {
            throw .unknownHost(host)
        }
        defer { freeaddrinfo(found) }
        let name = host.contains(":") ? "[\(host)]" : host
        let family = address.pointee.ai_family
        let descriptor = try open(family, name: "\(name):\(port)")
        enable(SOL_SOCKET, SO_REUSEADDR, on: descriptor.number)
        if family == AF_INET6 {
            var only: Int32 = 0
            _ = setsockopt(
                descriptor.number, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &only, socklen_t(MemoryLayout<Int32>.size))
        }
        guard bind(descriptor.number, address.pointee.ai_addr, address.pointee.ai_addrlen) == 0,
            listen(descriptor.number, backlog) == 0
        else { throw .bind("\(name):\(port)", errno) }
        return Listener(descriptor, showsDetails: showsDetails, name: name, unixPath: nil)
    }

    /// Listens on a Unix socket; a socket file that nobody listens on any more is replaced.
    ///
    /// - Throws: `ServerError`; also when something that is no socket stands at `path`.
    static func unix(path: String, mode: mode_t, showsDetails: Bool) throws(ServerError) -> Listener {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let capacity = MemoryLayout.size(ofValue: address.sun_path)
        guard !path.isEmpty, path.utf8.count < capacity else { throw .unixPath(path, bytesMax: capacity - 1) }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        try removeStale(path, address)
        let descriptor = try open(AF_UNIX, name: path)
        // The mode is right before the first client can connect: nothing listens yet when it is set.
        guard withAddress(&address, { bind(descriptor.number, $0, $1) }) == 0, chmod(path, mode) == 0,
            listen(descriptor.number, backlog) == 0
        else { throw .bind(path, errno) }
        return Listener(descriptor, showsDetails: showsDetails, name: path, unixPath: path)
    }

    private static func removeStale(_ path: String, _ address: sockaddr_un) throws(ServerError) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw .bind(path, EEXIST) }
        let probe = try open(AF_UNIX, name: path)
        var address = address
        let code = withAddress(&address) { connect(probe.number, $0, $1) }
        guard code != 0, errno == ECONNREFUSED else { throw .bind(path, EADDRINUSE) }
        unlink(path)
    }

    private static func withAddress(
        _ address: inout sockaddr_un, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, size) }
        }
    }

    private static func open(_ family: Int32, name: String) throws(ServerError) -> Descriptor {
        let number = socket(family, Platform.streamSocket, 0)
        guard number >= 0 else { throw .bind(name, errno) }
        let descriptor = Descriptor(owning: number)
        do {
            try Descriptor.closeOnExec(number)
            try Descriptor.makeNonBlocking(number)
        } catch {
            throw .bind(name, error.code)
        }
        return descriptor
    }

    private static func enable(_ level: Int32, _ option: Int32, on number: Int32) {
        var enabled: Int32 = 1
        _ = setsockopt(number, level, option, &enabled, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func boundPort(_ number: Int32) -> Int {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let code = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(number, $0, &size) }
        }
        guard code == 0 else { return 0 }
        let family = Int32(storage.ss_family)
        return withUnsafeBytes(of: &storage) { bytes in
            switch family {
            case AF_INET: Int(UInt16(bigEndian: bytes.load(as: sockaddr_in.self).sin_port))
            case AF_INET6: Int(UInt16(bigEndian: bytes.load(as: sockaddr_in6.self).sin6_port))
            default: 0
            }
        }
    }
}
