// SPDX-License-Identifier: Apache-2.0

/// What a check says about its subject.
public enum CheckStatus: String, Sendable, Hashable, CaseIterable {
    /// Within its targets.
    case pass
    /// Degraded, and still of use.
    case warn
    /// Broken.
    case fail
    /// No run has ended yet.
    case unknown

    /// The figure that metrics show: 1 for pass, 0.5 for warn and unknown, 0 for fail.
    public var figure: Double {
        switch self {
        case .pass: 1
        case .warn, .unknown: 0.5
        case .fail: 0
        }
    }

    /// Traffic-light wording: green, yellow or red.
    public var color: String {
        switch self {
        case .pass: "green"
        case .warn, .unknown: "yellow"
        case .fail: "red"
        }
    }

    /// How bad it is: pass 0, warn 1, unknown 2, fail 3.
    package var severity: Int {
        switch self {
        case .pass: 0
        case .warn: 1
        case .unknown: 2
        case .fail: 3
        }
    }
}

/// What else there is to know about a check's status.
public struct CheckMarks: OptionSet, Sendable, Hashable {
    /// One bit for each member.
    public let rawValue: UInt8

    /// Makes a set from its bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// A run passed its timeout and has not returned; the check is not started again until it does.
    public static let stuck = CheckMarks(rawValue: 1)
    /// No run has ended for three intervals and a timeout.
    public static let stale = CheckMarks(rawValue: 2)
    /// The results change too often to be worth an event each.
    public static let flapping = CheckMarks(rawValue: 4)
    /// A check that this one depends on fails: shown, without an event of its own.
    public static let suppressed = CheckMarks(rawValue: 8)
    /// The status was injected to try the alarms out.
    public static let test = CheckMarks(rawValue: 16)

    /// The marks as words, in a fixed order.
    public var names: [String] {
        var names: [String] = []
        if contains(.stuck) { names.append("stuck") }
        if contains(.stale) { names.append("stale") }
        if contains(.flapping) { names.append("flapping") }
        if contains(.suppressed) { names.append("suppressed") }
        if contains(.test) { names.append("test") }
        return names
    }
}
