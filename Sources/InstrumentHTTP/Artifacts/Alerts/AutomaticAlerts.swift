// SPDX-License-Identifier: Apache-2.0

/// The alerts that follow from what is registered: their limits, and which of them are left out.
public struct AutomaticAlerts: Sendable, Equatable {
    /// Two limits of one figure.
    public struct Limits: Sendable, Equatable {
        /// From where on it is a warning.
        public var warning: Double
        /// From where on it is critical.
        public var critical: Double

        /// Sets both.
        public init(warning: Double, critical: Double) {
            self.warning = warning
            self.critical = critical
        }
    }

    /// Whether there are any at all.
    public var isOn = true
    /// Names of those that are left out; a declared alert replaces one of its name by itself.
    public var switchedOff: Set<String> = []

    /// `ServiceDown`: how long a target must be away.
    public var downFor: Duration = .seconds(30)
    /// `HighCPUUsage`: share of the CPU time: of the control group's quota if it has one, else of the machine if that is
    /// registered, else of one core.
    public var processorShare = 0.8
    /// `HighMemoryUsage`: share of the memory: of the control group's limit if it has one, else of the machine.
    public var memoryShare = 0.85
    /// `HighCPUUsage` and `HighMemoryUsage`: how long it must last.
    public var resourcesFor: Duration = .seconds(300)
    /// `FrequentRestarts`: more starts than this within an hour.
    public var restarts = 3.0
    /// `HighFailureRate`: share of requests that end with a status of 500 and above.
    public var failureShare = Limits(warning: 0.05, critical: 0.15)
    /// `HighResponseTime`: the 95th percentile, in seconds; within the request histogram's buckets.
    public var responseSeconds = Limits(warning: 1, critical: 2)
    /// `HeartbeatMissing`: how old the newest beat may be.
    public var heartbeatSilence: Duration = .seconds(300)
    /// `CheckFailing`: how long a check must fail.
    public var checksFor: Duration = .seconds(60)
    /// `ErrorBudgetConsumed`: shares of the budget that are gone.
    public var budgetConsumed = Limits(warning: 0.5, critical: 0.8)
    /// `ErrorBudgetExhaustionPredicted`: how soon the budget would be gone.
    public var budgetHorizon: Duration = .seconds(3_600)
    /// `DiskExhaustionPredicted`: how soon a file system would be full.
    public var diskHorizon: Duration = .seconds(4 * 3_600)
    /// `MemoryExhaustionPredicted`: how soon the memory would be full.
    public var memoryHorizon: Duration = .seconds(2 * 3_600)
    /// `WatchLimitApproaching`: how soon a watched trend would reach its limit.
    public var watchHorizon: Duration = .seconds(3_600)
    /// `RequestRateAnomaly`: standard deviations from the mean.
    public var requestRateDeviations = 3.0
    /// `ResponseTimeAnomaly`: standard deviations from the mean.
    public var responseTimeDeviations = 2.0
    /// `MemoryUsageAnomaly`: standard deviations from the mean.
    public var memoryDeviations = 3.0
    /// The past that anomalies are measured against.
    public var anomalyBaseline: Duration = .seconds(86_400)

    /// The defaults.
    public init() {}
}
