// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument
import Synchronization

/// A thread that waits with `poll(2)` for its connections and answers what can be answered at once.
///
/// It owns its connections: nobody else touches them. Other threads hand it sockets and finished exchanges through a
/// locked inbox and wake it through a pipe. Neither Dispatch nor the cooperative pool is involved anywhere.
///
/// `@unchecked Sendable`: the stored `var`s below `// Owned by the thread` are touched by the loop's thread alone, from
/// the start of `run` to its end; the rest is `let` and safe by itself.
final class PollLoop: @unchecked Sendable {
    /// What all loops of a server share.
    struct Shared: Sendable {
        let limits: EndpointLimits
        let statistics: TransportStatistics
    }

    private struct Inbox {
        var sockets: [AcceptedSocket] = []
        var exchanges: [Exchange] = []
        var actions: [@Sendable (any Responder) -> Void] = []
        /// When everything must be closed, once stopping has begun.
        var stopDeadline: UInt64?
        /// Whether the thread has ended: what comes now has nowhere to go.
        var isOver = false
    }

    /// The number of open connections on this loop; also read by the loop that accepts.
    let connectionCount = Atomic<Int>(0)
    /// Since when its longest waiting connection has waited; kept up only near the connection limit.
    let oldestWait = Atomic<UInt64>(.max)

    let shared: Shared
    private let inbox = Lock(Inbox())
    private let pipe: WakePipe
    /// Whether a byte is in the pipe: saves the writes of those who come second. Sequentially consistent against the
    /// inbox's lock: the loop clears it before it empties the inbox.
    private let isWoken = Atomic<Bool>(false)
    private let makeResponder: @Sendable (PollLoop) -> any Responder

    // Owned by the thread.
    var connections: [Connection] = []
    var polls: [pollfd] = []
    var connectionsBase = 1
    var nextDeadline = UInt64.max
    var now: UInt64 = 0
    var unixSeconds: Int64 = 0
    var encoder = ResponseEncoder()
    /// Made by the thread before anything else.
    private(set) var responder: (any Responder)!
    var acceptor: Acceptor?
    var stopDeadline: UInt64?
    /// When idle connections are closed while stopping; `.max` once they have been.
    var idleGraceEnd = UInt64.max
    private let scratch: UnsafeMutableRawBufferPointer

    /// Bytes taken from a socket at once.
    static let scratchBytes = 65_536

    /// Makes a loop; `run` is its thread's body.
    ///
    /// - Throws: `SystemError` when there is no descriptor for the wake pipe.
    init(
        shared: Shared, makeResponder: @escaping @Sendable (PollLoop) -> any Responder
    ) throws(SystemError) {
        self.shared = shared
        self.makeResponder = makeResponder
        pipe = try WakePipe()
        scratch = .allocate(byteCount: Self.scratchBytes, alignment: 16)
        polls.append(pollfd(fd: pipe.reader.number, events: Int16(POLLIN), revents: 0))
    }

    deinit { scratch.deallocate() }

    // MARK: Called by any thread

    /// Hands a connection over.
    func adopt(_ socket: AcceptedSocket) {
        connectionCount.add(1, ordering: .relaxed)
        inbox.withLock { $0.sockets.append(socket) }
        wake()
    }

    /// Hands a finished exchange back.
    func deliver(_ exchange: Exchange) {
        let isTaken = inbox.withLock { state in
            if !state.isOver { state.exchanges.append(exchange) }
            return !state.isOver
        }
        if isTaken { wake() }
    }

    /// Runs `action` on the loop's thread with its responder.
    func perform(_ action: @escaping @Sendable (any Responder) -> Void) {
        inbox.withLock { $0.actions.append(action) }
        wake()
    }

    /// Begins to stop: no new connections, idle ones close, requests in flight end until the deadline.
    func stop(until deadline: UInt64) {
        inbox.withLock { $0.stopDeadline = min($0.stopDeadline ?? .max, deadline) }
        wake()
    }

    private func wake() {
        if !isWoken.exchange(true, ordering: .sequentiallyConsistent) { pipe.wake() }
    }

    // MARK: The thread

