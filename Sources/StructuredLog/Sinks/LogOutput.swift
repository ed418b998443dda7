// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument

/// Where lines end up.
public struct LogSink: Sendable {
    enum Kind: Sendable {
        case descriptor(Int32)
        case capture(LogCapture)
        case custom(@Sendable (UnsafeRawBufferPointer) -> Void)
        case file(path: String, rotation: LogRotation?)
    }

    let kind: Kind

    /// The process's standard output.
    public static let standardOutput = LogSink(kind: .descriptor(STDOUT_FILENO))
    /// The process's standard error.
    public static let standardError = LogSink(kind: .descriptor(STDERR_FILENO))

    /// A descriptor that stays open as long as the pipeline: a pipe, a socket, a file opened for appending. It is neither
    /// closed nor are its flags changed.
    public static func descriptor(_ number: Int32) -> LogSink { LogSink(kind: .descriptor(number)) }

    /// A file that is appended to, created with mode 0644 if need be.
    ///
    /// When another program moves, deletes or empties it, as logrotate does, it is opened anew within a second, or at once
    /// with ``LogPipeline/reopenOnHangup()``; no line is lost or torn by that.
    ///
    /// - Parameters:
    ///   - path: the file's path; its folder exists and is writable.
    ///   - rotation: when the process itself sets the file aside; nil leaves that to others.
    public static func file(_ path: String, rotation: LogRotation? = nil) -> LogSink {
        LogSink(kind: .file(path: path, rotation: rotation))
    }

    /// Memory, for tests.
    public static func capture(_ capture: LogCapture) -> LogSink { LogSink(kind: .capture(capture)) }

    /// A function that is given one or more whole lines, newlines included, from one thread at a time. It must not wait
    /// on a logger of the same pipeline.
    public static func custom(_ body: @escaping @Sendable (UnsafeRawBufferPointer) -> Void) -> LogSink {
        LogSink(kind: .custom(body))
    }
}

/// When lines are written, and what happens to those for which there is no room.
public struct LogDelivery: Sendable, Hashable {
    /// What a full queue does with one more line.
    public enum Policy: Sendable, Hashable {
        /// The caller waits for room: nothing is lost, but a stuck reader stops the service.
        case block
        /// The caller waits for room this long, then the line is dropped.
        case blockUpTo(Duration)
        /// The line is dropped.
        case dropNewest
        /// The last fifth of the queue is kept for lines of this level and above; a line without room is dropped.
        case dropBelow(LogLevel)
    }

    enum Kind: Sendable, Hashable {
        case automatic
        case synchronous
        case asynchronous(policy: Policy, queueBytes: Int)
    }

    let kind: Kind

    /// Synchronous for a terminal and a capture, else asynchronous with `dropBelow(.warning)` and a queue of 8 MiB.
    public static let automatic = LogDelivery(kind: .automatic)

    /// Each line is written before the call returns; a slow reader slows the caller down.
    public static let synchronous = LogDelivery(kind: .synchronous)

    /// Lines are queued; a thread of the output's own writes them in batches of at most 64 KB or 10 ms. Lines of level
    /// `error` and above are written without that delay.
    ///
    /// - Parameters:
    ///   - policy: what a full queue does with one more line.
    ///   - queueBytes: how much may wait; 128 KiB or more.
    public static func asynchronous(_ policy: Policy = .dropBelow(.warning), queueBytes: Int = 8_388_608) -> LogDelivery
    {
        precondition(queueBytes >= 131_072, "LogDelivery: queueBytes is \(queueBytes); use 131072 or more")
        return LogDelivery(kind: .asynchronous(policy: policy, queueBytes: queueBytes))
    }
}

/// One place that a pipeline's lines go to, with its own layout, level and delivery.
public struct LogOutput: Sendable {
    /// Where lines end up.
    public var sink: LogSink
    /// The layout of a line.
    public var preset: LogPreset
    /// The lowest level that this output takes; labels' levels apply before.
    public var level: LogLevel
    /// When lines are written.
    public var delivery: LogDelivery

    /// Describes an output; it is opened by the pipeline.
    public init(
        _ sink: LogSink, preset: LogPreset = .seed, level: LogLevel = .trace, delivery: LogDelivery = .automatic
    ) {
        self.sink = sink
        self.preset = preset
        self.level = level
        self.delivery = delivery
    }

    /// Opens the sink and starts its writer.
    func open(time: TimeSource) throws(LogError) -> LineChannel {
        let report = DropReport(preset: resolvedPreset, time: time)
        switch delivery.kind {
        case .synchronous: return SynchronousChannel(try makeTarget(time), report: report)
        case .asynchronous(let policy, let queueBytes):
            return try AsynchronousChannel(
                makeTarget(time), report: report, policy: policy, queueBytes: queueBytes)
        case .automatic:
            if isInteractive { return SynchronousChannel(try makeTarget(time), report: report) }
            return try AsynchronousChannel(
                makeTarget(time), report: report, policy: .dropBelow(.warning), queueBytes: 8_388_608)
        }
    }

    /// Standard output without a writer.
    func openWithoutFile(time: TimeSource) -> LineChannel {
        SynchronousChannel(
            DescriptorTarget(STDOUT_FILENO), report: DropReport(preset: resolvedPreset, time: time))
    }

    /// The layout, with its colours settled.
    var resolvedPreset: LogPreset {
        guard preset.layout == .console, preset.isColoured == nil else { return preset }
        guard case .descriptor(let number) = sink.kind else { return .console(colours: false) }
        return .console(colours: isatty(number) == 1)
    }

    private var isInteractive: Bool {
        switch sink.kind {
        case .descriptor(let number): isatty(number) == 1
        case .capture: true
        case .custom, .file: false
        }
    }

    private func makeTarget(_ time: TimeSource) throws(LogError) -> ByteTarget {
        switch sink.kind {
        case .descriptor(let number): DescriptorTarget(number)
        case .capture(let capture): CaptureTarget(capture)
        case .custom(let body): CustomTarget(body)
        case .file(let path, let rotation): try FileTarget(path, rotation: rotation, time: time)
        }
    }
}
