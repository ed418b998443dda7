// SPDX-License-Identifier: Apache-2.0

import Instrument

/// What a loop asks of its owner; one for each loop, called on the loop's thread alone, so it must never block.
protocol Responder: AnyObject {
    /// Whether answers should tell clients to leave, because the service drains.
    var isDraining: Bool { get }

    /// Looks at a complete head and answers it at once or takes it on.
    ///
    /// - Parameters:
    ///   - head: valid together with `bytes` for the length of the call.
    ///   - encoder: for answers at once.
    ///   - output: where an answer at once is appended, whole.
    func begin(
        _ head: borrowing RequestHead, _ bytes: UnsafeRawBufferPointer, on connection: Connection,
        encoding: ResponseEncoder.Context, at nanoseconds: UInt64, encoder: inout ResponseEncoder,
        output: inout ByteBuffer
    ) -> RequestBeginning

    /// Starts the handler of an exchange whose body, if it takes one, is there.
    func dispatch(_ exchange: Exchange)

    /// Notes that an exchange has ended; called once for each that `begin` returned.
    func end(_ exchange: Exchange, _ outcome: ExchangeOutcome)

    /// Takes back the room of a large body that has been sent.
    func recycle(_ body: RenderedBody)

    /// Notes a request that never became one.
    func reject(_ rejection: RequestRejection)
}

/// What became of a request's head.
enum RequestBeginning {
    /// The answer has been appended.
    case answered
    /// A handler will answer; a body is read first, up to this many bytes (nil: it is dropped).
    case exchange(Exchange, bodyBytesMax: Int?)
}
