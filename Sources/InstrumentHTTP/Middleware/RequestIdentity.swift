// SPDX-License-Identifier: Apache-2.0

/// Gives each request a name: the client's if it is harmless, else a random one. It stands in the context of the
/// handler's log lines and goes back to the client.
public struct RequestIdentity: RequestMiddleware {
    /// Bytes of a name that is taken over from a client.
    public static let bytesMax = 128
    private let field: String

    /// Makes the middleware.
    ///
    /// - Parameter field: the header field that carries the name, both ways.
    public init(field: String = "X-Request-Id") { self.field = field }

    /// Names the request.
    public func begin(_ observation: inout RequestObservation) {
        let offered = observation.request.headers[field]
        let name = offered.flatMap { Self.isHarmless($0) ? $0 : nil } ?? TraceContext.randomHex(bytes: 16)
        observation.requestID = name
        observation.responseHeaders[field] = name
    }

    /// Does nothing.
    public func end(_ observation: RequestObservation, _ outcome: RequestOutcome) {}

    private static func isHarmless(_ name: String) -> Bool {
        (1...bytesMax).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}
