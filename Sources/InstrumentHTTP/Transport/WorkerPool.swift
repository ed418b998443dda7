// SPDX-License-Identifier: Apache-2.0

import Instrument

/// A few plain threads that run jobs which may block; started when there is work, never more than allowed.
///
/// Jobs wait in order. The pool ends with `stop`: waiting jobs are still run, then its threads leave.
final class WorkerPool: Sendable {
    private struct State {
        var jobs: [@Sendable () -> Void] = []
        var next = 0
        var threads = 0
        var idle = 0
        var isStopping = false

        mutating func take() -> (@Sendable () -> Void)? {
            guard next < jobs.count else { return nil }
            let job = jobs[next]
            next += 1
            if next == jobs.count {
                jobs.removeAll(keepingCapacity: true)
                next = 0
            }
            return job
        }
    }

    private let name: String
    private let threadsMax: Int
    private let monitor = Monitor(State())

    /// Makes a pool without threads.
    ///
    /// - Parameter name: what its threads are called.
    init(name: String, threadsMax: Int) {
        self.name = name
        self.threadsMax = max(1, threadsMax)
    }

    /// Hands a job to the pool. The caller bounds how many it hands in.
    ///
    /// - Returns: false when the pool has stopped, or has no thread and gets none from the system.
    func submit(_ job: @escaping @Sendable () -> Void) -> Bool {
        let accepted = monitor.withLock { state in
            guard !state.isStopping else { return false }
            state.jobs.append(job)
            guard state.jobs.count - state.next > state.idle, state.threads < threadsMax else { return true }
            do {
                try PlainThread(name: name) { self.work() }.detach()
                state.threads += 1
                return true
            } catch {
                // With a thread at work the job is only late; without one it would wait for good.
                if state.threads > 0 { return true }
                state.jobs.removeLast()
                return false
            }
        }
        if accepted { monitor.wakeOne() }
        return accepted
    }

    /// Takes no more jobs, and waits until the threads have left or the deadline has passed.
    ///
    /// - Parameter deadline: monotonic nanoseconds.
    /// - Returns: whether all threads have left; one that a job holds longer leaves when the job ends.
    func stop(until deadline: UInt64) -> Bool {
        monitor.withLock { $0.isStopping = true }
        monitor.wakeAll()
        return monitor.wait(until: deadline) { $0.threads == 0 ? true : nil } ?? false
    }

    private func work() {
        while let job = nextJob() { job() }
    }

    private func nextJob() -> (@Sendable () -> Void)? {
        monitor.withLock { $0.idle += 1 }
        let job: (@Sendable () -> Void)?? = monitor.wait { state in
            if let job = state.take() {
                state.idle -= 1
                return job
            }
            guard state.isStopping else { return nil }
            state.idle -= 1
            state.threads -= 1
            return .some(nil)
        }
        guard let found = job, let next = found else {
            monitor.wakeAll()
            return nil
        }
        return next
    }
}
