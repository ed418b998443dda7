// SPDX-License-Identifier: Apache-2.0

import Instrument

/// One client's connection: its buffers, where it stands in the protocol, and what it waits for.
///
/// Touched only by the thread of the loop that owns it.
final class Connection {
    /// Where the connection stands.
    enum Phase {
        /// Between or within heads.
        case head
        /// Within a body that a handler wants.
        case body
        /// Within a body that nobody wants; the answer is on its way.
        case discarding
        /// A handler has the request.
        case handling
        /// The answer of a handler is being written.
        case answering
        /// The last answer is being written.
        case closing
        /// The last answer has been written; what the client still sends is dropped until it closes.
        case lingering
    }

    /// What the connection waits for.
    enum Wait {
        case idle
        case head
        case body
        case handler
        case write
        case linger
    }

    /// The socket; nil once closed.
    private(set) var descriptor: Descriptor?
    /// The socket's number, for calls; -1 once closed.
    private(set) var number: Int32
    /// Where it comes from.
    let peer: PeerAddress
    /// Whether it came through the listener for details.
    let showsDetails: Bool
    /// Whether it stands on the descriptor kept in reserve, and is therefore short-lived.
    let usesReserve: Bool

    /// Its place among the loop's connections.
    var index = 0
    var phase = Phase.head
    var parser: RequestParser
    var decoder = BodyDecoder(.none, bytesMax: 0)
    var body: [UInt8]?
    /// The request that is being collected, handled or answered.
    var exchange: Exchange?
    /// Received and not yet read; empty while the connection idles.
    var input = ByteBuffer(capacity: 16)
    /// Whether `input` holds bytes that the parser has not been shown.
    var hasNewInput = false
    /// Encoded and not yet sent, from `sentBytes` on.
    var output = ByteBuffer(capacity: 16)
    /// A large body that follows `output`.
    var outputBody: RenderedBody?
    /// How much of `output` and then `outputBody` has been sent.
    var sentBytes = 0
    /// Whether the connection closes once everything has been sent.
    var closesAfterWrite = false
    /// Whether bytes may still come that must be dropped, so that the answer is not lost to a reset.
    var lingers = false

    var wait = Wait.head
    /// When the current wait ends it, in monotonic nanoseconds.
    var deadline = UInt64.max
    /// Since when it has waited for its peer, or `.max` while it does not.
    var waitingSince = UInt64.max
    /// Whether something happened that begins the current wait anew.
    var beginsWaitAnew = true
    /// Whether bytes were sent since the deadline was set.
    var hasSent = false
    /// Whether no request has been answered yet.
    var isFresh = true

    init(
        _ descriptor: consuming Descriptor, peer: PeerAddress, showsDetails: Bool, usesReserve: Bool,
        limits: HeadLimits
    ) {
        number = descriptor.number
        self.descriptor = consume descriptor
        self.peer = peer
        self.showsDetails = showsDetails
        self.usesReserve = usesReserve
        parser = RequestParser(limits: limits)
    }

    /// Closes the socket.
    func close() {
        descriptor = nil
        number = -1
    }

    /// Bytes that wait to be sent.
    var unsentBytes: Int { output.count + (outputBody?.byteCount ?? 0) - sentBytes }

    /// Whether more of the client's bytes may be read now.
    var isReading: Bool {
        switch phase {
        case .head, .body, .discarding: true
        case .handling, .answering, .closing, .lingering: false
        }
    }

    /// Whether no request has begun on it, or the last one has ended.
    var isUnused: Bool {
        phase == .lingering || phase == .head && parser.isAtStart && input.count == 0 && unsentBytes == 0
    }

    /// What it waits for, by its phase.
    var currentWait: Wait {
        if unsentBytes > 0 { return .write }
        switch phase {
        case .head: return !isFresh && parser.isAtStart && input.count == 0 ? .idle : .head
        case .body, .discarding: return .body
        case .handling: return .handler
        case .answering, .closing: return .write
        case .lingering: return .linger
        }
    }
}

/// A rendered body in a buffer of its own; made by one thread and then handed to another.
///
/// `@unchecked Sendable`: it has one owner at a time; the hand-over goes through a lock.
final class RenderedBody: @unchecked Sendable {
    /// The bytes.
    var buffer: ByteBuffer

    init(capacity: Int) { buffer = ByteBuffer(capacity: capacity) }

    var byteCount: Int { buffer.count }
}
