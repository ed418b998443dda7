// SPDX-License-Identifier: Apache-2.0

import Instrument

/// How a registry runs its checks.
public struct HealthConfiguration: Sendable {
    /// Runs at the same time, and threads for checks that block; 1 to 64.
    public var concurrency = 8
    /// The most checks and heartbeats at once; registering more is an error.
    public var checksMax = 1_024
    /// How a drain proceeds.
    public var drain = DrainConfiguration()
    /// How often a check that stays failed is told again.
    public var reminderInterval: Duration = .seconds(300)
    /// How long closed incidents and past events are kept.
    public var historyRetention: Duration = .seconds(3_600)
    /// From which age on an incident is whose; an event tells each level that is reached.
    public var escalation = EscalationLevel.standard
    /// The gauge that shows when each heartbeat was last seen, in Unix seconds.
    public var heartbeatMetric = "health_heartbeat_timestamp_seconds"
    /// The label of that gauge that carries the heartbeat's name.
    public var heartbeatLabel = "heartbeat"

    /// The defaults.
    public init() {}

    /// The reminder interval in nanoseconds; never zero.
    var reminderNanoseconds: UInt64 { UInt64(max(1, reminderInterval.saturatedNanoseconds)) }
}

/// How a service ends: how long it goes on serving, and how long it may take altogether.
public struct DrainConfiguration: Sendable {
    /// How long requests are still served after readiness has turned, so that routers notice. Nil means 5 s under
    /// Kubernetes (`KUBERNETES_SERVICE_HOST` is set), else 0.
    public var delay: Duration?
    /// How long requests in flight may take to end, counted from the end of the delay.
    public var requestsTimeout: Duration = .seconds(10)
    /// The most that the whole drain may take. Kubernetes kills after 30 s by default: stay below.
    public var budget: Duration = .seconds(25)

    /// The defaults.
    public init() {}

    /// The delay that applies in `environment`.
    func delay(environment: [String: String]) -> Duration {
        delay ?? (environment["KUBERNETES_SERVICE_HOST"] == nil ? .zero : .seconds(5))
    }
}
