// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument
import Synchronization

/// What a logger refers to: its pipeline, the heads of its label, and the context of its lineage.
///
/// `@unchecked Sendable`: immutable once made.
@usableFromInline
final class LoggerCore: @unchecked Sendable {
    let pipeline: LogPipeline
    let label: LoggerLabel
    let context: ContextBytes?

    // Invariant: all three belong to objects that this one keeps alive; reading them through plain pointers keeps
    // reference counts out of the hot path.
    private let shared: UnsafePointer<PipelineState>
    private let heads: UnsafePointer<LineHead>
    private let contextReference: Unmanaged<ContextBytes>?

    init(pipeline: LogPipeline, label: LoggerLabel, context: ContextBytes?) {
        self.pipeline = pipeline
        self.label = label
        self.context = context
        shared = UnsafePointer(pipeline.shared)
        heads = UnsafePointer(label.heads)
        contextReference = context.map { Unmanaged.passUnretained($0) }
    }

    /// Builds a line and hands it to every output that wants it.
    @usableFromInline
    @inline(never)
    final func emit(
        _ level: LogLevel, _ message: () -> String, _ error: (any Error)?, _ fileID: StaticString,
        _ function: StaticString, _ line: UInt, _ fields: (inout LogFields) -> Void
    ) {
        let source = LogSource(fileID: fileID, function: function, line: line)
        if shared.pointee.suppression != nil, !isAdmitted(level, source) { return }
        build(level, message(), error, source, fields)
    }

    /// The same for a line that does not tell where it was logged.
    @inline(never)
    final func emit(
        _ level: LogLevel, _ text: String, unwritten source: LogSource, _ fields: (inout LogFields) -> Void
    ) {
        if shared.pointee.suppression != nil, !isAdmitted(level, source) { return }
        build(level, text, nil, source, fields)
    }

    @inline(__always)
    private final func build(
        _ level: LogLevel, _ text: String, _ error: (any Error)?, _ source: LogSource,
        _ fields: (inout LogFields) -> Void
    ) {
        let shared = shared
        let trace = shared.pointee.trace?()
        // Relaxed: see `TaskContext.isUsed`.
        let task = shared.pointee.usesTaskContext.pointee.load(ordering: .relaxed) ? taskContext() : nil
        if let counters = shared.pointee.levelCounters { counters[Int(level.rawValue)].increment() }
        let state = ThreadLineState.acquire(shared)
        let now = shared.pointee.time.unixNanoseconds()
        if shared.pointee.isDirect {
            let slot = shared.pointee.slots
            state.pointee.writeHead(slot.pointee.layout, heads[0], level, now, text, trace, source)
            if let error { state.pointee.writeError(slot.pointee.layout, error, backtrace: backtrace(level)) }
            appendContexts(state, task)
            var writer = LogFields(state)
            fields(&writer)
            state.pointee.finish(slot.pointee.layout)
            slot.pointee.send(state, level)
        } else {
            appendContexts(state, task)
            var writer = LogFields(state)
            fields(&writer)
            sendToAll(state, level, now, text, error, trace, source)
        }
        if state.pointee.renamedKeys > 0 { countRenamed(state) }
        ThreadLineState.release(state)
    }

    @inline(__always)
    private final func appendContexts(_ state: UnsafeMutablePointer<LineState>, _ task: ContextBytes?) {
        if let contextReference { state.pointee.append(contextReference) }
        if let task { state.pointee.appendOver(task) }
    }

    /// Writes the fields that stand in the line behind the head of each output.
    @inline(never)
    private final func sendToAll(
        _ state: UnsafeMutablePointer<LineState>, _ level: LogLevel, _ now: Int64, _ text: String,
        _ error: (any Error)?, _ trace: LogTrace?, _ source: LogSource
    ) {
        let stack = error == nil ? nil : backtrace(level)
        state.pointee.setFieldsAside()
        for index in 0..<shared.pointee.slotCount where shared.pointee.slots[index].level <= level {
            let slot = shared.pointee.slots + index
            let layout = slot.pointee.layout
            state.pointee.writeHead(layout, heads[index], level, now, text, trace, source)
            if let error { state.pointee.writeError(layout, error, backtrace: stack) }
            state.pointee.appendFieldsSetAside(layout)
            state.pointee.finish(layout)
            slot.pointee.send(state, level)
            state.pointee.restart()
        }
    }

    @inline(never)
    private final func taskContext() -> ContextBytes? { TaskContext.current?.context(for: shared) }

    private final func backtrace(_ level: LogLevel) -> String? {
        guard let lowest = shared.pointee.backtraceLevel, level >= lowest else { return nil }
        return Thread.callStackSymbols.dropFirst(2).joined(separator: "\n")
    }

    @inline(never)
    private final func countRenamed(_ state: UnsafeMutablePointer<LineState>) {
        shared.pointee.renamedKeys.add(UInt64(state.pointee.renamedKeys), ordering: .relaxed)
    }

    // MARK: Suppression

    @inline(never)
    private final func isAdmitted(_ level: LogLevel, _ source: LogSource) -> Bool {
        guard let suppression = shared.pointee.suppression else { return true }
        let verdict = suppression._withUnsafeGuaranteedRef { $0.admits(level, source) }
        if verdict.wantsTimer { pipeline.startSummaries() }
        if !verdict.summary.isEmpty { emitSummary(verdict.summary) }
        return verdict.passes
    }

    /// Tells what was left out, one line for each place; they pass themselves without being counted.
    func emitSummary(_ summary: [Suppressed]) {
        for suppressed in summary {
            build(.notice, "lines were suppressed", nil, suppressed.source) {
                $0["event"] = "log.suppressed"
                $0["count"] = suppressed.sampled + suppressed.limited
                $0["sampled"] = suppressed.sampled
                $0["rate_limited"] = suppressed.limited
            }
        }
    }

    // MARK: Children

    /// Makes a core whose context is this one's, then the fields of `fields`, which win.
    func makeChild(_ fields: (inout LogFields) -> Void) -> LoggerCore {
        let state = ThreadLineState.acquire(shared)
        defer { ThreadLineState.release(state) }
        if let contextReference { state.pointee.append(contextReference) }
        state.pointee.adoptContext()
        var writer = LogFields(state)
        fields(&writer)
        if state.pointee.renamedKeys > 0 { countRenamed(state) }
        return LoggerCore(pipeline: pipeline, label: label, context: ContextBytes(state.pointee, from: 0))
    }
}

/// A label with the line heads of its pipeline's outputs; children share it.
///
/// `@unchecked Sendable`: immutable once made.
final class LoggerLabel: @unchecked Sendable {
    /// Longest label in bytes; a longer one is cut.
    static let bytesMax = 256

    let name: String
    let heads: UnsafeMutablePointer<LineHead>
    private let count: Int

    init(_ name: String, pipeline: LogPipeline) {
        let isLong = name.utf8.count > Self.bytesMax
        self.name = isLong ? String(decoding: name.utf8.prefix(Self.bytesMax), as: UTF8.self) : name
        let shared = pipeline.shared
        count = shared.pointee.slotCount
        heads = .allocate(capacity: max(count, 1))
        for index in 0..<count {
            (heads + index).initialize(to: LineHead(shared.pointee.presets[index], label: self.name))
        }
    }

    deinit {
        heads.deinitialize(count: count)
        heads.deallocate()
    }
}
