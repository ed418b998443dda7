// SPDX-License-Identifier: Apache-2.0

/// The bounds of everything that a client can make large, slow or many.
public struct EndpointLimits: Sendable {
    /// Bytes of the request line without its end; a longer one is answered 414.
    public var requestLineBytesMax = 8_192
    /// Bytes of all header fields; more are answered 431.
    public var headerBytesMax = 16_384
    /// Header fields; more are answered 431.
    public var headerFieldsMax = 100
    /// Bytes of a body that an application route reads; a longer one is answered 413.
    public var bodyBytesMax = 1_048_576
    /// Bytes of an unwanted body that are read and dropped to keep the connection; past it the connection is closed.
    public var discardedBodyBytesMax = 65_536
    /// From the first byte of a head, or from the start of the connection, to the head's end. Absolute: bytes that
    /// drip in do not extend it.
    public var headerDeadline: Duration = .seconds(10)
    /// From the end of a head to the end of its body. Absolute.
    public var bodyDeadline: Duration = .seconds(30)
    /// Between requests on one connection.
    public var idleDeadline: Duration = .seconds(75)
    /// Between two moments in which the client took bytes of an answer.
    public var writeDeadline: Duration = .seconds(30)
    /// For an application handler; then the client gets a 503 and an asynchronous handler is cancelled.
    public var handlerDeadline: Duration = .seconds(30)
    /// For the client to close after an answer that ends the connection early.
    public var lingerDeadline: Duration = .seconds(2)
    /// Open connections; at the limit the one that has waited longest for its client is closed.
    public var connectionsMax = 256
    /// Scrapes at once, waiting ones included; more are answered 503.
    public var scrapesMax = 8
    /// Requests in application handlers at once, waiting ones included; more are answered 503.
    public var handlersMax = 128
    /// Threads for synchronous application handlers.
    public var handlerThreads = 8
    /// Threads that render scrapes.
    public var scrapeThreads = 2
    /// Poll loops; connections are spread over them.
    public var pollThreads = 2

    /// The defaults.
    public init() {}

    /// What the parser needs of them.
    var head: HeadLimits {
        var limits = HeadLimits()
        limits.requestLineBytesMax = requestLineBytesMax
        limits.fieldBytesMax = headerBytesMax
        limits.fieldCountMax = headerFieldsMax
        return limits
    }
}
