// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument

// From bytes to answers.
extension PollLoop {
    /// Answers waiting on one connection beyond this many bytes pause reading from it.
    private static let unsentBytesMax = 65_536

    /// Reads and writes until the connection needs its peer, a handler or nothing any more.
    func advance(_ connection: Connection) {
        while true {
            switch send(connection) {
            case .blocked: return settle(connection)
            case .failed: return drop(connection, .peer)
            case .done: break
            }
            if connection.closesAfterWrite, connection.phase != .handling { return endWriting(connection) }
            guard connection.isReading, connection.hasNewInput, connection.input.count > 0 else {
                return settle(connection)
            }
            connection.hasNewInput = false
            let consumed = connection.input.withUnsafeBytes { process(connection, $0) }
            connection.input.removeSubrange(0..<consumed)
            if connection.input.count == 0 { connection.input.removeAll(keeping: 4_096) }
        }
    }

    /// Reads what it can of `view`, the unread bytes in order.
    ///
    /// - Returns: how many of them are done with; at most `view.count`.
    func process(_ connection: Connection, _ view: UnsafeRawBufferPointer) -> Int {
        var position = 0
        while position < view.count, connection.isReading, !connection.closesAfterWrite {
            let rest = UnsafeRawBufferPointer(rebasing: view[position...])
            if connection.phase == .head {
                guard connection.unsentBytes < Self.unsentBytesMax else {
                    connection.hasNewInput = true
                    return position
                }
                switch connection.parser.parse(rest) {
                case .needsMore: return position
                case .rejected(let rejection):
                    reject(connection, rejection)
                    return view.count
                case .complete(let headBytes):
                    position += headBytes
                    begin(connection, UnsafeRawBufferPointer(rebasing: rest[..<headBytes]))
                    connection.parser.reset()
                }
            } else {
                switch connection.decoder.decode(rest, into: &connection.body) {
                case .needsMore(let consumed): return position + consumed
                case .rejected(let rejection):
                    reject(connection, rejection)
                    return view.count
                case .complete(let consumed):
                    position += consumed
                    endBody(connection)
                }
            }
        }
        // Whatever stands behind a request that is being handled is read once that is answered.
        if position < view.count { connection.hasNewInput = true }
        return position
    }

    private func begin(_ connection: Connection, _ bytes: UnsafeRawBufferPointer) {
        let limits = shared.limits
        let framing = connection.parser.head.framing
        connection.beginsWaitAnew = true
        let isPatient = connection.parser.head.expectsContinue
        var encoding = ResponseEncoder.Context(
            keepsAlive: connection.parser.head.keepsAlive && !connection.usesReserve && stopDeadline == nil
                && !responder.isDraining,
            minorVersion: connection.parser.head.minorVersion,
            isHead: equals(connection.parser.head.method.bytes(in: bytes), "HEAD"))
        var isDiscardable = true
        if case .length(let length) = framing { isDiscardable = length <= limits.discardedBodyBytesMax }
        // A body that is too much trouble, or that the client has yet to be asked for, ends the connection.
        let keepsAliveUnread = encoding.keepsAlive && (framing == .none || isDiscardable && !isPatient)
        encoding.keepsAlive = keepsAliveUnread
        let beginning = responder.begin(
            connection.parser.head, bytes, on: connection, encoding: encoding, at: now, encoder: &encoder,
            output: &connection.output)
        switch beginning {
        case .answered:
            connection.isFresh = false
            if !keepsAliveUnread {
                connection.closesAfterWrite = true
                connection.phase = .closing
                connection.lingers = framing != .none
            } else if framing != .none {
                discardBody(connection, framing, limits)
            }
        case .exchange(let exchange, let bodyBytesMax):
            connection.exchange = exchange
            guard framing != .none else { return dispatch(connection, exchange) }
            guard let bodyBytesMax else {
                guard keepsAliveUnread else {
                    connection.lingers = true
                    return dispatch(connection, exchange)
                }
                return discardBody(connection, framing, limits)
            }
            exchange.encoding.keepsAlive = connection.parser.head.keepsAlive && !connection.usesReserve
            if case .length(let length) = framing, length > bodyBytesMax { return reject(connection, .bodyTooLarge) }
            connection.decoder = BodyDecoder(framing, bytesMax: bodyBytesMax, limits: limits.head)
            connection.body = []
            connection.phase = .body
            if isPatient { connection.output.append("HTTP/1.1 100 Continue\r\n\r\n") }
        }
    }

