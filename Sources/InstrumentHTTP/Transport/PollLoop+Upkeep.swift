// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument

// Connections coming and going, deadlines, the end.
extension PollLoop {
    /// Connections that were idle when stopping began are served this much longer, so that a request which crosses
    /// the decision is answered.
    private static let idleGraceNanoseconds: UInt64 = 100_000_000

    /// Takes a connection on.
    func add(_ socket: AcceptedSocket) {
        guard !socket.evictsAnother || evictLongestWaiting() else {
            connectionCount.subtract(1, ordering: .relaxed)
            shared.statistics.connectionClosed()
            shared.statistics.count(.refused)
            close(socket.number)
            return
        }
        let connection = Connection(
            Descriptor(owning: socket.number), peer: socket.peer, showsDetails: socket.showsDetails,
            usesReserve: socket.usesReserve, limits: shared.limits.head)
        connection.index = connections.count
        connections.append(connection)
        polls.append(pollfd(fd: connection.number, events: Int16(POLLIN), revents: 0))
        // Most clients have sent their request by now.
        receive(connection)
    }

    /// Sets what the connection is polled for and until when, after everything that can change either.
    func settle(_ connection: Connection) {
        guard connection.number >= 0 else { return }
        let wait = connection.currentWait
        let events: Int32 =
            switch wait {
            case .idle, .head, .body, .linger: POLLIN
            case .write: POLLOUT
            case .handler: 0
            }
        polls[connectionsBase + connection.index].events = Int16(truncatingIfNeeded: events)
        let changes = wait != connection.wait || connection.beginsWaitAnew
        guard changes || wait == .write && connection.hasSent else { return }
        connection.wait = wait
        connection.beginsWaitAnew = false
        connection.hasSent = false
        if changes { connection.waitingSince = wait == .handler ? .max : now }
        let (deadline, overflow) = now.addingReportingOverflow(nanoseconds(of: connection))
        connection.deadline = overflow ? .max : deadline
        nextDeadline = min(nextDeadline, connection.deadline)
    }

    private func nanoseconds(of connection: Connection) -> UInt64 {
        let limits = shared.limits
        // A connection on the reserve descriptor holds up all others of its kind.
        if connection.usesReserve, connection.wait != .handler { return 1_000_000_000 }
        let duration =
            switch connection.wait {
            case .idle: limits.idleDeadline
            case .head: limits.headerDeadline
            case .body: limits.bodyDeadline
            case .handler: limits.handlerDeadline
            case .write: limits.writeDeadline
            case .linger: limits.lingerDeadline
            }
        return UInt64(max(0, duration.saturatedNanoseconds))
    }

    /// Ends what is overdue. `nextDeadline` is a lower bound, so this runs rarely and then looks at all.
    func expire() {
        var next = UInt64.max
        var index = connections.count - 1
        while index >= 0 {
            let connection = connections[index]
            if connection.deadline <= now { expire(connection) }
            if connection.number >= 0 { next = min(next, connection.deadline) }
            index -= 1
        }
        nextDeadline = next
    }

    private func expire(_ connection: Connection) {
        switch connection.wait {
        case .idle: drop(connection, .idleDeadline)
        case .write: drop(connection, .writeDeadline)
        case .linger: drop(connection, nil)
        case .head, .body:
            let reason = connection.wait == .head ? CloseReason.headerDeadline : .bodyDeadline
            guard connection.input.count > 0 || connection.wait == .body, connection.phase != .discarding else {
                return drop(connection, reason)
            }
            shared.statistics.count(reason)
            timeOut(connection)
        case .handler:
            shared.statistics.count(.handlerDeadline)
            guard let exchange = connection.exchange else { return drop(connection, nil) }
            exchange.cancel()
            exchange.encoding.keepsAlive = false
            answerNow(connection, exchange, .failed(.serviceUnavailable, errorType: "timeout"))
            advance(connection)
        }
    }

    /// Tells a client that was too slow to finish its request.
    private func timeOut(_ connection: Connection) {
        if let exchange = connection.exchange {
            connection.exchange = nil
            exchange.connection = nil
            responder.end(
                exchange, ExchangeOutcome(status: 408, responseBytes: 0, errorType: "timeout", endNanoseconds: now))
        } else {
            responder.reject(.tooSlow)
        }
        encoder.appendText(
            .requestTimeout, "request took too long", context: ResponseEncoder.Context(keepsAlive: false),
            unixSeconds: unixSeconds, to: &connection.output)
        connection.body = nil
        connection.closesAfterWrite = true
        connection.lingers = true
        connection.phase = .closing
        advance(connection)
    }

    /// Closes a connection now.
    ///
    /// - Parameter reason: what to count, or nil when it ends as it should.
    func drop(_ connection: Connection, _ reason: CloseReason?) {
        guard connection.number >= 0 else { return }
        if let exchange = connection.exchange {
            connection.exchange = nil
            exchange.connection = nil
            exchange.cancel()
            let outcome = ExchangeOutcome(
                status: 499, responseBytes: max(0, connection.sentBytes - connection.output.count),
                errorType: "disconnected", endNanoseconds: now)
            responder.end(exchange, outcome)
        }
        let isWorthCounting = reason != .peer || connection.phase != .head || !connection.parser.isAtStart
        if let reason, isWorthCounting { shared.statistics.count(reason) }
        connection.close()
        releaseBody(of: connection)
        remove(connection)
        connectionCount.subtract(1, ordering: .relaxed)
        shared.statistics.connectionClosed()
        if connection.usesReserve { acceptor?.restoreReserve() }
    }

    private func remove(_ connection: Connection) {
        let index = connection.index
        guard let last = connections.popLast() else { return }
        let lastPoll = polls.removeLast()
        guard last !== connection else { return }
        last.index = index
        connections[index] = last
        polls[connectionsBase + index] = lastPoll
    }

    /// Makes room for a newcomer.
    ///
    /// - Returns: false when every connection is in a handler.
    private func evictLongestWaiting() -> Bool {
        var longest: Connection?
        for connection in connections where connection.waitingSince < (longest?.waitingSince ?? .max) {
            longest = connection
        }
        guard let longest else { return false }
        drop(longest, .evicted)
        return true
    }

    /// Answers the system's refusal to poll more descriptors than the process may now have: fewer are polled.
    func shedConnections() {
        if !evictLongestWaiting() { _ = poll(nil, 0, 5) }
    }

    // MARK: The end

    /// Closes the listeners, if this loop has them, and then stops the loops that they feed: nobody is handed a
    /// connection after its end. Every answer from now on is its connection's last.
    func beginStopping(_ deadline: UInt64) {
        if stopDeadline == nil { idleGraceEnd = now &+ Self.idleGraceNanoseconds }
        stopDeadline = deadline
        guard let acceptor else { return }
        acceptor.acceptLast(on: self)
        self.acceptor = nil
        for loop in acceptor.loops where loop !== self { loop.stop(until: deadline) }
    }

    /// - Returns: whether nothing is left to do.
    func finishStopping(_ deadline: UInt64) -> Bool {
        let isOver = now >= deadline
        if isOver || now >= idleGraceEnd {
            idleGraceEnd = .max
            for connection in connections.reversed() where isOver || connection.isUnused { drop(connection, nil) }
        }
        return connections.isEmpty
    }
}

extension RequestRejection {
    static let tooSlow = RequestRejection(.requestTimeout, "request took too long")
}
