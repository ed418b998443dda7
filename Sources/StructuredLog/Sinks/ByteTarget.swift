// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument

/// What one attempt to write came to.
struct WriteAttempt {
    enum Failure {
        /// Nobody reads at the moment; the attempt has already waited a little.
        case busy
        /// It may work later: a full disk, an exceeded quota, an I/O error.
        case later(Int32)
        /// It will not work again: the pipe's reader is gone, the descriptor is closed.
        case gone(Int32)
    }

    /// How many bytes were taken, even if a failure followed.
    var taken: Int
    var failure: Failure?
    /// Whether a part of a line that was taken earlier, or now, is no longer there: that line starts again.
    var restartsLine = false
}

/// What a target did besides writing.
struct TargetCounts {
    var rotations: UInt64 = 0
    var reopenings: UInt64 = 0
    var failures: UInt64 = 0
}

/// Where an output's bytes end up. Attempts only: whoever calls it decides about retries and drops.
///
/// `@unchecked Sendable`: used by one thread at a time, the writer or the holder of the output's lock.
class ByteTarget: @unchecked Sendable {
    /// Tries once to write the start of `bytes`, which are whole lines.
    ///
    /// - Parameter continuesLine: the bytes in front of these, of the same line, were taken by an earlier attempt.
    func write(_ bytes: UnsafeRawBufferPointer, continuesLine: Bool) -> WriteAttempt {
        preconditionFailure("a target writes bytes")
    }

    /// Ends a line that is given up after a part of it was taken, so that the next one does not stick to it.
    func abandonLine() {}

    /// Sees to it that the next write looks whether the target was moved; for targets that can be.
    func reopenIfMoved() {}

    /// What the target did besides writing.
    var counts: TargetCounts { TargetCounts() }

    /// Gives the resource back; nothing is written afterwards.
    func close() {}
}

/// Standard output, standard error or another descriptor that the process was given; it is never closed, nor are its
/// flags changed, since other programs may share it.
final class DescriptorTarget: ByteTarget, @unchecked Sendable {
    private let number: Int32
    /// Whether writes may wait for a reader: pipes, sockets and terminals, not regular files.
    private let needsPoll: Bool
    private var needsResync = false

    /// The most that a pipe takes in one piece, and that a ready pipe takes without waiting.
    private static let pipeBytes = 4_096
    private static let pollMilliseconds: Int32 = 50

    init(_ number: Int32) {
        self.number = number
        var status = stat()
        needsPoll = fstat(number, &status) != 0 || status.st_mode & S_IFMT != S_IFREG
    }

    override func write(_ bytes: UnsafeRawBufferPointer, continuesLine: Bool) -> WriteAttempt {
        if needsResync {
            var newline = UInt8(ascii: "\n")
            let attempt = withUnsafeBytes(of: &newline) { writeSome($0) }
            guard attempt.taken == 1 else { return attempt }
            needsResync = false
        }
        return writeSome(bytes)
    }

    override func abandonLine() { needsResync = true }

    private func writeSome(_ bytes: UnsafeRawBufferPointer) -> WriteAttempt {
        var piece = bytes
        if needsPoll {
            var request = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
            let ready = poll(&request, 1, Self.pollMilliseconds)
            if ready == 0 || (ready < 0 && errno == EINTR) { return WriteAttempt(taken: 0, failure: .busy) }
            piece = Self.pipePiece(bytes)
        }
        let (taken, code) = BrokenPipeGuard.write(number, piece, needsGuard: needsPoll)
        if taken >= 0 { return WriteAttempt(taken: taken, failure: nil) }
        return WriteAttempt(taken: 0, failure: Self.failure(code))
    }

    /// The start of `bytes` that a pipe takes at once: whole lines if one fits.
    static func pipePiece(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        guard bytes.count > pipeBytes else { return bytes }
        var end = pipeBytes
        while end > 0, bytes[end - 1] != UInt8(ascii: "\n") { end -= 1 }
        return UnsafeRawBufferPointer(rebasing: bytes[..<(end > 0 ? end : pipeBytes)])
    }

    static func failure(_ code: Int32) -> WriteAttempt.Failure {
        switch code {
        case EINTR, EAGAIN, EWOULDBLOCK: .busy
        case EPIPE, EBADF, ECONNRESET, ENXIO: .gone(code)
        default: .later(code)
        }
    }
}

/// Writes to a descriptor whose reader may be gone without letting SIGPIPE reach the process.
enum BrokenPipeGuard {
    /// - Returns: what `write` returned, and errno when that was negative.
    static func write(_ number: Int32, _ bytes: UnsafeRawBufferPointer, needsGuard: Bool) -> (taken: Int, code: Int32) {
        guard needsGuard else {
            let taken = Foundation.write(number, bytes.baseAddress, bytes.count)
            return (taken, taken < 0 ? errno : 0)
        }
        var pipeSignal = sigset_t()
        sigemptyset(&pipeSignal)
        sigaddset(&pipeSignal, SIGPIPE)
        var pending = sigset_t()
        sigemptyset(&pending)
        sigpending(&pending)
        let wasPending = sigismember(&pending, SIGPIPE) == 1
        var previous = sigset_t()
        pthread_sigmask(SIG_BLOCK, &pipeSignal, &previous)
        let taken = Foundation.write(number, bytes.baseAddress, bytes.count)
        let code = taken < 0 ? errno : 0
        // Only the signal of this write is taken away, never one that was waiting for the host.
        if code == EPIPE, !wasPending { Platform.consumePending(&pipeSignal) }
        pthread_sigmask(SIG_SETMASK, &previous, nil)
        return (taken, code)
    }
}
