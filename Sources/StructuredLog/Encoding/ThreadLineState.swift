// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument

/// Each thread's line state, made at its first line and freed when it ends.
enum ThreadLineState {
    /// The process-wide key; pipelines copy it, so that the hot path does not ask whether it was made.
    static let key: pthread_key_t = {
        var key = pthread_key_t()
        let code = pthread_key_create(&key) { free($0) }
        precondition(code == 0, "StructuredLog: the process has no thread-specific key left (errno \(code))")
        return key
    }()

    /// The calling thread's state, emptied for a line; nil-free. `release` gives it back.
    @inline(__always)
    static func acquire(_ shared: UnsafePointer<PipelineState>) -> UnsafeMutablePointer<LineState> {
        if let existing = pthread_getspecific(shared.pointee.lineStateKey) {
            let state = existing.assumingMemoryBound(to: LineState.self)
            if !state.pointee.isBusy {
                state.pointee.begin(shared)
                return state
            }
        }
        return make(shared)
    }

    @inline(__always)
    static func release(_ state: UnsafeMutablePointer<LineState>) {
        state.pointee.isBusy = false
        if !state.pointee.isKept { destroy(state) }
    }

    /// The thread's first state, or one for a line that is logged while another one is being written.
    @inline(never)
    private static func make(_ shared: UnsafePointer<PipelineState>) -> UnsafeMutablePointer<LineState> {
        let state = UnsafeMutablePointer<LineState>.allocate(capacity: 1)
        state.initialize(to: LineState(shared: shared))
        if pthread_getspecific(shared.pointee.lineStateKey) == nil {
            // Without memory for the slot the state is simply not kept.
            state.pointee.isKept = pthread_setspecific(shared.pointee.lineStateKey, state) == 0
        }
        state.pointee.begin(shared)
        return state
    }

    @inline(never)
    private static func destroy(_ state: UnsafeMutablePointer<LineState>) {
        state.deinitialize(count: 1)
        state.deallocate()
    }

    /// The key's destructor.
    private static func free(_ pointer: UnsafeMutableRawPointer?) {
        guard let pointer else { return }
        destroy(pointer.assumingMemoryBound(to: LineState.self))
    }
}
