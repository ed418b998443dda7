// SPDX-License-Identifier: Apache-2.0

/// How one run of a check ended: pass, warn or fail, and why.
public struct CheckResult: Sendable, Equatable {
    /// Pass, warn or fail; never unknown.
    public let status: CheckStatus
    /// Why, for the operator. Shown to authorised readers alone.
    public var message: String
    /// What was measured, if the check measures something.
    public var value: Double?
    /// The unit of `value`, such as `percent` or `bytes`.
    public var unit: String?
    /// More that an operator may want to see. Shown to authorised readers alone.
    public var details: [String: String]

    /// Whether it is no failure.
    public var isHealthy: Bool { status != .fail }

    private init(_ status: CheckStatus, _ message: String, value: Double?, unit: String?) {
        self.status = status
        self.message = message
        self.value = value
        self.unit = unit
        details = [:]
    }

    /// Within its targets.
    public static let pass = CheckResult(.pass, "", value: nil, unit: nil)

    /// Within its targets, with a word about it.
    public static func pass(_ message: String, value: Double? = nil, unit: String? = nil) -> CheckResult {
        CheckResult(.pass, message, value: value, unit: unit)
    }

    /// Degraded, and still of use.
    public static func warn(_ message: String, value: Double? = nil, unit: String? = nil) -> CheckResult {
        CheckResult(.warn, message, value: value, unit: unit)
    }

    /// Broken.
    public static func fail(_ message: String, value: Double? = nil, unit: String? = nil) -> CheckResult {
        CheckResult(.fail, message, value: value, unit: unit)
    }
}

/// An error to throw from a check when there is none at hand: its text becomes the check's message.
public struct CheckFailure: Error, Sendable, CustomStringConvertible {
    /// Why the check fails.
    public let description: String

    /// Makes the error.
    ///
    /// - Parameter message: why the check fails, for the operator.
    public init(_ message: String) { description = message }
}
