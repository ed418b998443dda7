// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument

/// Jobs in the order in which they came, up to a limit.
///
/// `@unchecked Sendable`: everything that changes is touched only while `condition` is held.
final class JobQueue: @unchecked Sendable {
    private let condition = NSCondition()
    private let jobsMax: Int
    private let metrics: JobMetrics
    private var jobs: [Job] = []
    /// Places of jobs that are being made.
    private var reserved = 0
    private var isClosed = false

    init(jobsMax: Int, metrics: JobMetrics) {
        self.jobsMax = jobsMax
        self.metrics = metrics
        metrics.queueLimit.set(jobsMax)
    }

    var count: Int { condition.withLock { jobs.count } }

    /// Puts a job in.
    ///
    /// - Parameter make: makes the job once there is room for it; it may take its time.
    /// - Returns: the job, or nil when the queue is full or closed.
    func add(_ make: () throws -> Job) throws -> Job? {
        let isRefused = condition.withLock {
            guard jobs.count + reserved < jobsMax, !isClosed else { return true }
            reserved += 1
            return false
        }
        guard !isRefused else {
            metrics.rejected.increment()
            return nil
        }
        let job = Result { try make() }
        condition.withLock {
            reserved -= 1
            guard case .success(let job) = job else { return }
            jobs.append(job)
            metrics.queued.set(jobs.count)
            condition.signal()
        }
        return try job.get()
    }

    /// Takes the oldest job out, waiting for one.
    ///
    /// - Returns: nil once the queue is closed.
    func take() -> Job? {
        condition.withLock {
            while jobs.isEmpty, !isClosed { condition.wait() }
            guard !isClosed else { return nil }
            let job = jobs.removeFirst()
            metrics.queued.set(jobs.count)
            job.watch.observe(in: metrics.waiting)
            return job
        }
    }

    /// Takes no more jobs and hands none out; those that wait are found as left behind by the next start.
    func close() {
        condition.withLock {
            isClosed = true
            condition.broadcast()
        }
    }
}
