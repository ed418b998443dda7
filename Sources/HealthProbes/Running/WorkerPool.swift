// SPDX-License-Identifier: Apache-2.0

import Instrument

/// Threads for checks that block, apart from Dispatch and from Swift's cooperative pool.
///
/// Threads start when they are needed. One whose job passed its deadline leaves the pool: the next job gets a fresh
/// one, and the old one ends when its job returns, if ever.
final class WorkerPool: Sendable {
    private struct Job: Sendable {
        let token: UInt64
        let run: @Sendable () -> Void
    }

    private struct State {
        var jobs: [Job] = []
        var running: Set<UInt64> = []
        var idle = 0
        var threads = 0
        var isStopped = false
    }

    private let limit: Int
    private let state = Monitor(State())

    init(limit: Int) { self.limit = limit }

    /// Threads that belong to the pool; those left behind are not counted.
    var threadCount: Int { state.withLock { $0.threads } }

    /// Runs `run` on a thread of the pool.
    ///
    /// - Throws: `SystemError` when it needs a thread and the system has none; the job is then not run.
    func submit(token: UInt64, _ run: @escaping @Sendable () -> Void) throws(SystemError) {
        let needsThread = state.withLock { state in
            state.jobs.append(Job(token: token, run: run))
            let isNeeded = state.idle < state.jobs.count && state.threads < limit
            if isNeeded { state.threads += 1 }
            return isNeeded
        }
        guard needsThread else { return state.wakeOne() }
        do {
            try PlainThread(name: "health-check", stackBytes: 1_024 * 1_024) { [self] in work() }.detach()
        } catch {
            let isDropped = state.withLock { state in
                state.threads -= 1
                let count = state.jobs.count
                // Another thread of the pool will take the job if there is one.
                if state.threads == 0 { state.jobs.removeAll { $0.token == token } }
                return state.jobs.count < count
            }
            if isDropped { throw error }
        }
    }

    /// Does without the thread that runs the job of that token, or without the job if none has begun it.
    ///
    /// - Returns: whether the job had not begun and never will.
    func abandon(token: UInt64) -> Bool {
        state.withLock { state in
            if state.running.remove(token) != nil {
                state.threads -= 1
                return false
            }
            let count = state.jobs.count
            state.jobs.removeAll { $0.token == token }
            return state.jobs.count < count
        }
    }

    /// Lets idle threads end; jobs that run end by themselves.
    func stop() {
        state.withLock { $0.isStopped = true }
        state.wakeAll()
    }

    /// Takes up work again after `stop`.
    func resume() { state.withLock { $0.isStopped = false } }

    private func work() {
        while let job = nextJob() {
            job.run()
            // A job that is no longer among the running ones was abandoned, and its thread with it.
            guard state.withLock({ $0.running.remove(job.token) != nil }) else { return }
        }
    }

    private func nextJob() -> Job? {
        state.withLock { $0.idle += 1 }
        let found: Job?? = state.wait { state in
            if !state.jobs.isEmpty {
                state.idle -= 1
                let job = state.jobs.removeFirst()
                state.running.insert(job.token)
                return .some(job)
            }
            guard state.isStopped else { return nil }
            state.idle -= 1
            state.threads -= 1
            return .some(nil)
        }
        return found ?? nil
    }
}
