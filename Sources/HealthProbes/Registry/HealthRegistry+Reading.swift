// SPDX-License-Identifier: Apache-2.0

import Instrument

extension HealthRegistry {
    /// The newest report of one check, or nil if there is none of that name.
    ///
    /// For a check that runs on demand this is what asks: it runs at most once however many ask, a result is kept for
    /// its time to live, and whoever has waited for `patience` gets the last one there is. For any other check it
    /// returns at once.
    ///
    /// Blocks the calling thread for up to `patience`; do not call it from a task.
    ///
    /// - Parameters:
    ///   - name: the check.
    ///   - patience: the longest wait; real time, also under a manual clock.
    public func report(_ name: String, patience: Duration = .milliseconds(200)) -> CheckReport? {
        guard let report = snapshot().check(named: name) else { return nil }
        guard report.isOnDemand else { return report }
        engine.refresh(name, patience: UInt64(max(0, patience.saturatedNanoseconds)))
        return snapshot().check(named: name)
    }

    /// Starts every check that runs on demand and whose result is no longer good. Returns at once.
    package func refreshOnDemand() { engine.refreshOnDemand() }

    /// Open incidents and those that closed within the configured retention, the newest last.
    public func incidents() -> [Incident] { engine.incidents() }

    /// The events within the configured retention, at most 1,024, the newest last.
    public func history() -> [HealthEvent] { engine.history() }

    /// Puts a result over a check's own for a while, to try alarms and reactions out. Everything that comes of it is
    /// marked as a test; the check itself goes on running.
    ///
    /// - Parameters:
    ///   - result: what readers see.
    ///   - name: the check.
    ///   - duration: how long, if `clearFault` does not end it before.
    /// - Throws: `HealthError.Code.unknownCheck`.
    public func inject(
        _ result: CheckResult, into name: String, for duration: Duration = .seconds(300)
    ) throws(HealthError) {
        try engine.mutate { (core, moment) throws(HealthError) in
            try core.inject(result, into: name, for: duration, at: moment)
        }
    }

    /// Takes back what `inject` put over a check's own result.
    ///
    /// - Throws: `HealthError.Code.unknownCheck`.
    public func clearFault(in name: String) throws(HealthError) {
        try engine.mutate { (core, moment) throws(HealthError) in
            try core.inject(nil, into: name, for: .zero, at: moment)
        }
    }
}
