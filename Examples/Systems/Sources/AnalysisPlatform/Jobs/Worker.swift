// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import HealthProbes
import Instrument
import StructuredLog

/// Takes one job after the other on a thread of its own.
///
/// It beats when a job begins and says that it is idle when it waits: a beat that is overdue means a job that hangs.
final class Worker: Sendable {
    private let heartbeat: Heartbeat
    private let queue: JobQueue
    private let runner: JobRunner
    private let store: JobStore
    private let metrics: JobMetrics
    private let log: StructuredLogger
    private let ended = DispatchSemaphore(value: 0)

    init(
        heartbeat: Heartbeat, queue: JobQueue, runner: JobRunner, store: JobStore, metrics: JobMetrics,
        log: StructuredLogger
    ) {
        self.heartbeat = heartbeat
        self.queue = queue
        self.runner = runner
        self.store = store
        self.metrics = metrics
        self.log = log.child { $0["worker"] = heartbeat.name }
    }

    /// Works until the queue is closed.
    func start() {
        Thread.detachNewThread { [self] in
            metrics.workers.increment()
            heartbeat.idle()
            while let job = queue.take() {
                heartbeat.beat()
                metrics.busyWorkers.track { run(job) }
                heartbeat.idle()
            }
            metrics.workers.decrement()
            ended.signal()
        }
    }

    /// Waits until the present job has ended.
    func waitUntilEnded() { ended.wait() }

    private func run(_ job: Job) {
        do {
            try store.begin(job.id)
            let result = Result { try runner.run(job.work) }
            switch result {
            case .success(let outcome):
                try store.end(job.id, .success, outcome: outcome)
                log.info("job ended") { fields in
                    fields["job"] = job.id
                    fields["kind"] = job.work.kind
                    fields["seconds"] = job.watch.elapsed / .seconds(1)
                }
            case .failure(let error):
                log.error("job failed", error: error) { fields in
                    fields["job"] = job.id
                    fields["kind"] = job.work.kind
                }
                try store.end(job.id, .failure, outcome: "\(error)")
            }
        } catch {
            log.error("job's state cannot be stored", error: error) { $0["job"] = job.id }
        }
    }
}
