// SPDX-License-Identifier: Apache-2.0

import TestSupport

/// Requests that are almost right: valid ones, changed here and there. The same seed gives the same requests.
struct HostileRequests {
    private var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    private static let valid: [[UInt8]] = [
        "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /metrics?name=a&b HTTP/1.1\r\nHost: localhost:8080\r\nAccept: text/plain;version=0.0.4, */*;q=0.1\r\n\r\n",
        "HEAD /readyz?verbose HTTP/1.1\r\nHost: [::1]:8080\r\nUser-Agent: probe/1.0\r\nConnection: close\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 11\r\n\r\nhello world",
        "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=\"y\"\r\n world\r\n0\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: localhost\r\ntransfer-encoding: Chunked\r\n\r\na\r\n0123456789\r\n0\r\nX-Trailer: 1\r\n\r\n",
        "GET http://localhost:80/livez HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /healthz HTTP/1.0\r\n\r\n",
        "GET /livez HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        "PUT /log/levels HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer 0123456789\r\nContent-Length: 2\r\n\r\n{}",
        "OPTIONS /a/b/c HTTP/1.1\r\nHost: a\r\nX-Empty:\r\nX-Tab:\ta\tb\t\r\n\r\n",
        "GET /%00/%zz?%41=%&&= HTTP/1.1\r\nHost: a\r\nCookie: a=b; c=\"d\"\r\nX-Obs: \u{E9}\r\n\r\n",
    ].map { Array($0.utf8) }

    /// What has opened holes elsewhere.
    private static let pieces: [[UInt8]] = [
        "\r\n", "\n", "\r", "\0", " ", "\t", ":", "\r\n ", "\r\n\t", " :", "\u{7F}", "\u{80}", "%00", "../", "//", "*",
        "?",
        "#", "Host: b\r\n", "Host:\r\n", "Content-Length: 5\r\n", "Content-Length: 5, 5\r\n", "Content-Length: +5\r\n",
        "Content-Length: -1\r\n", "Content-Length: 0x10\r\n", "Content-Length:\r\n",
        "Content-Length: 99999999999999999999\r\n", "Content-Length: 9223372036854775807\r\n",
        "Transfer-Encoding: chunked\r\n", "Transfer-Encoding: gzip, chunked\r\n", "Transfer-Encoding : chunked\r\n",
        "Transfer-Encoding: identity\r\n", "Transfer-Encoding:\u{B}chunked\r\n", "TE: trailers\r\n",
        "Connection: close\r\n", "Connection: upgrade\r\n", "Upgrade: h2c\r\n", "Expect: 100-continue\r\n",
        "Expect: x\r\n", "FFFFFFFFFFFFFFFFF\r\n", "7fffffffffffffff\r\n", "0\r\n\r\n", "-1\r\n", "HTTP/1.1", "HTTP/1.0",
        "HTTP/2.0", "HTTP/1.10", "http://", "https://x/", "GET ", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "1", "0", "9",
    ].map { Array($0.utf8) }

    /// The next request; untouched when `isValid`.
    mutating func next(isValid: Bool) -> [UInt8] {
        var request = Self.valid[Int.random(in: 0..<Self.valid.count, using: &generator)]
        if isValid { return request }
        for _ in 0..<Int.random(in: 1...4, using: &generator) { mutate(&request) }
        return request
    }

    /// A number below `limit`.
    mutating func number(below limit: Int) -> Int { limit > 0 ? Int.random(in: 0..<limit, using: &generator) : 0 }

    private mutating func mutate(_ request: inout [UInt8]) {
        let position = number(below: request.count + 1)
        switch number(below: 9) {
        case 0 where position < request.count: request[position] = UInt8.random(in: 0...255, using: &generator)
        case 1 where position < request.count: request[position] ^= 1 << UInt8(number(below: 8))
        case 2 where position < request.count: request.remove(at: position)
        case 3: request.insert(UInt8.random(in: 0...255, using: &generator), at: position)
        case 4: request.removeLast(number(below: min(request.count, 8)))
        case 5: repeatLine(&request)
        case 6:
            let length = min(number(below: 24), request.count - min(position, request.count))
            let slice = Array(request[position..<(position + length)])
            request.insert(contentsOf: slice, at: number(below: request.count + 1))
        default:
            let piece = Self.pieces[number(below: Self.pieces.count)]
            request.insert(contentsOf: piece, at: number(below: 3) > 0 ? startOfALine(request) : position)
        }
    }

    /// Where some line begins: most pieces only bite there.
    private mutating func startOfALine(_ request: [UInt8]) -> Int {
        let starts = request.indices.dropLast().filter { request[$0] == 0x0A }.map { $0 + 1 }
        return starts.isEmpty ? 0 : starts[number(below: starts.count)]
    }

    private mutating func repeatLine(_ request: inout [UInt8]) {
        let start = startOfALine(request)
        guard let end = request[start...].firstIndex(of: 0x0A) else { return }
        request.insert(contentsOf: Array(request[start...end]), at: start)
    }
}
