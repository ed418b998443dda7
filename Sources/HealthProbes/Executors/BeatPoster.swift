// SPDX-License-Identifier: Apache-2.0

import Instrument

/// A thread that hands beats to an executor of the host: if handing over blocks, it blocks here and nowhere else.
final class BeatPoster: Sendable {
    private let mailbox = Mailbox()

    /// Starts the thread.
    init(_ post: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void) throws(SystemError) {
        let mailbox = mailbox
        try PlainThread(name: "health-beat") {
            while let beat = mailbox.next() { post(beat) }
        }.detach()
    }

    deinit { mailbox.stop() }

    /// Hands a beat over. Never waits.
    func post(_ beat: @escaping @Sendable () -> Void) { mailbox.put(beat) }
}

/// What the thread keeps alive; the poster itself may go away first, and takes the thread with it.
private final class Mailbox: Sendable {
    private struct State {
        var beat: (@Sendable () -> Void)?
        var isStopped = false
    }

    private let state = Monitor(State())

    func put(_ beat: @escaping @Sendable () -> Void) {
        state.withLock { $0.beat = beat }
        state.wakeAll()
    }

    func stop() {
        state.withLock { $0.isStopped = true }
        state.wakeAll()
    }

    /// The next beat, or nil when there will be none.
    func next() -> (@Sendable () -> Void)? {
        let found: (@Sendable () -> Void)?? = state.wait { state in
            if state.isStopped { return .some(nil) }
            guard let beat = state.beat else { return nil }
            state.beat = nil
            return .some(beat)
        }
        return found ?? nil
    }
}
