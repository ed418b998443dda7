// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument
import Synchronization

/// Where the lines of many loggers go, and by which rules: outputs, levels, redaction, sampling, limits.
///
/// A process usually has one. It is made at set-up; it and its loggers are safe from any thread.
///
/// ```swift
/// let logs = try LogPipeline(
///     LogPipeline.Configuration(
///         outputs: [
///             LogOutput(.standardOutput),
///             LogOutput(.file("/var/log/app/errors.log"), level: .error),
///         ],
///         redaction: LogRedaction(keys: ["password"]),
///         metrics: metrics))
/// let log = StructuredLogger("orders", pipeline: logs)
/// ```
public final class LogPipeline: Sendable {
    /// The lowest level of each label, changeable at any time.
    public let levels: LogLevels

    // Invariant: initialised once, immutable but for its atomics, and freed by deinit alone; loggers keep their pipeline
    // alive.
    nonisolated(unsafe) let shared: UnsafeMutablePointer<PipelineState>
    private let channels: [LineChannel]
    private let suppression: LogSuppression?

    /// JSON lines in the `seed` preset on standard output, from `info` up.
    public static let standard = LogPipeline()

    /// Makes a pipeline, opens its outputs and starts their writers.
    ///
    /// - Throws: ``LogError`` when an output cannot be opened, the system has no thread for a writer, or the registry
    ///   holds the log's metrics already (a registry serves one pipeline).
    public convenience init(_ configuration: Configuration) throws(LogError) {
        var channels: [LineChannel] = []
        for output in configuration.outputs { channels.append(try output.open(time: configuration.time)) }
        self.init(configuration, channels)
        if let metrics = configuration.metrics { try registerMetrics(in: metrics) }
    }

    /// Makes a pipeline of outputs, with defaults for everything else.
    ///
    /// - Parameters:
    ///   - outputs: where each line goes.
    ///   - level: the lowest level of labels without a rule of their own.
    ///   - time: where timestamps come from.
    /// - Throws: ``LogError`` when an output cannot be opened.
    public convenience init(
        outputs: [LogOutput], level: LogLevel = .info, time: TimeSource = .system
    ) throws(LogError) {
        try self.init(Configuration(outputs: outputs, level: level, time: time))
    }

    /// The standard pipeline. Without a thread to give, the system still lets its lines be written one by one.
    private convenience init() {
        let output = LogOutput(.standardOutput)
        let channel = (try? output.open(time: .system)) ?? output.openWithoutFile(time: .system)
        self.init(Configuration(outputs: [output]), [channel])
    }

    private init(_ configuration: Configuration, _ channels: [LineChannel]) {
        self.channels = channels
        levels = LogLevels(default: configuration.level, time: configuration.time)
        let limits = configuration.sampling != nil || configuration.rateLimit != nil
        suppression =
            limits
            ? LogSuppression(
                sampling: configuration.sampling, rateLimit: configuration.rateLimit, time: configuration.time) : nil
        shared = .allocate(capacity: 1)
        shared.initialize(to: PipelineState(configuration, channels: channels, suppression: suppression))
        if !configuration.redaction.types.isEmpty { TaskContext.mark(configuration.redaction.types) }
        LogExit.register(self)
    }

    deinit {
        let deadline = TimeSource.systemMonotonicNanoseconds() + 1_000_000_000
        for channel in channels { channel.shutdown(until: deadline) }
        shared.deinitialize(count: 1)
        shared.deallocate()
    }

    /// Waits until every line accepted so far is written or dropped.
    ///
    /// - Parameter deadline: the longest wait, from now.
    /// - Returns: false when the deadline passed first.
    @discardableResult
    public func flush(deadline: Duration = .seconds(1)) -> Bool {
        summarize()
        let end = TimeSource.systemMonotonicNanoseconds() &+ UInt64(max(0, deadline.saturatedNanoseconds))
        return channels.reduce(true) { $1.flush(until: end) && $0 }
    }

    /// Writes what was accepted, then closes the outputs. Lines logged afterwards are dropped and counted.
    ///
    /// - Parameter deadline: the longest wait, from now; what is not written by then is dropped and counted.
    /// - Returns: false when lines were dropped at the deadline.
    @discardableResult
    public func shutdown(deadline: Duration = .seconds(1)) -> Bool {
        summarize()
        let end = TimeSource.systemMonotonicNanoseconds() &+ UInt64(max(0, deadline.saturatedNanoseconds))
        return channels.reduce(true) { $1.shutdown(until: end) && $0 }
    }

    /// Opens every log file anew that is no longer at its path, as after a rotation by another program.
    public func reopen() { for channel in channels { channel.reopen() } }

    /// Calls ``reopen()`` on every pipeline of the process at each SIGHUP, then the handler that was installed before.
    /// Without it SIGHUP is left alone, and moved files are noticed within a second of writing.
    ///
    /// - Throws: ``LogError`` when the handler or its thread cannot be set up. A second call does nothing.
    public static func reopenOnHangup() throws(LogError) { try LogHangup.install() }

    /// What became of the lines, output by output, in the order given at set-up.
    public var statistics: [LogStatistics] { channels.map { $0.statistics } }

    /// Fields whose key clashed with one of the preset's own and was written with `_` appended.
    public var renamedKeys: UInt64 { shared.pointee.renamedKeys.load(ordering: .relaxed) }

    /// Lines left out by sampling and rate limit.
    public var suppressedLines: UInt64 { suppression?.total ?? 0 }

    /// Writes what sampling and rate limit left out since the last summary.
    func summarize() {
        guard let suppression else { return }
        LoggerCore(pipeline: self, label: LoggerLabel("log", pipeline: self), context: nil)
            .emitSummary(suppression.takeSummary())
    }

    /// Sees to it that summaries are written in time when no further line comes; ends when there is nothing to tell.
    func startSummaries() {
        guard let suppression else { return }
        let interval = suppression.summaryNanoseconds
        do {
            try PlainThread(name: "log-summaries") { [weak self] in
                repeat {
                    Platform.sleep(nanoseconds: interval)
                    self?.summarize()
                } while !suppression.timerMayEnd() && self != nil
            }.detach()
        } catch {
            suppression.timerFailed()
        }
    }
}
