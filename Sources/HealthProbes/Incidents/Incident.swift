// SPDX-License-Identifier: Apache-2.0

/// A failure from its first moment to its end: what an on-call list shows.
public struct Incident: Sendable {
    /// Grows by one with each incident of the process.
    public let id: UInt64
    /// The check that fails.
    public let check: String
    /// Whether the check's failure fails a verdict.
    public let isCritical: Bool
    /// Whether the failure was injected to try the alarms out.
    public let isTest: Bool
    /// Why the check failed first, for the operator.
    public let message: String
    /// When it opened, in nanoseconds since 1970.
    public let openedUnixNanoseconds: Int64
    /// When it closed, in nanoseconds since 1970; nil while it is open.
    public internal(set) var closedUnixNanoseconds: Int64?
    /// How long it has been open, or was.
    public internal(set) var age: Duration = .zero
    /// Who should be dealing with it at this age.
    public internal(set) var escalation = ""

    /// Whether the check still fails.
    public var isOpen: Bool { closedUnixNanoseconds == nil }
}

/// From which age on an incident is whose.
public struct EscalationLevel: Sendable, Equatable {
    /// The age from which the level applies.
    public var after: Duration
    /// Who or what deals with it.
    public var name: String

    /// Makes a level.
    ///
    /// - Parameters:
    ///   - after: the age from which the level applies.
    ///   - name: who or what deals with it.
    public init(after: Duration, name: String) {
        self.after = after
        self.name = name
    }

    /// Automated for two minutes, on call until half an hour, then the lead engineer, after two hours management.
    public static let standard = [
        EscalationLevel(after: .zero, name: "automated"),
        EscalationLevel(after: .seconds(120), name: "on-call"),
        EscalationLevel(after: .seconds(1_800), name: "lead"),
        EscalationLevel(after: .seconds(7_200), name: "management"),
    ]
}
