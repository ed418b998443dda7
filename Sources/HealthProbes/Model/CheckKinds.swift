// SPDX-License-Identifier: Apache-2.0

/// Which questions a check helps to answer; one check may serve several.
public struct CheckKinds: OptionSet, Sendable, Hashable {
    /// One bit for each member.
    public let rawValue: UInt8

    /// Makes a set from its bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// "Must this process be restarted?" Only for what a restart cures: never for a dependency.
    public static let liveness = CheckKinds(rawValue: 1)
    /// "May traffic be sent here?"
    public static let readiness = CheckKinds(rawValue: 2)
    /// "Has it come up?" Asked until it passed once, and then never again.
    public static let startup = CheckKinds(rawValue: 4)
    /// Shown in the overall view alone; no probe depends on it.
    public static let info = CheckKinds(rawValue: 8)

    /// The kinds as words, in a fixed order.
    public var names: [String] {
        var names: [String] = []
        if contains(.liveness) { names.append("liveness") }
        if contains(.readiness) { names.append("readiness") }
        if contains(.startup) { names.append("startup") }
        if contains(.info) { names.append("info") }
        return names
    }
}

/// The questions that a snapshot answers.
public enum ProbeKind: String, Sendable, Hashable, CaseIterable {
    /// Must this process be restarted?
    case liveness
    /// May traffic be sent here?
    case readiness
    /// Has it come up?
    case startup
    /// The worst of everything.
    case overall

    /// The checks that take part in the answer.
    package var kinds: CheckKinds {
        switch self {
        case .liveness: .liveness
        case .readiness: .readiness
        case .startup: .startup
        case .overall: [.liveness, .readiness, .startup, .info]
        }
    }
}
