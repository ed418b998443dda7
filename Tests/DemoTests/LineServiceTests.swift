// SPDX-License-Identifier: Apache-2.0

import Instrument
import StructuredLog
import Testing

@testable import OwnHandler

@Suite struct LineServiceTests {
    private static let lines = [
        "PUT /items/apple dark green", "GET /items/apple", "GET /items/pear", "GET /", "DELETE /items/x", "?",
    ]

    @Test func handlerOfAServerOfItsOwnIsCountedTimedAndLogged() async throws {
        let metrics = MetricRegistry()
        let capture = LogCapture()
        let service = try LineService(
            metrics: metrics, log: StructuredLogger("own-handler", output: LogOutput(.capture(capture))))
        var replies: [String] = []
        for line in Self.lines {
            replies.append(await service.reply(to: line).line)
        }
        #expect(
            replies == [
                "200 stored", "200 dark green", "404 no such item", "404 no such path",
                "405 GET reads an item, PUT with a value stores one", "400 say METHOD PATH [VALUE]",
            ])
        let counted = metrics.exposition().split(separator: "\n").filter { $0.hasPrefix("http_requests_total{") }
        #expect(
            counted == [
                #"http_requests_total{method="PUT",endpoint="/items/:name",status="200"} 1"#,
                #"http_requests_total{method="GET",endpoint="/items/:name",status="200"} 1"#,
                #"http_requests_total{method="GET",endpoint="/items/:name",status="404"} 1"#,
                #"http_requests_total{method="GET",endpoint="unmatched",status="404"} 1"#,
                #"http_requests_total{method="DELETE",endpoint="/items/:name",status="405"} 1"#,
            ])
        // The line of the handler and the access log's line of the same request carry the same name.
        let lines = capture.lines
        #expect(lines.count == 6)
        let name = try #require(lines.first?.firstMatch(of: /"request_id":"([^"]+)"/)?.1)
        #expect(lines.first?.contains(#""message":"item stored""#) == true)
        #expect(lines.dropFirst().first?.contains(name) == true)
    }
}
