// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A file descriptor with one owner; it is closed when the owner goes away.
package struct Descriptor: ~Copyable, Sendable {
    /// The number, for calls that borrow the descriptor.
    package let number: Int32

    /// Takes over an open descriptor. Callers open with close-on-exec.
    package init(owning number: Int32) {
        precondition(number >= 0, "Descriptor: \(number) is not an open descriptor")
        self.number = number
    }

    deinit { close(number) }

    /// Gives the number away: the caller closes it from now on.
    package consuming func release() -> Int32 {
        let number = number
        discard self
        return number
    }

    /// Opens a file, always close-on-exec; a call that a signal cut short is repeated.
    ///
    /// - Throws: `SystemError` of `open`.
    package static func open(_ path: String, flags: Int32, mode: mode_t = 0o644) throws(SystemError) -> Descriptor {
        while true {
            let number = Foundation.open(path, flags | O_CLOEXEC, mode)
            if number >= 0 { return Descriptor(owning: number) }
            guard errno == EINTR else { throw .last("open \(path)") }
        }
    }

    /// Keeps `number` from being inherited by a program that the host starts.
    package static func closeOnExec(_ number: Int32) throws(SystemError) {
        guard fcntl(number, F_SETFD, FD_CLOEXEC) == 0 else { throw .last("fcntl F_SETFD") }
    }

    /// Makes calls on `number` return EAGAIN instead of waiting. Only for descriptors that this package opened.
    package static func makeNonBlocking(_ number: Int32) throws(SystemError) {
        let flags = fcntl(number, F_GETFL)
        guard flags >= 0, fcntl(number, F_SETFL, flags | O_NONBLOCK) == 0 else { throw .last("fcntl F_SETFL") }
    }
}

/// A pipe within the process, both ends close-on-exec and non-blocking: one thread wakes another that polls.
package struct WakePipe: ~Copyable, Sendable {
    /// The end to poll for input.
    package let reader: Descriptor
    private let writer: Descriptor

    /// Makes the pipe.
    ///
    /// - Throws: `SystemError` of `pipe` or `fcntl`.
    package init() throws(SystemError) {
        var ends: (Int32, Int32) = (-1, -1)
        let code = withUnsafeMutablePointer(to: &ends) {
            $0.withMemoryRebound(to: Int32.self, capacity: 2) { Foundation.pipe($0) }
        }
        guard code == 0 else { throw .last("pipe") }
        let reader = Descriptor(owning: ends.0)
        let writer = Descriptor(owning: ends.1)
        for end in [ends.0, ends.1] {
            try Descriptor.closeOnExec(end)
            try Descriptor.makeNonBlocking(end)
        }
        self.reader = reader
        self.writer = writer
    }

    /// The end to write to from a signal handler.
    package var writerNumber: Int32 { writer.number }

    /// Makes the reader readable. Safe from any thread; does not block: a full pipe is readable already.
    package borrowing func wake() {
        var byte: UInt8 = 1
        _ = write(writer.number, &byte, 1)
    }

    /// Takes what is in the pipe, so that the next poll waits again.
    package borrowing func drain() {
        var sink = (UInt64(0), UInt64(0), UInt64(0), UInt64(0))
        while read(reader.number, &sink, MemoryLayout.size(ofValue: sink)) > 0 {}
    }
}
