// SPDX-License-Identifier: Apache-2.0

// The convenience form: `log.info("handled", ["status": 200])`. The literal is only made when the level is on.

extension StructuredLogger {
    /// Logs step by step detail, with fields as a dictionary.
    @inlinable @inline(__always)
    public func trace(
        _ message: @autoclosure () -> String, error: @autoclosure () -> (any Error)? = nil,
        fileID: StaticString = #fileID, function: StaticString = #function, line: UInt = #line,
        _ fields: @autoclosure () -> LogDictionary
    ) {
        if threshold.allows(.trace) {
            core.emit(.trace, message, error(), fileID, function, line) { $0.set(fields()) }
        }
    }

    /// Logs what helps to find a fault, with fields as a dictionary.
    @inlinable @inline(__always)
    public func debug(
        _ message: @autoclosure () -> String, error: @autoclosure () -> (any Error)? = nil,
        fileID: StaticString = #fileID, function: StaticString = #function, line: UInt = #line,
        _ fields: @autoclosure () -> LogDictionary
    ) {
        if threshold.allows(.debug) {
            core.emit(.debug, message, error(), fileID, function, line) { $0.set(fields()) }
        }
    }

    /// Logs the normal course of events, with fields as a dictionary.
    @inlinable @inline(__always)
    public func info(
        _ message: @autoclosure () -> String, error: @autoclosure () -> (any Error)? = nil,
        fileID: StaticString = #fileID, function: StaticString = #function, line: UInt = #line,
        _ fields: @autoclosure () -> LogDictionary
    ) {
        if threshold.allows(.info) {
            core.emit(.info, message, error(), fileID, function, line) { $0.set(fields()) }
        }
    }

    /// Logs what is normal but worth a look, with fields as a dictionary.
    @inlinable @inline(__always)
    public func notice(
        _ message: @autoclosure () -> String, error: @autoclosure () -> (any Error)? = nil,
        fileID: StaticString = #fileID, function: StaticString = #function, line: UInt = #line,
        _ fields: @autoclosure () -> LogDictionary
    ) {
        if threshold.allows(.notice) {
            core.emit(.notice, message, error(), fileID, function, line) { $0.set(fields()) }
        }
    }

    /// Logs what is not an error yet, with fields as a dictionary.
    @inlinable @inline(__always)
    public func warning(
        _ message: @autoclosure () -> String, error: @autoclosure () -> (any Error)? = nil,
        fileID: StaticString = #fileID, function: StaticString = #function, line: UInt = #line,
        _ fields: @autoclosure () -> LogDictionary
    ) {
        if threshold.allows(.warning) {
            core.emit(.warning, message, error(), fileID, function, line) { $0.set(fields()) }
        }
    }

    /// Logs that something failed, with fields as a dictionary.
    @inlinable @inline(__always)
    public func error(
        _ message: @autoclosure () -> String, error: @autoclosure () -> (any Error)? = nil,
        fileID: StaticString = #fileID, function: StaticString = #function, line: UInt = #line,
        _ fields: @autoclosure () -> LogDictionary
    ) {
        if threshold.allows(.error) {
            core.emit(.error, message, error(), fileID, function, line) { $0.set(fields()) }
        }
    }

    /// Logs that something failed and needs a person at once, with fields as a dictionary.
    @inlinable @inline(__always)
    public func critical(
        _ message: @autoclosure () -> String, error: @autoclosure () -> (any Error)? = nil,
        fileID: StaticString = #fileID, function: StaticString = #function, line: UInt = #line,
        _ fields: @autoclosure () -> LogDictionary
    ) {
        if threshold.allows(.critical) {
            core.emit(.critical, message, error(), fileID, function, line) { $0.set(fields()) }
        }
    }
}
