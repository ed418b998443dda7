// SPDX-License-Identifier: Apache-2.0

import Instrument
import Synchronization

/// Gives every line that is logged by `operation`, and by the tasks it starts, these fields.
///
/// ```swift
/// await withLogContext { $0["request_id"] = id } operation: {
///     await handle(request)          // every logger's lines carry request_id
/// }
/// ```
///
/// The fields are evaluated once, at once. They win over a logger's own context and give way to fields of the call;
/// inner contexts win over outer ones. Detached tasks and threads of your own start without context.
public func withLogContext<Result>(
    _ fields: (inout LogFields) -> Void, operation: () throws -> Result
) rethrows -> Result {
    try TaskContext.$current.withValue(TaskContext.make(fields), operation: operation)
}

/// Gives every line that is logged by `operation`, and by the tasks it starts, these fields.
public func withLogContext<Result>(
    _ fields: (inout LogFields) -> Void, isolation: isolated (any Actor)? = #isolation,
    operation: () async throws -> Result
) async rethrows -> Result {
    try await TaskContext.$current.withValue(TaskContext.make(fields), operation: operation)
}

/// The fields that a task carries.
///
/// They are written without any pipeline's rules, values of types that any pipeline hides behind marks; what each pipeline
/// makes of them (renamed and hidden keys, hidden types) is kept beside them, so that a line only copies bytes.
final class TaskContext: Sendable {
    @TaskLocal static var current: TaskContext?

    /// Whether any context was ever made: until then a line does not look for one. The word is never freed.
    ///
    /// Relaxed: a task sees the flag that was set before it was given its context, by the order within the task.
    nonisolated(unsafe) static let isUsed: UnsafeMutablePointer<Atomic<Bool>> = {
        let word = UnsafeMutablePointer<Atomic<Bool>>.allocate(capacity: 1)
        word.initialize(to: Atomic(false))
        return word
    }()

    private static let neutral = Lock(NeutralPipeline())
    private static let preparedMax = 8

    private let raw: ContextBytes
    private let prepared = Lock<[(pipeline: UInt64, context: ContextBytes)]>([])

    private init(_ raw: ContextBytes) { self.raw = raw }

    static func make(_ fields: (inout LogFields) -> Void) -> TaskContext {
        isUsed.pointee.store(true, ordering: .relaxed)
        let neutral = neutral.withLock { $0 }
        // It may be replaced, and its tables freed with it, while the fields are written.
        return withExtendedLifetime(neutral) { TaskContext(neutral.build(on: current?.raw, fields)) }
    }

    /// Marks values of these types in every context made from now on: a pipeline hides them.
    static func mark(_ types: [any Any.Type]) {
        neutral.withLock { neutral in
            let known = Set(neutral.markedTypes.map { ObjectIdentifier($0) })
            let new = types.filter { !known.contains(ObjectIdentifier($0)) }
            if !new.isEmpty { neutral = NeutralPipeline(markedTypes: neutral.markedTypes + new) }
        }
    }

    /// The context by the rules of the pipeline behind `shared`.
    func context(for shared: UnsafePointer<PipelineState>) -> ContextBytes {
        let serial = shared.pointee.serial
        if let known = prepared.withLock({ $0.first { $0.pipeline == serial }?.context }) { return known }
        let state = ThreadLineState.acquire(shared)
        state.pointee.replay(raw)
        let context = ContextBytes(state.pointee, from: 0)
        ThreadLineState.release(state)
        prepared.withLock {
            if $0.count >= Self.preparedMax { $0.removeFirst() }
            $0.append((serial, context))
        }
        return context
    }
}

/// Rules that rename and hide nothing, for fields that are written before their pipeline is known.
///
/// `@unchecked Sendable`: immutable, and never freed.
final class NeutralPipeline: @unchecked Sendable {
    let shared: UnsafeMutablePointer<PipelineState>

    /// The types whose values are marked, not hidden.
    let markedTypes: [any Any.Type]

    init(time: TimeSource = .system, markedTypes: [any Any.Type] = []) {
        self.markedTypes = markedTypes
        let configuration = LogPipeline.Configuration(
            outputs: [], redaction: LogRedaction(types: markedTypes), time: time)
        shared = .allocate(capacity: 1)
        shared.initialize(to: PipelineState(configuration, channels: [], marksTypes: true))
    }

    deinit {
        shared.deinitialize(count: 1)
        shared.deallocate()
    }

    /// Writes `fields` behind those of `base`, which they override.
    func build(on base: ContextBytes?, _ fields: (inout LogFields) -> Void) -> ContextBytes {
        let state = ThreadLineState.acquire(shared)
        defer { ThreadLineState.release(state) }
        if let base { state.pointee.append(Unmanaged.passUnretained(base)) }
        state.pointee.adoptContext()
        var writer = LogFields(state)
        fields(&writer)
        return ContextBytes(state.pointee, from: 0)
    }
}
