// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument

/// Reopens log files when the process is told to by SIGHUP, as `logrotate`'s postrotate scripts do.
enum LogHangup {
    /// What the handler may touch: plain memory that is set before it is installed and never freed.
    private struct Handling {
        var pipe: Int32
        var previous: sigaction
    }

    /// Invariant: written once under `installed`'s lock before the handler exists, then only read.
    nonisolated(unsafe) private static let handling = UnsafeMutablePointer<Handling>.allocate(capacity: 1)
    private static let installed = Lock(false)

    static func install() throws(LogError) {
        try installed.withLock { isInstalled throws(LogError) in
            guard !isInstalled else { return }
            do {
                try start()
            } catch {
                throw LogError(.signalUnavailable, "SIGHUP: \(error); reopen with LogPipeline.reopen() instead")
            }
            isInstalled = true
        }
    }

    private static func start() throws(SystemError) {
        let pipe = try WakePipe()
        handling.initialize(to: Handling(pipe: pipe.writerNumber, previous: sigaction()))
        try PlainThread(name: "log-hangup") { [pipe = Shared(pipe)] in
            while true {
                var request = pollfd(fd: pipe.value.reader.number, events: Int16(POLLIN), revents: 0)
                guard poll(&request, 1, -1) > 0 else { continue }
                pipe.value.drain()
                LogExit.livingPipelines.forEach { $0.reopen() }
            }
        }.detach()
        var action = Platform.signalAction { signal, info, context in LogHangup.handle(signal, info, context) }
        guard sigaction(SIGHUP, &action, &handling.pointee.previous) == 0 else { throw .last("sigaction SIGHUP") }
    }

    /// Runs in the signal handler: one write to a pipe, then the handler that was there before.
    private static func handle(
        _ signal: Int32, _ info: UnsafeMutablePointer<siginfo_t>?, _ context: UnsafeMutableRawPointer?
    ) {
        let kept = errno
        var byte: UInt8 = 1
        _ = write(handling.pointee.pipe, &byte, 1)
        Platform.callHandler(of: handling.pointee.previous, signal, info, context)
        errno = kept
    }

    private final class Shared: Sendable {
        let value: WakePipe

        init(_ value: consuming WakePipe) { self.value = value }
    }
}
