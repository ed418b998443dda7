// SPDX-License-Identifier: Apache-2.0

import InstrumentHTTP
import Testing

@Suite struct BodyDecoderTests {
    /// The body, `rejected: …`, or `incomplete`; and how many bytes were consumed.
    private func decode(_ text: String, _ framing: BodyFraming, bytesMax: Int = 1_000, pieces: Int = .max) -> (
        String, Int
    ) {
        var decoder = BodyDecoder(framing, bytesMax: bytesMax)
        var body: [UInt8]? = []
        var position = 0
        let bytes = Array(text.utf8)
        while true {
            let end = pieces < bytes.count - position ? position + pieces : bytes.count
            switch bytes[position..<end].withUnsafeBytes({ decoder.decode($0, into: &body) }) {
            case .complete(let consumed):
                return (String(decoding: body ?? [], as: UTF8.self), position + consumed)
            case .rejected(let rejection): return ("rejected: \(rejection)", position)
            case .needsMore(let consumed):
                position += consumed
                if end == bytes.count { return ("incomplete", position) }
            }
        }
    }

    @Test func readsCountedBodies() {
        #expect(decode("hello, world", .length(5)) == ("hello", 5))
        #expect(decode("hell", .length(5)) == ("incomplete", 4))
        #expect(decode("hello", .length(5), bytesMax: 4).0 == "rejected: 413 body too large")
        #expect(decode("x", .none) == ("", 0))
    }

    @Test(arguments: [1, 2, 3, 7, Int.max])
    func readsChunksInAnyPieces(pieces: Int) {
        let text = "5\r\nhello\r\n00A;ext=\"1\"\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\nNEXT"
        #expect(decode(text, .chunked, pieces: pieces) == ("hello0123456789", text.utf8.count - 4))
    }

    @Test(
        "RFC 9112 7.1: malformed chunks are rejected",
        arguments: [
            ("\r\n", "400 malformed chunk size"), (";x\r\n", "400 malformed chunk size"),
            ("-1\r\n", "400 malformed chunk size"), ("0x5\r\n", "400 malformed chunk size"),
            (" 5\r\n", "400 malformed chunk size"), ("5 \r\n", "400 malformed chunk size"),
            ("g\r\n", "400 malformed chunk size"), ("5\nhello", "400 malformed chunk size"),
            ("5\rhello", "400 chunk size ends without CR LF"),
            ("FFFFFFFFFFFFFFFF\r\n", "400 chunk size too large"),
            ("10000000000000000\r\n", "400 chunk size too large"),
            ("00000000000000001\r\n", "400 chunk size too large"),
            ("7FFFFFFFFFFFFFFF\r\n", "413 body too large"),
            ("2\r\nabc\r\n", "400 chunk longer than its size"), ("2\r\nab\n", "400 chunk longer than its size"),
            ("2\r\nab\rX", "400 chunk ends without CR LF"),
            ("2;a\nb\r\n", "400 malformed chunk extension"), ("2;\u{0}\r\n", "400 malformed chunk extension"),
            ("0\r\nbad trailer\r\n\r\n", "400 malformed field line"), ("0\r\nX: a\n", "400 line ends without CR"),
            ("0\r\n X: folded\r\n\r\n", "400 folded field line"),
        ])
    func rejectsMalformedChunks(text: String, rejection: String) {
        #expect(decode(text, .chunked).0 == "rejected: \(rejection)")
        #expect(decode(text, .chunked, pieces: 1).0 == "rejected: \(rejection)")
    }

    @Test func boundsWhatStandsAroundTheChunks() {
        let long = "1;" + String(repeating: "x", count: 16_385)
        #expect(decode(long, .chunked).0 == "rejected: 400 malformed chunk extension")
        let trailer = "0\r\nX: " + String(repeating: "x", count: 16_385)
        #expect(decode(trailer, .chunked).0 == "rejected: 431 header fields too large")
    }

    @Test func boundsTheSumOfTheChunks() {
        #expect(decode("5\r\nhello\r\n6\r\n", .chunked, bytesMax: 10).0 == "rejected: 413 body too large")
        #expect(decode("5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n", .chunked, bytesMax: 10).0 == "helloworld")
    }

    @Test func droppedBodiesAreCounted() {
        var decoder = BodyDecoder(.length(5), bytesMax: 5)
        var body: [UInt8]?
        #expect(Array("hello".utf8).withUnsafeBytes { decoder.decode($0, into: &body) } == .complete(consumed: 5))
        #expect(decoder.byteCount == 5)
        #expect(body == nil)
    }
}