    private func discardBody(_ connection: Connection, _ framing: BodyFraming, _ limits: EndpointLimits) {
        connection.decoder = BodyDecoder(framing, bytesMax: limits.discardedBodyBytesMax, limits: limits.head)
        connection.body = nil
        connection.phase = .discarding
    }

    private func endBody(_ connection: Connection) {
        connection.beginsWaitAnew = true
        guard let exchange = connection.exchange else {
            connection.phase = .head
            return
        }
        exchange.requestBytes = connection.decoder.byteCount
        if let body = connection.body { exchange.request?.body = body }
        connection.body = nil
        dispatch(connection, exchange)
    }

    private func dispatch(_ connection: Connection, _ exchange: Exchange) {
        connection.phase = .handling
        connection.beginsWaitAnew = true
        responder.dispatch(exchange)
    }

    /// Answers a request that cannot be served and ends the connection: where the next one starts is not certain.
    private func reject(_ connection: Connection, _ rejection: RequestRejection) {
        if let exchange = connection.exchange {
            connection.exchange = nil
            exchange.connection = nil
            responder.end(
                exchange,
                ExchangeOutcome(
                    status: rejection.status.code, responseBytes: 0, errorType: "rejected", endNanoseconds: now))
        } else {
            responder.reject(rejection)
        }
        shared.statistics.count(.rejected)
        // An unwanted body has been answered already; a second answer would be taken for the next request's.
        if connection.phase != .discarding {
            encoder.appendText(
                rejection.status, rejection.reason, context: ResponseEncoder.Context(keepsAlive: false),
                unixSeconds: unixSeconds, to: &connection.output)
        }
        connection.body = nil
        connection.closesAfterWrite = true
        connection.lingers = true
        connection.phase = .closing
    }

    /// Takes a handler's answer, unless its connection has gone in the meantime.
    func finish(_ exchange: Exchange) {
        guard let connection = exchange.connection, connection.exchange === exchange, connection.phase == .handling,
            let answer = exchange.answer
        else { return }
        exchange.isReturned = true
        answerNow(connection, exchange, answer)
        advance(connection)
    }

    /// Encodes the answer of an exchange.
    func answerNow(_ connection: Connection, _ exchange: Exchange, _ answer: Answer) {
        var outcome = ExchangeOutcome(status: 200, responseBytes: 0, errorType: nil, endNanoseconds: 0)
        var context = exchange.encoding
        context.keepsAlive = context.keepsAlive && stopDeadline == nil && !responder.isDraining && !connection.lingers
        switch answer {
        case .response(let response):
            outcome.status = response.status.code
            encoder.appendHead(
                response.status, contentType: nil, contentLength: response.body.count, fields: response.headers,
                context: context, unixSeconds: unixSeconds, to: &connection.output)
            if !context.isHead, !response.status.forbidsBody {
                outcome.responseBytes = response.body.count
                response.body.withUnsafeBytes { connection.output.append($0) }
            }
        case .rendered(let status, let contentType, let body):
            outcome.status = status.code
            encoder.appendHead(
                status, contentType: contentType, contentLength: body.byteCount, context: context,
                unixSeconds: unixSeconds, to: &connection.output)
            if !context.isHead {
                outcome.responseBytes = body.byteCount
                connection.outputBody = body
            }
        case .failed(let status, let errorType):
            outcome.status = status.code
            outcome.errorType = errorType
            encoder.appendText(
                status, status.reason, context: context, unixSeconds: unixSeconds, to: &connection.output)
        }
        exchange.outcome = outcome
        connection.phase = .answering
        connection.closesAfterWrite = !context.keepsAlive
    }
}
