// SPDX-License-Identifier: Apache-2.0

import Instrument

/// A check as it was registered: validated, and never changed afterwards.
struct CheckDefinition: Sendable {
    let name: String
    let kinds: CheckKinds
    let isCritical: Bool
    let interval: Duration
    let timeout: Duration
    let options: CheckOptions
    let check: HealthCheck

    /// The same durations in nanoseconds.
    let intervalNanoseconds: UInt64
    let timeoutNanoseconds: UInt64
    let recoveryNanoseconds: UInt64
    let delayNanoseconds: UInt64
    /// How long a result that was asked for is kept.
    let keptNanoseconds: UInt64

    init(
        name: String, kinds: CheckKinds, isCritical: Bool, interval: Duration, timeout: Duration,
        options: CheckOptions, check: HealthCheck
    ) throws(HealthError) {
        try CheckName.validate(name)
        func refuse(_ what: String, _ remedy: String) -> HealthError {
            HealthError(.invalidOption, "check \"\(name)\": \(what); \(remedy)")
        }
        guard !kinds.isEmpty else { throw refuse("it has no kind", "use .info if no probe depends on it") }
        guard interval >= .milliseconds(10) else { throw refuse("interval is \(interval)", "use 10 ms or more") }
        guard timeout >= .milliseconds(1) else { throw refuse("timeout is \(timeout)", "use 1 ms or more") }
        guard options.failureThreshold >= 1, options.successThreshold >= 1 else {
            throw refuse(
                "thresholds are \(options.failureThreshold) and \(options.successThreshold)", "use 1 or more")
        }
        if let recovery = options.recoveryInterval, recovery < .milliseconds(10) {
            throw refuse("recovery interval is \(recovery)", "use 10 ms or more")
        }
        guard options.initialDelay >= .zero else {
            throw refuse("initial delay is \(options.initialDelay)", "use 0 or more")
        }
        let reachesDependency = options.reachesDependency || check.reachesDependency
        if kinds.contains(.liveness), reachesDependency, !options.allowsDependencyOnLiveness {
            throw HealthError(
                .dependencyOnLiveness,
                "check \"\(name)\": it reaches a dependency and is on liveness, so an outage elsewhere would restart"
                    + " this process; use .readiness, or set allowsDependencyOnLiveness")
        }
        self.name = name
        self.kinds = kinds
        self.isCritical = isCritical
        self.interval = interval
        self.timeout = timeout
        self.options = options
        self.check = check
        intervalNanoseconds = UInt64(interval.saturatedNanoseconds)
        timeoutNanoseconds = UInt64(timeout.saturatedNanoseconds)
        recoveryNanoseconds = UInt64((options.recoveryInterval ?? interval).saturatedNanoseconds)
        delayNanoseconds = UInt64(options.initialDelay.saturatedNanoseconds)
        keptNanoseconds = UInt64(max(0, (options.onDemand ?? .zero).saturatedNanoseconds))
    }

    /// Whether the scheduler itself evaluates it.
    var isInline: Bool {
        if case .inline = check.body { true } else { false }
    }

    /// Whether it runs when it is asked for alone.
    var isOnDemand: Bool { options.onDemand != nil }

    /// How long no run may end before the check counts as stale.
    var staleNanoseconds: UInt64 { 3 * intervalNanoseconds + timeoutNanoseconds }

    /// A definition behind a reference, for what is copied often.
    final class Shared: Sendable {
        let value: CheckDefinition

        init(_ value: CheckDefinition) { self.value = value }
    }
}
