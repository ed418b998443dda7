// SPDX-License-Identifier: Apache-2.0

import InstrumentHTTP
import Testing

@Suite struct RequestParserTests {
    @Test func readsARequest() {
        let parsed = parse("GET /a/b?x=1&y HTTP/1.1\r\nHost: h:80\r\nX-Tabbed:\t v \t\r\n\r\nrest")
        #expect(
            parsed
                == ParsedRequest(
                    method: "GET", path: "/a/b", query: "x=1&y", fields: ["Host=h:80", "X-Tabbed=v"],
                    keepsAlive: true, framing: .none, headBytes: 55))
    }

    @Test func everySplitPointGivesTheSameVerdict() {
        let messages = [
            "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\n",
            "\r\nGET / HTTP/1.0\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n",
            "GET /\u{0} HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET / HTTP/1.1\nHost: a\r\n\r\n",
        ]
        for message in messages {
            let bytes = Array(message.utf8)
            let whole = parse(bytes)
            #expect(whole != nil)
            for first in 0...bytes.count {
                #expect(parse(bytes, cuts: [first]) == whole, "\(message.debugDescription) cut at \(first)")
            }
            #expect(parse(bytes, cuts: Array(0...bytes.count)) == whole)
        }
    }

    @Test(
        "RFC 9112: what has been used to smuggle requests is rejected",
        arguments: [
            ("Content-Length: 5\r\nTransfer-Encoding: chunked", "both Transfer-Encoding and Content-Length"),
            ("Transfer-Encoding: chunked\r\nContent-Length: 5", "both Transfer-Encoding and Content-Length"),
            ("Transfer-Encoding: gzip, chunked", "only the transfer encoding chunked is served"),
            (
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
                "only the transfer encoding chunked is served"
            ),
            ("Transfer-Encoding: xchunked", "only the transfer encoding chunked is served"),
            ("Transfer-Encoding:", "only the transfer encoding chunked is served"),
            ("Content-Length: 5\r\nContent-Length: 5", "more than one Content-Length"),
            ("Content-Length: 5, 5", "malformed Content-Length"),
            ("Content-Length: +5", "malformed Content-Length"),
            ("Content-Length: -5", "malformed Content-Length"),
            ("Content-Length: 0x5", "malformed Content-Length"),
            ("Content-Length:", "malformed Content-Length"),
            ("Content-Length: 9223372036854775808", "malformed Content-Length"),
            ("Content-Length: 99999999999999999999999999", "malformed Content-Length"),
            ("Content-Length : 5", "malformed field name"),
            ("X-A: 1\r\n folded", "folded field line"),
            ("X-A: 1\r\n\tfolded", "folded field line"),
            ("X-A: a\u{0}b", "control character in a field value"),
            ("X-A: a\rb", "control character in a field value"),
            ("X-A: a\nX-B: b", "line ends without CR"),
            ("X-A: \u{7F}", "control character in a field value"),
            ("X A: 1", "malformed field name"),
            (": 1", "malformed field line"),
            ("X-A", "malformed field line"),
            ("X-\u{E9}: 1", "malformed field name"),
            ("Host: b", "more than one Host"),
        ])
    func rejectsAmbiguousFields(fields: String, reason: String) {
        #expect(parse("GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n") == .rejected("400 \(reason)"))
    }

    @Test func rejectsTransferEncodingOnHTTP10() {
        #expect(
            parse("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n")
                == .rejected("400 Transfer-Encoding on HTTP/1.0"))
    }

    @Test("RFC 9112 3.2: HTTP/1.1 needs a Host, a load balancer's HTTP/1.0 probe does not")
    func hostIsNeededOn11() {
        #expect(parse("GET / HTTP/1.1\r\n\r\n") == .rejected("400 no Host"))
        #expect(parse("GET / HTTP/1.0\r\n\r\n")?.rejection == "")
        #expect(parse("GET / HTTP/1.1\r\nHost: a b\r\n\r\n") == .rejected("400 malformed Host"))
        #expect(parse("GET / HTTP/1.1\r\nHost: a/../b\r\n\r\n") == .rejected("400 malformed Host"))
        #expect(parse("GET / HTTP/1.1\r\nHost:\r\n\r\n")?.rejection == "")
    }

    @Test(arguments: [
        ("GET /", "400 malformed request line"),
        ("GET  / HTTP/1.1", "400 malformed target"),
        ("GET / HTTP/1.1 ", "400 malformed version"),
        (" GET / HTTP/1.1", "400 malformed request line"),
        ("G ET / HTTP/1.1", "400 malformed target"),
        ("G(T / HTTP/1.1", "400 malformed method"),
        ("GET / http/1.1", "400 malformed version"),
        ("GET / HTTP/1,1", "400 malformed version"),
        ("GET / HTTP/11", "400 malformed version"),
        ("GET / HTTP/2.0", "505 only HTTP/1.0 and HTTP/1.1 are served"),
        ("GET / HTTP/0.9", "505 only HTTP/1.0 and HTTP/1.1 are served"),
        ("GET /a#b HTTP/1.1", "400 malformed target"),
        ("GET /\u{E9} HTTP/1.1", "400 malformed target"),
        ("GET /\u{1} HTTP/1.1", "400 malformed target"),
        ("CONNECT a:80 HTTP/1.1", "400 target is neither a path nor an absolute URI"),
        ("OPTIONS * HTTP/1.1", "400 target is neither a path nor an absolute URI"),
        ("GET a HTTP/1.1", "400 target is neither a path nor an absolute URI"),
        ("GET http:// HTTP/1.1", "400 target is neither a path nor an absolute URI"),
        ("GET http:///x HTTP/1.1", "400 malformed authority"),
        ("GET http://a@b\\c/ HTTP/1.1", "400 malformed authority"),
        ("GET http://user@b/ HTTP/1.1", "400 malformed authority"),
    ])
    func rejectsRequestLines(line: String, rejection: String) {
        #expect(parse("\(line)\r\nHost: a\r\n\r\n") == .rejected(rejection))
    }

    @Test("RFC 9112 3.2.2: an absolute target is served and names the host")
    func absoluteTarget() {
        let parsed = parse("GET HTTP://example:8080/x?y HTTP/1.1\r\nHost: other\r\n\r\n")
        #expect(parsed?.path == "/x")
        #expect(parsed?.query == "y")
        #expect(parse("GET http://example?q HTTP/1.1\r\nHost: other\r\n\r\n")?.path == "")
    }

    @Test func pathsStayAsSent() {
        #expect(parse("GET /a/../b//c%2F HTTP/1.0\r\n\r\n")?.path == "/a/../b//c%2F")
    }

    @Test("RFC 9112 2.2: one empty line before a request is ignored, a second one is not")
    func leadingEmptyLine() {
        #expect(parse("\r\nGET /x HTTP/1.0\r\n\r\n")?.path == "/x")
        #expect(parse("\r\n\r\nGET /x HTTP/1.0\r\n\r\n") == .rejected("400 malformed request line"))
    }

    @Test(
        "RFC 9112 9.3: who keeps the connection open",
        arguments: [
            ("1.1", "X: y", true), ("1.1", "Connection: close", false), ("1.1", "Connection: x, CLOSE ,y", false),
            ("1.0", "X: y", false), ("1.0", "Connection: Keep-Alive", true),
            ("1.0", "Connection: keep-alive, close", false),
        ])
    func persistence(version: String, field: String, keepsAlive: Bool) {
        #expect(parse("GET / HTTP/\(version)\r\nHost: a\r\n\(field)\r\n\r\n")?.keepsAlive == keepsAlive)
    }

    @Test func limitsAreExact() {
        var limits = HeadLimits()
        limits.requestLineBytesMax = 20
        let line = "GET /234567 HTTP/1.1"
        #expect(parse("\(line)\r\nHost: a\r\n\r\n", limits: limits)?.rejection == "")
        #expect(
            parse("GET /2345678 HTTP/1.1\r\nHost: a\r\n\r\n", limits: limits) == .rejected("414 request line too long"))
        limits = HeadLimits()
        limits.fieldBytesMax = 9 + 7
        #expect(parse("GET / HTTP/1.1\r\nHost: a\r\nX: 45\r\n\r\n", limits: limits)?.rejection == "")
        #expect(
            parse("GET / HTTP/1.1\r\nHost: a\r\nX: 456\r\n\r\n", limits: limits)
                == .rejected("431 header fields too large"))
        limits = HeadLimits()
        limits.fieldCountMax = 2
        #expect(parse("GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n\r\n", limits: limits)?.rejection == "")
        #expect(
            parse("GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\nX: 2\r\n\r\n", limits: limits)
                == .rejected("431 header fields too large"))
    }

    @Test func endlessLinesAreCutOffWithoutTheirEnd() {
        #expect(parse(String(repeating: "a", count: 8_200)) == .rejected("414 request line too long"))
        #expect(
            parse("GET / HTTP/1.1\r\nX: \(String(repeating: "a", count: 16_400))")
                == .rejected("431 header fields too large"))
    }

    @Test func unknownExpectationsFail() {
        #expect(
            parse("POST / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\nContent-Length: 1\r\n\r\n")
                == .rejected("417 unknown expectation"))
    }

    @Test func theParserIsReusable() {
        var parser = RequestParser()
        for _ in 0..<3 {
            let bytes = Array("GET /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n".utf8)
            #expect(bytes.withUnsafeBytes { parser.parse($0) } == .complete(headBytes: bytes.count))
            #expect(parser.head.framing == .length(3))
            parser.reset()
            #expect(parser.isAtStart)
            #expect(parser.head.fields.isEmpty)
        }
    }
}
