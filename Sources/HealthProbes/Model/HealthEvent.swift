// SPDX-License-Identifier: Apache-2.0

/// Something changed, or has been failing for a while: worth one line in a log.
public struct HealthEvent: Sendable {
    /// What the event is about.
    public enum Subject: Sendable, Hashable {
        /// A check, by name.
        case check(String)
        /// One of the four verdicts.
        case verdict(ProbeKind)
        /// Where the service is in its life: the phase that it left, and the one that it entered.
        case phase(from: LifecyclePhase, to: LifecyclePhase)
        /// A drain hook that failed or ran past its deadline, by name.
        case drainHook(String)
    }

    /// Why there is an event.
    public enum Occasion: String, Sendable, Hashable {
        /// The status changed.
        case transition
        /// The status has been failing for another reminder interval.
        case reminder
        /// The incident of the failure has reached the age of its next escalation level.
        case escalation
        /// The results have begun to change too often: no transitions are told until they are steady.
        case flapping
        /// The results are steady again.
        case steady
    }

    /// What the event is about.
    public let subject: Subject
    /// Why there is an event.
    public let occasion: Occasion
    /// The status before.
    public let previous: CheckStatus
    /// The status now.
    public let status: CheckStatus
    /// What else there is to know about the status.
    public let marks: CheckMarks
    /// Whether the check's failure fails the verdict; true for verdicts.
    public let isCritical: Bool
    /// Whether it belongs to starting, to maintenance or to draining, and is no cause for alarm.
    public let isExpected: Bool
    /// Why, for the operator.
    public let message: String
    /// When, in nanoseconds since 1970.
    public let unixNanoseconds: Int64
    /// Who should be dealing with the incident from now on; nil unless the occasion is ``Occasion/escalation``.
    public internal(set) var escalation: String?
}

extension HealthEvent {
    static func hook(_ name: String, _ message: String, unix: Int64) -> HealthEvent {
        HealthEvent(
            subject: .drainHook(name), occasion: .transition, previous: .unknown, status: .fail, marks: [],
            isCritical: true, isExpected: false, message: message, unixNanoseconds: unix)
    }
}
