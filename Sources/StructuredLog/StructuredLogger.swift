// SPDX-License-Identifier: Apache-2.0

import Instrument

/// Logs lines of JSON: a message, and typed fields with unique keys.
///
/// ```swift
/// let log = StructuredLogger("orders")
/// log.info("order placed") { $0["order_id"] = id; $0["total"] = 12.5 }
/// // {"timestamp":"2026-01-31T23:59:59.123Z","level":"INFO","logger":"orders","message":"order placed",
/// //  "module":"Shop","function":"place(_:)","line":17,"order_id":4711,"total":12.5}
/// ```
///
/// A logger is a small value: copy it freely, keep it in a `let`. Message and fields are only evaluated when the level is
/// on; a line that is off costs about a nanosecond and allocates nothing. Do not log from within a field closure if you
/// can help it: it works, but allocates.
public struct StructuredLogger: Sendable {
    /// The label's threshold; never freed, so that reading it retains nothing.
    @usableFromInline let threshold: LevelCell
    @usableFromInline let core: LoggerCore

    /// Makes a logger.
    ///
    /// - Parameters:
    ///   - label: names the part of the program; dots make families of labels for `levels`. Cut after 256 bytes.
    ///   - pipeline: where its lines go; by default JSON on standard output, shared by the whole process.
    public init(_ label: String, pipeline: LogPipeline = .standard) {
        let shared = LoggerLabel(label, pipeline: pipeline)
        threshold = pipeline.levels.cell(for: shared.name)
        core = LoggerCore(pipeline: pipeline, label: shared, context: nil)
    }

    /// Makes a logger with a pipeline of its own.
    ///
    /// - Parameters:
    ///   - label: names the part of the program.
    ///   - output: where its lines go.
    ///   - level: the lowest level that is logged.
    /// - Throws: `LogError` when the output cannot be opened.
    public init(_ label: String, output: LogOutput, level: LogLevel = .info) throws(LogError) {
        self.init(label, pipeline: try LogPipeline(outputs: [output], level: level))
    }

    private init(threshold: LevelCell, core: LoggerCore) {
        self.threshold = threshold
        self.core = core
    }

    /// The name given at set-up.
    public var label: String { core.label.name }

    /// The lowest level of each label of this logger's pipeline; changes are seen by the next line.
    public var levels: LogLevels { core.pipeline.levels }

    /// The pipeline that this logger writes to.
    public var pipeline: LogPipeline { core.pipeline }

    /// Whether a line of `level` would be logged now.
    @inlinable @inline(__always)
    public func isEnabled(_ level: LogLevel) -> Bool { threshold.allows(level) }

    /// Makes a logger whose lines all carry `fields`, written once. Its own fields win over this logger's context.
    ///
    /// ```swift
    /// let requestLog = log.child { $0["request_id"] = id }
    /// ```
    public func child(_ fields: (inout LogFields) -> Void) -> StructuredLogger {
        StructuredLogger(threshold: threshold, core: core.makeChild(fields))
    }

    /// Logs a line of the package itself: without module, function and line, which would name the package's source.
    ///
    /// - Parameters:
    ///   - level: how serious it is.
    ///   - message: what happened, in words that do not vary.
    ///   - fileID: tells places apart for sampling, as `line` does; filled in by the compiler.
    ///   - line: the line in the source.
    ///   - fields: sets the fields; only run when the level is on.
    package func logWithoutSource(
        _ level: LogLevel, _ message: @autoclosure () -> String, fileID: StaticString = #fileID, line: UInt = #line,
        _ fields: (inout LogFields) -> Void
    ) {
        guard threshold.allows(level) else { return }
        let source = LogSource(fileID: fileID, function: "", line: line, isWritten: false)
        core.emit(level, message(), unwritten: source, fields)
    }

    /// Waits until every line accepted so far is written or dropped.
    ///
    /// - Parameter deadline: the longest wait, from now.
    /// - Returns: false when the deadline passed first.
    @discardableResult
    public func flush(deadline: Duration = .seconds(1)) -> Bool { core.pipeline.flush(deadline: deadline) }
}
