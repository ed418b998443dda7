// SPDX-License-Identifier: Apache-2.0

/// How serious a log line is; the names and their order are those of swift-log.
public enum LogLevel: UInt8, Sendable, CaseIterable, Comparable, CustomStringConvertible {
    /// Step by step detail, for one who follows the program's path.
    case trace
    /// What helps to find a fault.
    case debug
    /// The normal course of events.
    case info
    /// Normal, but worth a look.
    case notice
    /// Not an error yet.
    case warning
    /// Something failed.
    case error
    /// Something failed that needs a person at once.
    case critical

    /// Reads a level's name in any case: `"warning"`, `"ERROR"`.
    ///
    /// - Returns: nil for any other word.
    public init?(name: String) {
        let lowered = name.lowercased()
        guard let level = LogLevel.allCases.first(where: { $0.description == lowered }) else { return nil }
        self = level
    }

    /// The name in lower case.
    public var description: String {
        switch self {
        case .trace: "trace"
        case .debug: "debug"
        case .info: "info"
        case .notice: "notice"
        case .warning: "warning"
        case .error: "error"
        case .critical: "critical"
        }
    }

    /// The name in upper case, as Python's and most JSON layouts write it.
    var capitalName: StaticString {
        switch self {
        case .trace: "TRACE"
        case .debug: "DEBUG"
        case .info: "INFO"
        case .notice: "NOTICE"
        case .warning: "WARNING"
        case .error: "ERROR"
        case .critical: "CRITICAL"
        }
    }

    /// Whether `left` is less serious than `right`.
    @inlinable
    public static func < (left: LogLevel, right: LogLevel) -> Bool { left.rawValue < right.rawValue }
}
