// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument

/// The exit code of a drain, once there is one, for everybody who waits for it.
final class DrainOutcome: Sendable {
    private struct State {
        var code: Int32?
        var exitsProcess = false
        var waiters: [CheckedContinuation<Int32, Never>] = []
    }

    private let state = Monitor(State())

    /// Makes the end of the drain end the process.
    func exitProcess() { state.withLock { $0.exitsProcess = true } }

    /// Notes the code, wakes everybody who waits, and ends the process if that was asked for.
    func finish(_ code: Int32) {
        let (waiters, exitsProcess) = state.withLock { state in
            guard state.code == nil else { return ([CheckedContinuation<Int32, Never>](), false) }
            state.code = code
            defer { state.waiters = [] }
            return (state.waiters, state.exitsProcess)
        }
        state.wakeAll()
        for waiter in waiters { waiter.resume(returning: code) }
        guard exitsProcess else { return }
        // A forced end does not run exit handlers: one of them may wait for what was just given up on.
        if code == 0 { exit(0) } else { _exit(code) }
    }

    /// Waits on the calling thread.
    func wait() -> Int32 {
        // Without a deadline the wait only ends with a value.
        state.wait { $0.code } ?? 1
    }

    /// Waits as a task.
    func value() async -> Int32 {
        await withCheckedContinuation { continuation in
            let code = state.withLock { state -> Int32? in
                if state.code == nil { state.waiters.append(continuation) }
                return state.code
            }
            if let code { continuation.resume(returning: code) }
        }
    }
}
