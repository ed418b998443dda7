// SPDX-License-Identifier: Apache-2.0

import InstrumentHTTP

/// What a parser makes of the bytes of a connection: the first message, body included.
struct ParserVerdict: Equatable {
    /// `complete`, `incomplete`, or the rejection.
    var text: String
    /// The method and the target's path, for messages whose head is complete.
    var head = ""
    /// The body as far as it came.
    var body: [UInt8] = []

    /// Reads `bytes` in one piece, or byte by byte.
    init(_ bytes: [UInt8], isDripped: Bool) {
        var parser = RequestParser()
        var headBytes: Int?
        for end in isDripped ? Array(0...bytes.count) : [bytes.count] {
            switch bytes[..<end].withUnsafeBytes({ parser.parse($0) }) {
            case .needsMore: continue
            case .rejected(let rejection):
                text = rejection.description
                return
            case .complete(let count): headBytes = count
            }
            break
        }
        guard let headBytes else {
            text = "incomplete"
            return
        }
        let framing = parser.head.framing
        head = bytes.withUnsafeBytes { bytes in
            "\(parser.head.method.string(in: bytes)) \(parser.head.path.string(in: bytes))"
        }
        var decoder = BodyDecoder(framing, bytesMax: 1_048_576)
        var body: [UInt8]? = []
        var position = headBytes
        text = "incomplete"
        let ends = isDripped ? Array(headBytes...bytes.count) : [bytes.count]
        for end in ends {
            switch bytes[position..<end].withUnsafeBytes({ decoder.decode($0, into: &body) }) {
            case .needsMore(let consumed): position += consumed
            case .complete:
                text = "complete"
                self.body = body ?? []
                return
            case .rejected(let rejection):
                text = rejection.description
                self.body = body ?? []
                return
            }
        }
        self.body = body ?? []
    }
}
