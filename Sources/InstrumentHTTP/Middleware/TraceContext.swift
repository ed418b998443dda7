// SPDX-License-Identifier: Apache-2.0

/// The trace that a request belongs to ([W3C Trace Context](https://www.w3.org/TR/trace-context/)).
public struct TraceContext: Sendable, Equatable {
    /// 32 lowercase hex digits, not all zero.
    public let traceID: String
    /// The caller's span, 16 lowercase hex digits; nil when the trace begins here.
    public let parentSpanID: String?
    /// This service's span, 16 lowercase hex digits.
    public let spanID: String
    /// Whether the caller says that it records the trace.
    public let isSampled: Bool

    /// Continues the trace of a `traceparent` field with a new span.
    ///
    /// - Returns: nil for a field that is malformed in any way: the standard then has a new trace begin.
    public init?(traceparent: String) {
        let text = Array(traceparent.utf8)
        guard text.count >= 55, text[2] == Self.dash, text[35] == Self.dash, text[52] == Self.dash,
            text[0..<2].allSatisfy(Self.isHex), text[3..<35].allSatisfy(Self.isHex),
            text[36..<52].allSatisfy(Self.isHex), text[53..<55].allSatisfy(Self.isHex)
        else { return nil }
        // Version ff is invalid; version 00 has exactly these fields, a later one may add more behind a dash.
        let version = text[0..<2]
        guard !version.elementsEqual("ff".utf8), text.count == 55 || text[55] == Self.dash else { return nil }
        guard !version.elementsEqual("00".utf8) || text.count == 55 else { return nil }
        guard text[3..<35].contains(where: { $0 != UInt8(ascii: "0") }),
            text[36..<52].contains(where: { $0 != UInt8(ascii: "0") })
        else { return nil }
        traceID = String(decoding: text[3..<35], as: UTF8.self)
        parentSpanID = String(decoding: text[36..<52], as: UTF8.self)
        spanID = Self.randomHex(bytes: 8)
        isSampled = (hexValue(text[54]) ?? 0) & 1 == 1
    }

    private init(traceID: String) {
        self.traceID = traceID
        parentSpanID = nil
        spanID = Self.randomHex(bytes: 8)
        isSampled = false
    }

    /// Begins a trace that nobody records yet.
    public static func beginning() -> TraceContext { TraceContext(traceID: randomHex(bytes: 16)) }

    /// The field to send along with requests to other services.
    public var traceparent: String { "00-\(traceID)-\(spanID)-\(isSampled ? "01" : "00")" }

    private static let dash = UInt8(ascii: "-")

    private static func isHex(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
        default: false
        }
    }

    /// Random bytes in hex; not all zero.
    static func randomHex(bytes: Int) -> String {
        var generator = SystemRandomNumberGenerator()
        var text: [UInt8] = []
        for index in 0..<bytes {
            let byte =
                index == 0 ? UInt8.random(in: 1...255, using: &generator) : .random(in: 0...255, using: &generator)
            for nibble in [byte >> 4, byte & 15] { text.append(nibble < 10 ? 48 + nibble : 87 + nibble) }
        }
        return String(decoding: text, as: UTF8.self)
    }
}

/// Takes the trace out of `traceparent`, or begins one: its ids stand in the context of the handler's log lines and in
/// the exemplars of the duration histogram.
public struct TraceContextMiddleware: RequestMiddleware {
    /// Makes the middleware.
    public init() {}

    /// Finds the trace.
    public func begin(_ observation: inout RequestObservation) {
        let fields = observation.request.headers.values(of: "traceparent")
        // More than one field is as good as none: nobody can say which is right.
        let continued = fields.count == 1 ? TraceContext(traceparent: fields[0]) : nil
        observation.traceContext = continued ?? .beginning()
    }

    /// Does nothing.
    public func end(_ observation: RequestObservation, _ outcome: RequestOutcome) {}
}
