// SPDX-License-Identifier: Apache-2.0

import Foundation
import RedisClient

/// What the environment says about a run of the service.
///
/// | variable | meaning | default |
/// |---|---|---|
/// | `PORT` | the port on 127.0.0.1, 0 for any free one | 8080 |
/// | `DATA_DIR` | sequences, starts and logs | `./data/pleiotropy` |
/// | `LOG_DIR` | the log files | `$DATA_DIR/log` |
/// | `REDIS_HOST`, `REDIS_PORT` | the real Redis beside it | 127.0.0.1, 6379 |
/// | `REDIS_TIMEOUT_SECONDS` | the longest that a command may take | 3 |
/// | `WEB_UI_PORT` | the web interface that is checked too; 0 checks none | 0 |
/// | `AGENT_COUNT` | agents within this process | 3 |
/// | `EXTERNAL_AGENTS` | names of agents elsewhere that beat through the API, commas between | none |
/// | `AGENT_HEARTBEAT_SECONDS`, `AGENT_HEARTBEAT_TOLERANCE_SECONDS` | the expected rhythm | 30, a sixth of it |
/// | `CHECK_SECONDS` | from one run of a check to the next | 10 |
/// | `SUSTAINED_SECONDS` | how long a load lasts until it is an alert | 300 |
struct Settings: Sendable {
    var port: Int
    var dataFolder: URL
    var logFolder: URL
    var redis: RedisAddress
    var webPort: UInt16
    var agentCount: Int
    var externalAgents: [String]
    var heartbeat: Duration
    var heartbeatTolerance: Duration
    var checkInterval: Duration
    var sustained: Duration

    /// Reads the environment.
    ///
    /// - Throws: `SettingsError` that names the variable, what it holds and what would do.
    init(_ environment: [String: String]) throws(SettingsError) {
        func number(_ name: String, _ standard: Double, in range: ClosedRange<Double>) throws(SettingsError) -> Double {
            guard let text = environment[name], !text.isEmpty else { return standard }
            guard let value = Double(text), range.contains(value) else {
                throw SettingsError("environment variable \(name): got \"\(text)\", expected \(range)")
            }
            return value
        }
        port = Int(try number("PORT", 8_080, in: 0...65_535))
        dataFolder = URL(fileURLWithPath: environment["DATA_DIR"] ?? "./data/pleiotropy", isDirectory: true)
        logFolder =
            environment["LOG_DIR"].map { URL(fileURLWithPath: $0, isDirectory: true) }
            ?? dataFolder.appendingPathComponent("log", isDirectory: true)
        redis = RedisAddress(
            host: environment["REDIS_HOST"] ?? "127.0.0.1",
            port: UInt16(try number("REDIS_PORT", 6_379, in: 1...65_535)),
            commandTimeout: .seconds(try number("REDIS_TIMEOUT_SECONDS", 3, in: 0.1...30)))
        webPort = UInt16(try number("WEB_UI_PORT", 0, in: 0...65_535))
        agentCount = Int(try number("AGENT_COUNT", 3, in: 1...64))
        externalAgents = (environment["EXTERNAL_AGENTS"] ?? "").split(separator: ",").map(String.init)
        let seconds = try number("AGENT_HEARTBEAT_SECONDS", 30, in: 0.1...3_600)
        heartbeat = .seconds(seconds)
        heartbeatTolerance = .seconds(
            try number("AGENT_HEARTBEAT_TOLERANCE_SECONDS", seconds / 6, in: 0...(seconds * 0.99)))
        checkInterval = .seconds(try number("CHECK_SECONDS", 10, in: 0.1...300))
        sustained = .seconds(try number("SUSTAINED_SECONDS", 300, in: 0...3_600))
    }
}

/// A setting that cannot be used.
struct SettingsError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
