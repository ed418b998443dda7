// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument

/// A TCP connection of a check: every wait ends at the run's deadline.
struct DeadlineSocket: ~Copyable {
    private let descriptor: Descriptor
    /// On the system's monotonic clock, in nanoseconds.
    private let deadline: UInt64

    /// Connects to the first address of `host` that accepts.
    ///
    /// Names are resolved by `getaddrinfo`, which has no deadline of its own: it may outlast the run, on a thread that
    /// is then left behind.
    init(host: String, port: UInt16, deadline: UInt64) throws {
        let addresses = try AddressList(host: host, port: port)
        var failure: any Error = CheckFailure("\(host) has no address")
        for address in addresses.list {
            do {
                let descriptor = try DeadlineSocket.connect(address, deadline: deadline)
                self.descriptor = descriptor
                self.deadline = deadline
                return
            } catch {
                failure = error
            }
        }
        throw failure
    }

    /// Sends all of it.
    borrowing func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Foundation.send(descriptor.number, $0.baseAddress! + sent, $0.count - sent, Platform.sendFlags)
            }
            if count >= 0 {
                sent += count
            } else if errno == EAGAIN {
                try DeadlineSocket.wait(descriptor.number, Int16(POLLOUT), deadline, "send")
            } else if errno != EINTR {
                throw SystemError.last("send")
            }
        }
    }

    /// Receives until `isComplete` says so, the peer closes, or `bytesMax` bytes have come.
    borrowing func receive(bytesMax: Int, until isComplete: ([UInt8]) -> Bool) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4_096)
        while bytes.count < bytesMax, !isComplete(bytes) {
            let count = recv(descriptor.number, &chunk, min(chunk.count, bytesMax - bytes.count), 0)
            if count > 0 {
                bytes += chunk[..<count]
            } else if count == 0 {
                break
            } else if errno == EAGAIN {
                try DeadlineSocket.wait(descriptor.number, Int16(POLLIN), deadline, "answer")
            } else if errno != EINTR {
                throw SystemError.last("recv")
            }
        }
        return bytes
    }

    private static func connect(_ address: AddressList.Address, deadline: UInt64) throws -> Descriptor {
        let number = socket(address.family, Platform.streamSocket, 0)
        guard number >= 0 else { throw SystemError.last("socket") }
        let descriptor = Descriptor(owning: number)
        try Descriptor.closeOnExec(number)
        try Descriptor.makeNonBlocking(number)
        Platform.suppressBrokenPipeSignal(on: number)
        let code = address.bytes.withUnsafeBytes { bytes in
            Foundation.connect(
                number, bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
        }
        if code == 0 { return descriptor }
        guard errno == EINPROGRESS || errno == EINTR else { throw SystemError.last("connect") }
        try wait(number, Int16(POLLOUT), deadline, "connection")
        var failure: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(number, SOL_SOCKET, SO_ERROR, &failure, &length) == 0 else {
            throw SystemError.last("getsockopt")
        }
        guard failure == 0 else { throw SystemError(code: failure, operation: "connect") }
        return descriptor
    }

    private static func wait(_ number: Int32, _ events: Int16, _ deadline: UInt64, _ what: String) throws {
        while true {
            let now = TimeSource.systemMonotonicNanoseconds()
            guard now < deadline else { throw CheckFailure("no \(what) within the time") }
            var poll = pollfd(fd: number, events: events, revents: 0)
            // One more millisecond: a wait must not end before its deadline.
            let milliseconds = min((deadline - now) / 1_000_000 + 1, 3_600_000)
            let count = Foundation.poll(&poll, 1, Int32(milliseconds))
            if count > 0 { return }
            guard count == 0 || errno == EINTR else { throw SystemError.last("poll") }
        }
    }
}
