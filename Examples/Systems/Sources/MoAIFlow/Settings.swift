// SPDX-License-Identifier: Apache-2.0

import Foundation
import StructuredLog

/// What the environment says, with the defaults of a production set-up.
struct Settings: Sendable {
    /// `PORT`: where metrics, health and the API are served.
    var port = 9_090
    /// `DETAILS_PORT`: where the same is served with details, to this host alone; `moai-flow health --all` asks there.
    var detailsPort = 9_095
    /// `DATA_DIR`: the database, the inbox and the log.
    var folder = URL(fileURLWithPath: "./data/moai-flow")
    /// `AGENTS`: how many agents work.
    var agentCount = 3
    /// `AGENT_SECONDS`: how often an agent looks for work.
    var agentInterval: Duration = .seconds(2)
    /// `CHECK_SECONDS`: how often the checks run.
    var checkInterval: Duration = .seconds(5)
    /// `QUERY_WINDOW_SECONDS`: how far back the quantiles of query times look.
    var queryWindow: Duration = .seconds(60)
    /// `DATABASE_BYTES_MAX`: a larger database is an alarm; 10 GiB.
    var databaseBytesMax = 10_737_418_240.0
    /// `LOG_LEVEL`: the lowest level that is written.
    var logLevel = LogLevel.info

    var databasePath: String { folder.appendingPathComponent("swarm.db").path }
    var inbox: URL { folder.appendingPathComponent("inbox") }
    var failed: URL { folder.appendingPathComponent("failed") }
    var logPath: String { folder.appendingPathComponent("logs/moai-flow.log").path }

    /// Reads the environment.
    ///
    /// - Throws: `SettingsError` for a value that makes no sense.
    init(_ environment: [String: String]) throws(SettingsError) {
        func number(_ name: String, _ range: ClosedRange<Double>) throws(SettingsError) -> Double? {
            guard let text = environment[name] else { return nil }
            guard let number = Double(text), range.contains(number) else {
                throw SettingsError(
                    description: "\(name) is \"\(text)\"; use \(range.lowerBound) to \(range.upperBound)")
            }
            return number
        }
        if let value = try number("PORT", 0...65_535) { port = Int(value) }
        if let value = try number("DETAILS_PORT", 0...65_535) { detailsPort = Int(value) }
        if let path = environment["DATA_DIR"] { folder = URL(fileURLWithPath: path) }
        if let value = try number("AGENTS", 1...64) { agentCount = Int(value) }
        if let value = try number("AGENT_SECONDS", 0.1...60) { agentInterval = .seconds(value) }
        if let value = try number("CHECK_SECONDS", 0.1...3_600) { checkInterval = .seconds(value) }
        if let value = try number("QUERY_WINDOW_SECONDS", 1...3_600) { queryWindow = .seconds(value) }
        if let value = try number("DATABASE_BYTES_MAX", 1...1e15) { databaseBytesMax = value }
        if let text = environment["LOG_LEVEL"] {
            guard let level = LogLevel(name: text) else {
                throw SettingsError(description: "LOG_LEVEL is \"\(text)\"; use debug, info, warning, error, critical")
            }
            logLevel = level
        }
    }
}

/// An environment that makes no sense.
struct SettingsError: Error, CustomStringConvertible {
    let description: String
}
