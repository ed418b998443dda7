// SPDX-License-Identifier: Apache-2.0

import InstrumentHTTP

/// What reading a message gave: its head's parts as strings, or the rejection.
struct ParsedRequest: Equatable {
    var method = ""
    var path = ""
    var query = ""
    var fields: [String] = []
    var keepsAlive = false
    var framing = BodyFraming.none
    var headBytes = 0
    var rejection = ""

    static func rejected(_ text: String) -> ParsedRequest {
        var parsed = ParsedRequest()
        parsed.rejection = text
        return parsed
    }
}

/// Shows `bytes` to a parser in pieces that end at `cuts`, growing as a connection's buffer does.
///
/// - Returns: nil when the parser wants more.
func parse(_ bytes: [UInt8], cuts: [Int] = [], limits: HeadLimits = HeadLimits()) -> ParsedRequest? {
    var parser = RequestParser(limits: limits)
    for end in cuts + [bytes.count] {
        let step = bytes[..<end].withUnsafeBytes { parser.parse($0) }
        switch step {
        case .needsMore: continue
        case .rejected(let rejection): return .rejected(rejection.description)
        case .complete(let headBytes):
            return bytes.withUnsafeBytes { bytes in
                ParsedRequest(
                    method: parser.head.method.string(in: bytes), path: parser.head.path.string(in: bytes),
                    query: parser.head.query.string(in: bytes),
                    fields: parser.head.fields.map {
                        "\($0.name.string(in: bytes))=\($0.value.string(in: bytes))"
                    }, keepsAlive: parser.head.keepsAlive, framing: parser.head.framing, headBytes: headBytes)
            }
        }
    }
    return nil
}

/// Shows text to a parser.
func parse(_ text: String, limits: HeadLimits = HeadLimits()) -> ParsedRequest? {
    parse(Array(text.utf8), limits: limits)
}
