// SPDX-License-Identifier: Apache-2.0

import Foundation
import HealthProbes

/// What the environment decides. The names are the guide's where it has one.
struct Settings: Sendable {
    var port = 8_000
    var dataFolder = "./data/genesis"
    var logFolder = ""
    var databasePath = ""
    /// Nil: there is no Redis to look at.
    var redisHost: String?
    var redisPort: UInt16 = 6_379
    var redisPassword: String?
    /// Where Alertmanager tells of alerts.
    var automationWebhook: String?
    /// Tokens that plans may spend a day.
    var tokensPerDay = 1_000_000
    var cacheBytesMax = 64 << 20
    var memoryBytesMax = Double(ProcessInfo.processInfo.physicalMemory)
    var diskPercentMax = 90.0
    /// Past it a log file is set aside.
    var logBytesMax = 64 << 20
    /// How long a plan may run before its worker counts as stalled.
    var stallLimit: Duration = .seconds(30)
    var breakerCooldown: Duration = .seconds(10)
    var checkInterval: Duration = .seconds(5)
    var forecastInterval: Duration = .seconds(60)
    var anomalyInterval: Duration = .seconds(15)
    /// How often the state of the objectives is written down.
    var reportInterval: Duration = .seconds(60)
    /// From which age on an incident is whose; in the guide's order.
    var escalation: [Duration] = [.seconds(120), .seconds(1_800), .seconds(3_600), .seconds(7_200)]

    /// Where plans' input files are looked for.
    var inputFolder: String { dataFolder + "/inputs" }

    /// Reads the variables.
    ///
    /// - Throws: `SettingsError` for the first one that does not fit.
    init(_ environment: [String: String]) throws(SettingsError) {
        func text(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        func number(_ name: String, in range: ClosedRange<Double>, _ set: (Double) -> Void) throws(SettingsError) {
            guard let value = text(name) else { return }
            guard let number = Double(value), range.contains(number) else {
                throw SettingsError(
                    "\(name) is \"\(value)\"; use a number from \(range.lowerBound) to \(range.upperBound)")
            }
            set(number)
        }
        if let connection = text("DB_CONNECTION"), connection != "sqlite" {
            throw SettingsError("DB_CONNECTION is \"\(connection)\"; this example speaks sqlite alone")
        }
        dataFolder = text("DATA_DIR") ?? dataFolder
        logFolder = text("LOG_DIR") ?? dataFolder + "/logs"
        databasePath = text("DB_DATABASE") ?? dataFolder + "/genesis_orchestrator.db"
        redisHost = text("REDIS_HOST")
        redisPassword = text("REDIS_PASSWORD")
        automationWebhook = text("AUTOMATION_WEBHOOK_URL")
        try number("PORT", in: 0...65_535) { port = Int($0) }
        try number("REDIS_PORT", in: 1...65_535) { redisPort = UInt16($0) }
        try number("TOKENS_PER_DAY", in: 1...1e12) { tokensPerDay = Int($0) }
        try number("CACHE_BYTES_MAX", in: 1...1e12) { cacheBytesMax = Int($0) }
        try number("MEMORY_BYTES_MAX", in: 1...1e15) { memoryBytesMax = $0 }
        try number("DISK_PERCENT_MAX", in: 1...100) { diskPercentMax = $0 }
        try number("LOG_BYTES_MAX", in: 65_536...1e12) { logBytesMax = Int($0) }
        try number("STALL_SECONDS", in: 1...3_600) { stallLimit = .seconds($0) }
        try number("BREAKER_COOLDOWN_SECONDS", in: 0...3_600) { breakerCooldown = .seconds($0) }
        try number("CHECK_INTERVAL_SECONDS", in: 0.1...3_600) { checkInterval = .seconds($0) }
        try number("FORECAST_INTERVAL_SECONDS", in: 0.1...3_600) { forecastInterval = .seconds($0) }
        try number("ANOMALY_INTERVAL_SECONDS", in: 0.1...3_600) { anomalyInterval = .seconds($0) }
        try number("SLA_REPORT_SECONDS", in: 1...86_400) { reportInterval = .seconds($0) }
        if let ages = text("ESCALATION_SECONDS") {
            let seconds = ages.split(separator: ",").compactMap { Double($0) }
            guard seconds.count == escalation.count, seconds == seconds.sorted(), seconds[0] > 0 else {
                throw SettingsError(
                    "ESCALATION_SECONDS is \"\(ages)\"; use four rising numbers such as 120,1800,3600,7200")
            }
            escalation = seconds.map { .seconds($0) }
        }
    }

    /// Who deals with an incident at its age, as the guide's escalation procedure has it.
    var escalationLevels: [EscalationLevel] {
        let people = ["on-call engineer", "senior engineer", "engineering manager", "executive"]
        return [EscalationLevel(after: .zero, name: "automated")]
            + zip(escalation, people).map { EscalationLevel(after: $0, name: $1) }
    }
}

/// A variable that does not fit.
struct SettingsError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
