// SPDX-License-Identifier: Apache-2.0

/// How the metrics of an ``InstrumentedOperation`` are called, for dashboards and alerts that exist already.
///
/// ```swift
/// let download = try InstrumentedOperation(
///     "download", in: metrics, names: OperationNames(runs: "jobs_total", active: "active_jobs", outcome: "status"))
/// ```
///
/// registers `download_jobs_total{status}`, `download_duration_seconds` and `download_active_jobs`.
public struct OperationNames: Sendable, Equatable {
    /// What follows the operation's name and `_` in the name of the counter; ends in `total`.
    public var runs: String
    /// The same of the histogram of durations; ends in `seconds`.
    public var duration: String
    /// The same of the gauge of runs under way.
    public var active: String
    /// The counter's label that tells the ``OperationOutcome``.
    public var outcome: String

    /// Names the metrics.
    public init(
        runs: String = "runs_total", duration: String = "duration_seconds", active: String = "active",
        outcome: String = "outcome"
    ) {
        self.runs = runs
        self.duration = duration
        self.active = active
        self.outcome = outcome
    }
}
