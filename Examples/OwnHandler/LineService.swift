// SPDX-License-Identifier: Apache-2.0

import Instrument
import InstrumentHTTP
import StructuredLog

/// A store that is asked over a line protocol of its own: `GET /items/apple`, `PUT /items/apple green`.
///
/// It stands for any server that is not this package's: what it shows is ``reply(to:)``, where a handler that knows
/// nothing of HTTP servers is counted, timed, logged, named and bounded by one call of the middleware chain.
actor LineService {
    /// What this service's handlers return.
    struct Reply: Equatable {
        var status: Int
        var text: String

        var line: String { "\(status) \(text)" }
    }

    private let chain: MiddlewareChain
    private let log: StructuredLogger
    private var items: [String: String] = [:]

    init(metrics: MetricRegistry, log: StructuredLogger) throws {
        self.log = log
        chain = MiddlewareChain([
            try RequestMetrics(metrics), AccessLog(log), RequestIdentity(), TraceContextMiddleware(),
            ConcurrencyLimit(16),
        ])
    }

    /// Answers one line.
    func reply(to line: String) -> Reply {
        let words = line.split(separator: " ", maxSplits: 2).map(String.init)
        guard words.count >= 2 else { return Reply(status: 400, text: "say METHOD PATH [VALUE]") }
        let item = words[1].hasPrefix("/items/") ? String(words[1].dropFirst("/items/".count)) : nil
        return chain.observe(
            RequestDescription(
                method: RequestMethod(words[0]), route: item == nil ? nil : "/items/:name", path: words[1],
                requestBytes: line.utf8.count),
            refused: { Reply(status: $0.status.code, text: $0.reason) },
            outcome: { (status: $0.status, bytes: $0.text.utf8.count) }
        ) { observation in
            observation.withLogContext {
                answer(words[0], item, value: words.count > 2 ? words[2] : nil)
            }
        }
    }

    private func answer(_ method: String, _ item: String?, value: String?) -> Reply {
        guard let item else { return Reply(status: 404, text: "no such path") }
        switch (method, value) {
        case ("GET", nil):
            return items[item].map { Reply(status: 200, text: $0) } ?? Reply(status: 404, text: "no such item")
        case ("PUT", let value?):
            items[item] = value
            log.info("item stored") { $0["item"] = item }
            return Reply(status: 200, text: "stored")
        default:
            return Reply(status: 405, text: "GET reads an item, PUT with a value stores one")
        }
    }
}
