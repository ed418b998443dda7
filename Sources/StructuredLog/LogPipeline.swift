// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument

/// Where the lines of many loggers go, and by which rules: outputs, levels and limits.
///
/// A process usually has one. It is made at set-up; it and its loggers are safe from any thread.
///
/// ```swift
/// let logs = try LogPipeline(outputs: [LogOutput(.standardOutput)], level: .debug)
/// let log = StructuredLogger("orders", pipeline: logs)
/// ```
public final class LogPipeline: Sendable {
    /// The lowest level of each label, changeable at any time.
    public let levels: LogLevels

    // Invariant: initialised once, immutable, and freed by deinit alone; loggers keep their pipeline alive.
    nonisolated(unsafe) let shared: UnsafeMutablePointer<PipelineState>
    private let channels: [LineChannel]

    /// JSON lines in the `seed` preset on standard output, from `info` up.
    public static let standard = LogPipeline(standardOutputWithLevel: .info)

    /// Makes a pipeline and opens its outputs.
    ///
    /// - Parameters:
    ///   - outputs: where each line goes.
    ///   - level: the lowest level of labels without a rule of their own.
    ///   - lineBytesMax: the longest line, without its newline; 512 or more. Longer lines lose their longest fields.
    ///   - nonFiniteAsNull: whether NaN and infinities are written as null, not as strings.
    ///   - time: where timestamps come from.
    /// - Throws: `LogError` when an output cannot be opened.
    public init(
        outputs: [LogOutput], level: LogLevel = .info, lineBytesMax: Int = 16_383, nonFiniteAsNull: Bool = false,
        time: TimeSource = .system
    ) throws(LogError) {
        var channels: [LineChannel] = []
        for output in outputs { channels.append(try output.open(time: time)) }
        self.channels = channels
        levels = LogLevels(default: level, time: time)
        shared = .allocate(capacity: 1)
        shared.initialize(
            to: PipelineState(
                outputs: outputs, channels: channels, lineBytesMax: lineBytesMax, nonFiniteAsNull: nonFiniteAsNull,
                time: time))
        LogExit.register(self)
    }

    private init(standardOutputWithLevel level: LogLevel) {
        let output = LogOutput(.standardOutput)
        // Without a thread to give, the system still lets lines be written one by one.
        channels = [(try? output.open(time: .system)) ?? output.openSynchronously(time: .system)]
        levels = LogLevels(default: level)
        shared = .allocate(capacity: 1)
        shared.initialize(
            to: PipelineState(
                outputs: [output], channels: channels, lineBytesMax: 16_383, nonFiniteAsNull: false, time: .system))
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
        let end = TimeSource.systemMonotonicNanoseconds() &+ UInt64(max(0, deadline.saturatedNanoseconds))
        return channels.reduce(true) { $1.flush(until: end) && $0 }
    }

    /// Writes what was accepted, then closes the outputs. Lines logged afterwards are dropped and counted.
    ///
    /// - Parameter deadline: the longest wait, from now; what is not written by then is dropped and counted.
    /// - Returns: false when lines were dropped at the deadline.
    @discardableResult
    public func shutdown(deadline: Duration = .seconds(1)) -> Bool {
        let end = TimeSource.systemMonotonicNanoseconds() &+ UInt64(max(0, deadline.saturatedNanoseconds))
        return channels.reduce(true) { $1.shutdown(until: end) && $0 }
    }

    /// What became of the lines, output by output, in the order given at set-up.
    public var statistics: [LogStatistics] { channels.map { $0.statistics } }
}

/// The part of a pipeline that the hot path reads, behind one pointer.
@usableFromInline
struct PipelineState: ~Copyable {
    /// One output as the hot path sees it. The channel is kept alive by the pipeline.
    struct Slot {
        let preset: LogPreset
        let level: LogLevel
        let channel: Unmanaged<LineChannel>

        /// Hands the finished line over.
        @inline(__always)
        func send(_ state: UnsafeMutablePointer<LineState>, _ level: LogLevel) {
            let bytes = UnsafeRawBufferPointer(start: state.pointee.line.base, count: state.pointee.line.count)
            channel._withUnsafeGuaranteedRef { $0.accept(bytes, level) }
        }
    }

    let slots: UnsafeMutablePointer<Slot>
    let slotCount: Int
    let reserved: KeyTable
    let lineBytesMax: Int
    let writesNonFiniteAsNull: Bool
    let time: TimeSource
    let lineStateKey: pthread_key_t

    init(
        outputs: [LogOutput], channels: [LineChannel], lineBytesMax: Int, nonFiniteAsNull: Bool, time: TimeSource
    ) {
        precondition(lineBytesMax >= 512, "LogPipeline: lineBytesMax is \(lineBytesMax); use 512 or more")
        slots = .allocate(capacity: max(outputs.count, 1))
        slotCount = outputs.count
        for (index, output) in outputs.enumerated() {
            let slot = Slot(
                preset: output.preset, level: output.level, channel: Unmanaged.passUnretained(channels[index]))
            (slots + index).initialize(to: slot)
        }
        reserved = KeyTable(outputs.flatMap(\.preset.reservedKeys))
        self.lineBytesMax = lineBytesMax
        writesNonFiniteAsNull = nonFiniteAsNull
        self.time = time
        lineStateKey = ThreadLineState.key
    }

    deinit {
        slots.deinitialize(count: slotCount)
        slots.deallocate()
    }
}
