// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What the environment says about a run of the monitor.
///
/// | variable | meaning | default |
/// |---|---|---|
/// | `PORT` | the port on 127.0.0.1, 0 for any free one | 8080 |
/// | `DATA_DIR` | sessions, state and notifications | `./data/tmux-orchestrator` |
/// | `LOG_DIR` | the log file | `$DATA_DIR/log` |
/// | `MONITOR_CYCLE_SECONDS` | from one cycle to the next | 5 |
/// | `STATE_SAVE_SECONDS` | an unchanged state is saved again after this long | 60 |
/// | `ENABLE_METRICS_COLLECTION` | whether anything is measured | true |
/// | `METRICS_RETENTION_MINUTES` | how long cycles, incidents and events are kept | 60 |
/// | `PROMETHEUS_EXPORT_ENABLED` | whether `/metrics` is served | true |
/// | `SCHEDULE_DIVISOR` | shortens the checks' schedule, to try it out | 1 |
struct Settings: Sendable {
    var port: Int
    var dataFolder: URL
    var logFolder: URL
    var cycle: Duration
    var stateSave: Duration
    var collectsMetrics: Bool
    var retention: Duration
    var exportsMetrics: Bool
    var divisor: Double

    /// Reads the environment.
    ///
    /// - Throws: `MonitorError` that names the variable, what it holds and what would do.
    init(_ environment: [String: String]) throws(MonitorError) {
        func number(_ name: String, _ standard: Double, in range: ClosedRange<Double>) throws(MonitorError) -> Double {
            guard let text = environment[name], !text.isEmpty else { return standard }
            guard let value = Double(text), range.contains(value) else {
                throw MonitorError("environment variable \(name): got \"\(text)\", expected \(range)")
            }
            return value
        }
        func isOn(_ name: String) throws(MonitorError) -> Bool {
            guard let text = environment[name], !text.isEmpty else { return true }
            switch text.lowercased() {
            case "true", "1", "yes", "on": return true
            case "false", "0", "no", "off": return false
            default: throw MonitorError("environment variable \(name): got \"\(text)\", expected true or false")
            }
        }
        port = Int(try number("PORT", 8_080, in: 0...65_535))
        dataFolder = URL(fileURLWithPath: environment["DATA_DIR"] ?? "./data/tmux-orchestrator", isDirectory: true)
        logFolder =
            environment["LOG_DIR"].map { URL(fileURLWithPath: $0, isDirectory: true) }
            ?? dataFolder.appendingPathComponent("log", isDirectory: true)
        cycle = .seconds(try number("MONITOR_CYCLE_SECONDS", 5, in: 0.1...300))
        stateSave = .seconds(try number("STATE_SAVE_SECONDS", 60, in: 0.1...3_600))
        collectsMetrics = try isOn("ENABLE_METRICS_COLLECTION")
        retention = .seconds(60 * (try number("METRICS_RETENTION_MINUTES", 60, in: 0.01...1_440)))
        exportsMetrics = try isOn("PROMETHEUS_EXPORT_ENABLED")
        divisor = try number("SCHEDULE_DIVISOR", 1, in: 1...300)
    }

    /// Components are looked at this often.
    var realTime: Duration { .seconds(30) / divisor }
    /// Memory and CPU are.
    var resource: Duration { .seconds(120) / divisor }
    /// Cycle times are.
    var performance: Duration { .seconds(300) / divisor }
    /// The state's integrity is.
    var integrity: Duration { .seconds(900) / divisor }
    /// A warning is told after it has lasted this long.
    var warningDelay: Duration { .seconds(900) / divisor }
}

/// What the monitor cannot do, and why.
struct MonitorError: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