    /// Serves until stopped.
    func run() {
        responder = makeResponder(self)
        now = TimeSource.systemMonotonicNanoseconds()
        while true {
            publishOldestWait()
            let timeout = pollTimeoutMilliseconds()
            let ready = poll(&polls, nfds_t(polls.count), timeout)
            now = TimeSource.systemMonotonicNanoseconds()
            unixSeconds = TimeSource.systemUnixNanoseconds() / 1_000_000_000
            if ready < 0, errno == EINVAL { shedConnections() }
            if ready > 0, polls[0].revents != 0 { pipe.drain() }
            // First what other threads have asked for: a request that is sent after a route was added finds it.
            emptyInbox()
            if ready > 0 { serveConnections() }
            acceptor?.acceptReady(on: self)
            if now >= nextDeadline { expire() }
            if let stopDeadline, finishStopping(stopDeadline) { return end() }
        }
    }

    /// Lets go of whatever was handed in too late, such as answers that nobody waits for any more.
    private func end() {
        inbox.withLock { state in
            state = Inbox()
            state.isOver = true
        }
    }

    private func pollTimeoutMilliseconds() -> Int32 {
        var wakeAt = min(nextDeadline, acceptor?.resumeAt ?? .max)
        if let stopDeadline { wakeAt = min(wakeAt, idleGraceEnd != .max ? idleGraceEnd : stopDeadline) }
        guard wakeAt != .max else { return -1 }
        guard wakeAt > now else { return 0 }
        // Rounded up: waking early would only make it poll again.
        return Int32(clamping: (wakeAt - now + 999_999) / 1_000_000)
    }

    private func publishOldestWait() {
        let limits = shared.limits
        guard shared.statistics.openConnections.load(ordering: .relaxed) >= limits.connectionsMax / 2 else { return }
        var oldest = UInt64.max
        for connection in connections { oldest = min(oldest, connection.waitingSince) }
        oldestWait.store(oldest, ordering: .relaxed)
    }

    private func emptyInbox() {
        guard isWoken.load(ordering: .relaxed) else { return }
        isWoken.store(false, ordering: .sequentiallyConsistent)
        let items = inbox.withLock { state in
            let items = state
            state = Inbox()
            state.stopDeadline = items.stopDeadline
            return items
        }
        for action in items.actions { action(responder) }
        for socket in items.sockets { add(socket) }
        for exchange in items.exchanges { finish(exchange) }
        if let deadline = items.stopDeadline, stopDeadline != deadline { beginStopping(deadline) }
    }

    /// From the last to the first: a closed connection's place is taken by the last, which has had its turn.
    private func serveConnections() {
        var index = connections.count - 1
        while index >= 0 {
            let events = polls[connectionsBase + index].revents
            if events != 0 {
                polls[connectionsBase + index].revents = 0
                serve(connections[index], events)
            }
            index -= 1
        }
    }

    private func serve(_ connection: Connection, _ events: Int16) {
        if connection.phase == .handling {
            // Nothing was asked for but errors: the client has gone both ways.
            drop(connection, .peer)
        } else if connection.unsentBytes > 0 {
            advance(connection)
        } else {
            receive(connection)
        }
    }

    /// Takes what has arrived. A connection without unread bytes, the usual case, is read without a copy.
    func receive(_ connection: Connection) {
        guard let base = scratch.baseAddress else { return }
        let count = recv(connection.number, base, Self.scratchBytes, Int32(MSG_DONTWAIT))
        guard count > 0 else {
            if count < 0, errno == EAGAIN || errno == EINTR { return settle(connection) }
            // A client that closes after its last answer is no loss.
            drop(connection, connection.phase == .lingering ? nil : .peer)
            return
        }
        let bytes = UnsafeRawBufferPointer(start: base, count: count)
        if connection.phase == .lingering { return }
        if connection.input.count == 0 {
            let consumed = process(connection, bytes)
            connection.input.append(UnsafeRawBufferPointer(rebasing: bytes[consumed...]))
            guard connection.unsentBytes > 0 || connection.phase != .head else {
                settle(connection)
                return
            }
        } else {
            connection.input.append(bytes)
            connection.hasNewInput = true
        }
        advance(connection)
    }
}
