// SPDX-License-Identifier: Apache-2.0

/// Everything a snapshot knows about one check.
public struct CheckReport: Sendable {
    /// What never changes, behind one reference: reports are copied with every snapshot.
    private let definition: CheckDefinition.Shared

    /// The name it was registered under.
    public var name: String { definition.value.name }
    /// The questions it helps to answer.
    public let kinds: CheckKinds
    /// Whether its failure fails the verdict, rather than degrade it.
    public let isCritical: Bool
    /// Words to find it by.
    public var tags: [String] { definition.value.options.tags }
    /// The checks whose failure explains this one's.
    public var dependsOn: [String] { definition.value.options.dependsOn }
    /// How often it runs.
    public var interval: Duration { definition.value.interval }
    /// Whether it runs when it is asked for alone.
    public var isOnDemand: Bool { definition.value.isOnDemand }
    /// What anyone may read while it does not pass; nil shows nothing.
    public var publicMessage: String? { definition.value.options.publicMessage }

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
        self.definition = CheckDefinition.Shared(definition)
        kinds = definition.kinds
        isCritical = definition.isCritical
        sinceUnixNanoseconds = unix
    }

    /// Whether it does not fail: a warning or a status that is not known yet is no failure.
    public var isHealthy: Bool { status != .fail }

    /// Whether a verdict or an event may differ between this report and `other`, an older one of the same check.
    func differs(from other: CheckReport) -> Bool {
        status != other.status || marks != other.marks || hasPassed != other.hasPassed
    }

    /// What this check adds to a verdict: a critical failure fails, any other failure or warning degrades.
    var contribution: CheckStatus {
        switch status {
        case .fail: isCritical ? .fail : .warn
        case .warn: .warn
        case .pass, .unknown: .pass
        }
    }
}
