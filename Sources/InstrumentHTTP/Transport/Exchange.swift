// SPDX-License-Identifier: Apache-2.0

import Instrument
import Synchronization

/// What a handler produced.
enum Answer: Sendable {
    /// A handler's response.
    case response(ServerResponse)
    /// A large body.
    case rendered(ResponseStatus, contentType: String, RenderedBody)
    /// The handler threw; the status says how that is told to the client.
    case failed(ResponseStatus, errorType: String)
}

/// How a request ended.
struct ExchangeOutcome: Sendable {
    /// The status that was sent; 499 when the client left before (as nginx counts it).
    var status: Int
    /// Bytes of the response's body.
    var responseBytes: Int
    /// What went wrong, from a bounded set of names; nil when nothing did.
    var errorType: String?
    /// When the last byte was handed to the system, in monotonic nanoseconds.
    var endNanoseconds: UInt64
}

/// One request on its way from the loop to a handler on another thread and back.
///
/// `@unchecked Sendable`: `connection`, `encoding` and `isReturned` are the loop's alone; `request` is written before the hand-over
/// and read after it; `answer` and `observation` are written by the handler before it hands back through the loop's locked inbox.
final class Exchange: @unchecked Sendable {
    /// What it is for.
    let target: RouteTarget
    /// When its head was complete, in monotonic nanoseconds.
    let startNanoseconds: UInt64
    /// How its answer is encoded.
    var encoding: ResponseEncoder.Context
    /// The request as the handler sees it; nil for what is rendered without one.
    var request: ServerRequest?
    /// What the handler produced.
    private(set) var answer: Answer?
    /// The connection that waits for the answer; nil once it has gone.
    var connection: Connection?
    /// What the service's middleware found out about the request; for the handler's thread until it has handed back.
    var observation: RequestObservation?
    /// Whether the handler has handed its answer back; the loop's own note.
    var isReturned = false
    /// Bytes of the request's body.
    var requestBytes = 0
    /// How it ended, once it has.
    var outcome: ExchangeOutcome?

    private let loop: PollLoop
    private let cancellation = Lock(Cancellation())

    private struct Cancellation {
        var isCancelled = false
        var action: (@Sendable () -> Void)?
    }

    init(
        loop: PollLoop, connection: Connection, target: RouteTarget, startNanoseconds: UInt64,
        encoding: ResponseEncoder.Context
    ) {
        self.loop = loop
        self.connection = connection
        self.target = target
        self.startNanoseconds = startNanoseconds
        self.encoding = encoding
    }

    /// Hands the answer to the loop; called once, by the handler's thread.
    func complete(_ answer: Answer) {
        self.answer = answer
        loop.deliver(self)
    }

    /// What the middleware found out, for the loop: nothing while a handler that nobody waits for may still write it.
    var finalObservation: RequestObservation? { isReturned ? observation : nil }

    /// Registers what stops the handler; run at once when the client has already gone.
    func onCancel(_ action: @escaping @Sendable () -> Void) {
        let runsNow = cancellation.withLock { state in
            if !state.isCancelled { state.action = action }
            return state.isCancelled
        }
        if runsNow { action() }
    }

    /// Tells the handler that nobody waits for it any more.
    func cancel() {
        let action = cancellation.withLock { state in
            state.isCancelled = true
            defer { state.action = nil }
            return state.action
        }
        action?()
    }
}
