// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument
import Synchronization

/// The part of a pipeline that the hot path reads, behind one pointer.
@usableFromInline
struct PipelineState: ~Copyable {
    /// One output as the hot path sees it. The channel is kept alive by the pipeline.
    struct Slot {
        let layout: LogPreset.Layout
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
    /// The presets of the slots, for making heads.
    let presets: [LogPreset]
    let slotCount: Int
    /// Whether lines can be built in place, without setting their fields aside: one output, in JSON.
    let isDirect: Bool
    let reserved: KeyTable
    let redaction: RedactionTable
    let lineBytesMax: Int
    let writesNonFiniteAsNull: Bool
    let backtraceLevel: LogLevel?
    let time: TimeSource
    let trace: (@Sendable () -> LogTrace?)?
    let suppression: Unmanaged<LogSuppression>?
    let lineStateKey: pthread_key_t
    let usesTaskContext: UnsafeMutablePointer<Atomic<Bool>>
    /// Tells pipelines apart, also those that follow each other at one address.
    let serial: UInt64
    /// Relaxed: a count that guards nothing.
    let renamedKeys = Atomic<UInt64>(0)
    /// By level; set once at set-up, before any logger exists, and never freed.
    private(set) var levelCounters: UnsafeMutablePointer<Counter>?

    private static let serials = Atomic<UInt64>(0)

    init(
        _ configuration: LogPipeline.Configuration, channels: [LineChannel], suppression: LogSuppression? = nil,
        marksTypes: Bool = false
    ) {
        let outputs = configuration.outputs
        slots = .allocate(capacity: max(outputs.count, 1))
        slotCount = outputs.count
        presets = outputs.map(\.resolvedPreset)
        for (index, output) in outputs.enumerated() {
            let slot = Slot(
                layout: output.preset.layout, level: output.level, channel: Unmanaged.passUnretained(channels[index]))
            (slots + index).initialize(to: slot)
        }
        isDirect = outputs.count == 1 && outputs[0].preset.layout.isJSON && outputs[0].level == .trace
        let hasTrace = configuration.trace != nil
        let reservedKeys = outputs.flatMap { $0.preset.reservedKeys(hasTrace: hasTrace) }
        reserved = KeyTable(reservedKeys)
        redaction = RedactionTable(configuration.redaction, reserved: reservedKeys, marksTypes: marksTypes)
        lineBytesMax = configuration.lineBytesMax
        writesNonFiniteAsNull = configuration.nonFiniteAsNull
        backtraceLevel = configuration.backtraceLevel
        time = configuration.time
        trace = configuration.trace
        self.suppression = suppression.map { Unmanaged.passUnretained($0) }
        lineStateKey = ThreadLineState.key
        usesTaskContext = TaskContext.isUsed
        serial = Self.serials.add(1, ordering: .relaxed).newValue
    }

    deinit {
        slots.deinitialize(count: slotCount)
        slots.deallocate()
        levelCounters?.deallocate()
    }

    mutating func setLevelCounters(_ counters: [Counter]) {
        let cells = UnsafeMutablePointer<Counter>.allocate(capacity: counters.count)
        cells.initialize(from: counters, count: counters.count)
        levelCounters = cells
    }
}
