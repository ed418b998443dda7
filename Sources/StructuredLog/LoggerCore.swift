// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument

/// What a logger refers to: its pipeline, the heads of its label, and the context of its lineage.
///
/// `@unchecked Sendable`: immutable once made.
@usableFromInline
final class LoggerCore: @unchecked Sendable {
    let pipeline: LogPipeline
    let label: LoggerLabel
    let context: ContextBytes?

    // Invariant: both belong to `pipeline` and `label`, which this object keeps alive; reading them through plain
    // pointers keeps reference counts out of the hot path.
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
        let text = message()
        let state = ThreadLineState.acquire(shared)
        let source = LogSource(fileID: fileID, function: function, line: line)
        let now = shared.pointee.time.unixNanoseconds()
        let shared = shared
        if shared.pointee.slotCount == 1 {
            let slot = shared.pointee.slots
            state.pointee.writeHead(slot.pointee.preset, heads[0], level, now, text, source)
            if let error { state.pointee.writeError(slot.pointee.preset, error) }
            if let contextReference { state.pointee.append(contextReference) }
            var writer = LogFields(state)
            fields(&writer)
            state.pointee.finish(slot.pointee.preset)
            slot.pointee.send(state, level)
        } else {
            if let contextReference { state.pointee.append(contextReference) }
            var writer = LogFields(state)
            fields(&writer)
            state.pointee.setFieldsAside()
            for index in 0..<shared.pointee.slotCount where shared.pointee.slots[index].level <= level {
                let slot = shared.pointee.slots + index
                state.pointee.writeHead(slot.pointee.preset, heads[index], level, now, text, source)
                if let error { state.pointee.writeError(slot.pointee.preset, error) }
                state.pointee.appendFieldsSetAside()
                state.pointee.finish(slot.pointee.preset)
                slot.pointee.send(state, level)
                state.pointee.restart()
            }
        }
        ThreadLineState.release(state)
    }

    /// Makes the context of a child: this one's fields, then those of `fields`, which win.
    func makeChild(_ fields: (inout LogFields) -> Void) -> LoggerCore {
        let state = ThreadLineState.acquire(shared)
        defer { ThreadLineState.release(state) }
        if let contextReference { state.pointee.append(contextReference) }
        state.pointee.adoptContext()
        var writer = LogFields(state)
        fields(&writer)
        state.pointee.renamedKeys += context?.renamedKeys ?? 0
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
        self.name =
            name.utf8.count <= Self.bytesMax ? name : String(decoding: name.utf8.prefix(Self.bytesMax), as: UTF8.self)
        let shared = pipeline.shared
        count = shared.pointee.slotCount
        heads = .allocate(capacity: max(count, 1))
        for index in 0..<count {
            (heads + index).initialize(to: LineHead(shared.pointee.slots[index].preset, label: self.name))
        }
    }

    deinit {
        heads.deinitialize(count: count)
        heads.deallocate()
    }
}
