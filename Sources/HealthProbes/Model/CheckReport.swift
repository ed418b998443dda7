// SPDX-License-Identifier: Apache-2.0

/// Everything a snapshot knows about one check.
public struct CheckReport: Sendable {
    /// The name it was registered under.
    public let name: String
    /// The questions it helps to answer.
    public let kinds: CheckKinds
    /// Whether its failure fails the verdict, rather than degrade it.
    public let isCritical: Bool
    /// Words to find it by.
    public let tags: [String]
    /// The checks whose failure explains this one's.
    public let dependsOn: [String]
    /// How often it runs.
    public let interval: Duration
    /// Whether it runs when it is asked for alone.
    public let isOnDemand: Bool
    /// What anyone may read while it does not pass; nil shows nothing.
    public let publicMessage: String?

    /// The status after hysteresis.
    public internal(set) var status: CheckStatus = .unknown
    /// What else there is to know about the status.
    public internal(set) var marks: CheckMarks = []
    /// The newest result, before hysteresis; nil until the first run ends. Its message is for authorised readers.
    public internal(set) var result: CheckResult?
    /// When the status became what it is, in nanoseconds since 1970.
    public internal(set) var sinceUnixNanoseconds: Int64
    /// When the newest result came, in nanoseconds since 1970.
    public internal(set) var lastResultUnixNanoseconds: Int64?
    /// When a run last passed or warned, in nanoseconds since 1970.
    public internal(set) var lastSuccessUnixNanoseconds: Int64?
    /// When a run last failed, in nanoseconds since 1970.
    public internal(set) var lastFailureUnixNanoseconds: Int64?
    /// How long the newest run took; a timed-out run shows its timeout.
    public internal(set) var durationNanoseconds: UInt64 = 0
    /// Failures in a row, before hysteresis.
    public internal(set) var consecutiveFailures = 0
    /// Runs that gave a result, timeouts included.
    public internal(set) var resultCount: UInt64 = 0
    /// Runs that have begun and not returned: 0 or 1.
    public internal(set) var outstanding = 0

    init(_ definition: CheckDefinition, unix: Int64) {
        name = definition.name
        kinds = definition.kinds
        isCritical = definition.isCritical
        tags = definition.options.tags
        dependsOn = definition.options.dependsOn
        interval = definition.interval
        isOnDemand = definition.isOnDemand
        publicMessage = definition.options.publicMessage
        sinceUnixNanoseconds = unix
    }

    /// Whether it does not fail: a warning or a status that is not known yet is no failure.
    public var isHealthy: Bool { status != .fail }

    /// What this check adds to a verdict: a critical failure fails, any other failure or warning degrades.
    var contribution: CheckStatus {
        switch status {
        case .fail: isCritical ? .fail : .warn
        case .warn: .warn
        case .pass, .unknown: .pass
        }
    }
}
