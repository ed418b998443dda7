// SPDX-License-Identifier: Apache-2.0

import Foundation
import StructuredLog

/// The log's levels, read and changed while the service runs.
///
/// `PUT {"prefix": "db", "level": "debug", "seconds": 600}`: labels that start with `db` log debug and above for ten
/// minutes. Without `seconds` it holds for good; `"level": "off"` silences; without `level` the prefix's rule goes.
struct LogLevelsRoute: Sendable {
    let levels: LogLevels
    let log: StructuredLogger

    private struct Rule: Encodable {
        let prefix: String
        let level: String
        let seconds: Double?
    }

    private struct Change: Decodable {
        let prefix: String?
        let level: String?
        let seconds: Double?
    }

    /// The longest time that a temporary rule may hold: a day.
    private static let secondsMax = 86_400.0
    private static let prefixBytesMax = 256

    /// The rules in force.
    func list() throws -> ServerResponse {
        try .json(
            levels.rules.map { rule in
                Rule(
                    prefix: rule.prefix, level: rule.level?.description ?? "off",
                    seconds: rule.remaining.map { Double($0.components.seconds) })
            })
    }

    /// Changes one rule and answers with all of them.
    func change(_ request: ServerRequest) throws -> ServerResponse {
        let change = try request.json(Change.self)
        let prefix = change.prefix ?? ""
        guard prefix.utf8.count <= Self.prefixBytesMax else { return .text("prefix too long\n", status: .badRequest) }
        var duration: Duration?
        if let seconds = change.seconds {
            guard seconds > 0, seconds <= Self.secondsMax else {
                return .text("seconds must be above 0 and at most 86400\n", status: .badRequest)
            }
            duration = .milliseconds(Int64(seconds * 1_000))
        }
        guard let name = change.level else {
            levels.remove(prefix)
            return try answer(prefix, "removed")
        }
        let isTaken: Bool
        if name == "off" {
            isTaken = levels.silence(prefix, lasting: duration)
        } else {
            guard let level = LogLevel(name: name) else {
                return .text(
                    "level must be one of trace, debug, info, notice, warning, error, critical, off\n",
                    status: .badRequest)
            }
            isTaken = levels.set(level, for: prefix, lasting: duration)
        }
        guard isTaken else { return .text("too many rules\n", status: .conflict) }
        return try answer(prefix, name)
    }

    private func answer(_ prefix: String, _ level: String) throws -> ServerResponse {
        // Whoever turns the log down leaves a line about it.
        log.logWithoutSource(.notice, "log level changed") {
            $0["prefix"] = prefix
            $0["new_level"] = level
        }
        return try list()
    }
}
