// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument
import Synchronization

/// Takes SIGTERM and SIGINT for one registry of the process, and hands each on to the handler that was there before.
///
/// The handler itself only writes to a pipe (async-signal-safe, `signal-safety(7)`); a thread of its own reads it.
enum SignalWatcher {
    private static let isTaken = Atomic<Bool>(false)

    /// Installs the handlers and starts the thread.
    ///
    /// - Parameter received: called on the thread, once per signal.
    static func start(_ received: @escaping @Sendable (Int32) -> Void) throws(HealthError) {
        guard !isTaken.exchange(true, ordering: .relaxed) else {
            throw HealthError(
                .signalsTaken, "signals: SIGTERM and SIGINT belong to another registry; let only one of them drain")
        }
        do throws(SystemError) {
            let pipe = SignalPipe(try WakePipe())
            signalState.writer.store(pipe.ends.writerNumber, ordering: .releasing)
            try PlainThread(name: "health-signal") { pipe.read(received) }.detach()
            try install(SIGTERM, &signalState.previousTerminate.pointee)
            try install(SIGINT, &signalState.previousInterrupt.pointee)
        } catch {
            isTaken.store(false, ordering: .relaxed)
            throw HealthError(.system, "signals: \(error); free descriptors or threads")
        }
    }

    private static func install(_ signal: Int32, _ previous: inout sigaction) throws(SystemError) {
        var action = Platform.signalAction { signal, info, context in signalState.handle(signal, info, context) }
        guard sigaction(signal, &action, &previous) == 0 else { throw .last("sigaction") }
    }
}

/// The pipe from the handler to the thread; lives as long as the process, as the handler does.
private final class SignalPipe: Sendable {
    let ends: WakePipe

    init(_ ends: consuming WakePipe) { self.ends = ends }

    func read(_ received: (Int32) -> Void) {
        // All other threads may block the signals, as a parent process can make them: this one takes them then.
        Platform.unblockSignals(SIGTERM, SIGINT)
        while true {
            var poll = pollfd(fd: ends.reader.number, events: Int16(POLLIN), revents: 0)
            guard Foundation.poll(&poll, 1, -1) > 0 else { continue }
            var signal: UInt8 = 0
            while Foundation.read(ends.reader.number, &signal, 1) == 1 { received(Int32(signal)) }
        }
    }
}

/// What the handler reaches. Initialised before the first handler is installed, so that the handler never runs an
/// initialiser.
private let signalState = SignalState()

/// `@unchecked Sendable`: the previous actions are written by `sigaction` before its handler can run for that signal
/// and are only read afterwards; the writer's number is atomic.
private final class SignalState: @unchecked Sendable {
    let writer = Atomic<Int32>(-1)
    let previousTerminate = UnsafeMutablePointer<sigaction>.allocate(capacity: 1)
    let previousInterrupt = UnsafeMutablePointer<sigaction>.allocate(capacity: 1)

    init() {
        previousTerminate.initialize(to: sigaction())
        previousInterrupt.initialize(to: sigaction())
    }

    func handle(_ signal: Int32, _ info: UnsafeMutablePointer<siginfo_t>?, _ context: UnsafeMutableRawPointer?) {
        let saved = errno
        var byte = UInt8(truncatingIfNeeded: signal)
        _ = write(writer.load(ordering: .relaxed), &byte, 1)
        let previous = signal == SIGTERM ? previousTerminate.pointee : previousInterrupt.pointee
        Platform.callHandler(of: previous, signal, info, context)
        errno = saved
    }
}
