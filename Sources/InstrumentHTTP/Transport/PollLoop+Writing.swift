// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument

// From answers to the socket.
extension PollLoop {
    enum SendResult {
        case done
        case blocked
        case failed
    }

    /// Sends what waits: the encoded answers and then the large body, with one call if the system takes it all.
    func send(_ connection: Connection) -> SendResult {
        while connection.unsentBytes > 0 {
            let count = sendOnce(connection)
            if count < 0 {
                if errno == EINTR { continue }
                return errno == EAGAIN ? .blocked : .failed
            }
            connection.sentBytes += count
            connection.hasSent = true
        }
        guard connection.output.count > 0 else { return .done }
        connection.output.removeAll(keeping: 4_096)
        releaseBody(of: connection)
        connection.sentBytes = 0
        if connection.phase == .answering { endAnswer(connection) }
        return .done
    }

    private func sendOnce(_ connection: Connection) -> Int {
        let flags = Int32(MSG_DONTWAIT) | Platform.sendFlags
        let sent = connection.sentBytes
        return connection.output.withUnsafeBytes { head in
            guard let body = connection.outputBody else {
                let rest = UnsafeRawBufferPointer(rebasing: head[min(sent, head.count)...])
                return Foundation.send(connection.number, rest.baseAddress, rest.count, flags)
            }
            return body.buffer.withUnsafeBytes { body in
                guard sent < head.count else {
                    let rest = UnsafeRawBufferPointer(rebasing: body[min(sent - head.count, body.count)...])
                    return Foundation.send(connection.number, rest.baseAddress, rest.count, flags)
                }
                return Self.sendBoth(
                    connection.number, UnsafeRawBufferPointer(rebasing: head[sent...]), body, flags)
            }
        }
    }

    private static func sendBoth(
        _ number: Int32, _ head: UnsafeRawBufferPointer, _ body: UnsafeRawBufferPointer, _ flags: Int32
    ) -> Int {
        var parts = (
            iovec(iov_base: UnsafeMutableRawPointer(mutating: head.baseAddress), iov_len: head.count),
            iovec(iov_base: UnsafeMutableRawPointer(mutating: body.baseAddress), iov_len: body.count)
        )
        return withUnsafeMutablePointer(to: &parts) { parts in
            parts.withMemoryRebound(to: iovec.self, capacity: 2) { parts in
                var message = msghdr()
                message.msg_iov = parts
                message.msg_iovlen = 2
                return sendmsg(number, &message, flags)
            }
        }
    }

    /// Gives a large body's room back.
    func releaseBody(of connection: Connection) {
        guard let body = connection.outputBody else { return }
        connection.outputBody = nil
        responder.recycle(body)
    }

    /// Notes that a handler's answer has been handed to the system, whole.
    private func endAnswer(_ connection: Connection) {
        connection.phase = connection.closesAfterWrite ? .closing : .head
        connection.isFresh = false
        connection.beginsWaitAnew = true
        guard let exchange = connection.exchange, var outcome = exchange.outcome else { return }
        connection.exchange = nil
        exchange.connection = nil
        outcome.endNanoseconds = TimeSource.systemMonotonicNanoseconds()
        responder.end(exchange, outcome)
    }

    /// Ends a connection whose last answer has been sent. Where bytes may still come, they are awaited and dropped: a
    /// socket closed with unread bytes resets the connection, and the answer could be lost with it
    /// ([RFC 9112 9.6](https://www.rfc-editor.org/rfc/rfc9112#section-9.6)).
    func endWriting(_ connection: Connection) {
        guard connection.lingers || connection.input.count > 0 else { return drop(connection, nil) }
        shutdown(connection.number, Int32(SHUT_WR))
        connection.input.removeAll(keeping: 16)
        connection.closesAfterWrite = false
        connection.phase = .lingering
        settle(connection)
    }
}
