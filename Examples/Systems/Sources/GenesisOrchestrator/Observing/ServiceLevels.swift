// SPDX-License-Identifier: Apache-2.0

import HealthProbes
import Instrument
import StructuredLog

/// The promises: 99.9 % available (43.2 minutes a month may be missed), 95 % of plans within 2 s, 1 % may fail.
struct ServiceLevels: Sendable {
    let book: ObjectiveBook
    /// Fed with one sample a second: is the service ready?
    let availability: Objective
    let latency: Objective
    let reliability: Objective

    /// Makes the objectives; what an earlier process counted in the last 30 days is read from the state file.
    init(_ metrics: OrchestratorMetrics, statePath: String) throws {
        book = try ObjectiveBook(in: metrics.business, statePath: statePath)
        availability = try book.availability("availability", target: 0.999)
        latency = try book.latency("latency", of: metrics.duration, threshold: .seconds(2), target: 0.95)
        reliability = try book.availability("reliability", target: 0.99)
    }

    /// Adds a check for each budget: a warning at 50 %, another one at 80 %.
    func register(in health: HealthRegistry, every interval: Duration) throws {
        var options = CheckOptions()
        options.tags = ["sla"]
        for objective in [availability, latency, reliability] {
            try health.register(
                "budget_\(objective.name)", .info, every: interval, options: options,
                .errorBudget(warn: 0.5, fail: 0.8) { objective.status().budgetConsumed })
        }
    }

    /// Samples the availability, and writes state and report down, until the task is cancelled.
    func monitor(_ health: HealthRegistry, reportEvery interval: Duration, log: StructuredLogger) async {
        var lastReport = ContinuousClock.now
        while !Task.isCancelled {
            let snapshot = health.snapshot()
            // Coming up, maintenance and draining are no downtime.
            if snapshot.phase == .ready { availability.record(isGood: snapshot.readiness.isServing) }
            if lastReport.duration(to: .now) >= interval {
                lastReport = .now
                report(to: log)
            }
            try? await Task.sleep(for: .seconds(1))
        }
        report(to: log)
    }

    private func report(to log: StructuredLogger) {
        for status in book.statuses() {
            log.log(status.level == .ok ? .info : .warning, "service level") {
                $0["objective"] = status.name
                $0["target"] = status.target
                $0["attained"] = status.attained
                $0["events"] = Int(clamping: status.events)
                $0["budget_consumed"] = status.budgetConsumed
                $0["burn_rate_1h"] = status.burnRates.oneHour
                $0["budget_level"] = status.level.rawValue
            }
        }
        do {
            try book.save()
        } catch {
            log.error("state of the objectives was not saved", error: error)
        }
    }
}
