// SPDX-License-Identifier: Apache-2.0

// One method per level. They are inlinable because of the level check: switched off, a line is one load and one compare
// in the caller, and neither message nor fields nor error are evaluated.

extension StructuredLogger {
    /// Logs a line of any level.
    ///
    /// - Parameters:
    ///   - level: how serious it is.
    ///   - message: what happened, in words that do not vary; what varies belongs in fields.
    ///   - error: the error that was caught, written with its type.
    ///   - fileID: where it was logged; filled in by the compiler, as are the next two.
    ///   - function: the function that logs.
    ///   - line: the line in the source.
    ///   - fields: sets the fields; only run when the level is on.
    @inlinable @inline(__always)
    public func log(
        _ level: LogLevel, _ message: @autoclosure () -> String, error: @autoclosure () -> (any Error)? = nil,
        fileID: StaticString = #fileID, function: StaticString = #function, line: UInt = #line,
        _ fields: (inout LogFields) -> Void = { _ in }
    ) {
        if threshold.allows(level) { core.emit(level, message, error(), fileID, function, line, fields) }
    }

    /// Logs step by step detail.
    @inlinable @inline(__always)
    public func trace(
        _ message: @autoclosure () -> String, error: @autoclosure () -> (any Error)? = nil,
        fileID: StaticString = #fileID, function: StaticString = #function, line: UInt = #line,
        _ fields: (inout LogFields) -> Void = { _ in }
    ) {
        if threshold.allows(.trace) { core.emit(.trace, message, error(), fileID, function, line, fields) }
    }

    /// Logs what helps to find a fault.
    @inlinable @inline(__always)
    public func debug(
        _ message: @autoclosure () -> String, error: @autoclosure () -> (any Error)? = nil,
        fileID: StaticString = #fileID, function: StaticString = #function, line: UInt = #line,
        _ fields: (inout LogFields) -> Void = { _ in }
    ) {
        if threshold.allows(.debug) { core.emit(.debug, message, error(), fileID, function, line, fields) }
    }

    /// Logs the normal course of events.
    @inlinable @inline(__always)
    public func info(
        _ message: @autoclosure () -> String, error: @autoclosure () -> (any Error)? = nil,
        fileID: StaticString = #fileID, function: StaticString = #function, line: UInt = #line,
        _ fields: (inout LogFields) -> Void = { _ in }
    ) {
        if threshold.allows(.info) { core.emit(.info, message, error(), fileID, function, line, fields) }
    }

    /// Logs what is normal but worth a look.
    @inlinable @inline(__always)
    public func notice(
        _ message: @autoclosure () -> String, error: @autoclosure () -> (any Error)? = nil,
        fileID: StaticString = #fileID, function: StaticString = #function, line: UInt = #line,
        _ fields: (inout LogFields) -> Void = { _ in }
    ) {
        if threshold.allows(.notice) { core.emit(.notice, message, error(), fileID, function, line, fields) }
    }

    /// Logs what is not an error yet.
    @inlinable @inline(__always)
    public func warning(
        _ message: @autoclosure () -> String, error: @autoclosure () -> (any Error)? = nil,
        fileID: StaticString = #fileID, function: StaticString = #function, line: UInt = #line,
        _ fields: (inout LogFields) -> Void = { _ in }
    ) {
        if threshold.allows(.warning) { core.emit(.warning, message, error(), fileID, function, line, fields) }
    }

    /// Logs that something failed.
    @inlinable @inline(__always)
    public func error(
        _ message: @autoclosure () -> String, error: @autoclosure () -> (any Error)? = nil,
        fileID: StaticString = #fileID, function: StaticString = #function, line: UInt = #line,
        _ fields: (inout LogFields) -> Void = { _ in }
    ) {
        if threshold.allows(.error) { core.emit(.error, message, error(), fileID, function, line, fields) }
    }

    /// Logs that something failed and needs a person at once.
    @inlinable @inline(__always)
    public func critical(
        _ message: @autoclosure () -> String, error: @autoclosure () -> (any Error)? = nil,
        fileID: StaticString = #fileID, function: StaticString = #function, line: UInt = #line,
        _ fields: (inout LogFields) -> Void = { _ in }
    ) {
        if threshold.allows(.critical) { core.emit(.critical, message, error(), fileID, function, line, fields) }
    }
}
