// SPDX-License-Identifier: Apache-2.0

import Foundation
import HealthProbes
import Instrument
import StructuredLog

/// A background agent: takes tasks off the queue one by one, and beats in between.
struct SequenceAgent: Sendable {
    let name: String
    let heartbeat: Heartbeat
    let queue: TaskQueue
    let metrics: PleiotropyMetrics
    let log: StructuredLogger

    /// Works until the task is cancelled. A task that takes longer than the beat's tolerance makes the agent missing: it
    /// does not answer meanwhile.
    func run() async {
        let interval = heartbeat.interval
        var due = ContinuousClock.now
        while !Task.isCancelled {
            if ContinuousClock.now >= due {
                heartbeat.beat()
                log.info("agent_heartbeat") { $0["agent"] = name }
                due += interval
                // After a long task the rhythm begins anew: a beat to make up for it would come too early.
                if due <= .now { due = .now + interval }
            }
            do {
                let patience = min(.seconds(1), due - ContinuousClock.now)
                if let text = try await queue.next(patience: patience) { await work(on: text) }
            } catch {
                log.error("queue not reached", error: error) { $0["agent"] = name }
                metrics.queueErrors.increment()
                // Not before the next beat is due: a server that is down is asked once a beat at most.
                try? await Task.sleep(until: min(due, .now + .seconds(1)))
            }
        }
    }

    /// Analyses one task; one that cannot be analysed is counted and logged, and gone.
    private func work(on text: String) async {
        metrics.tasksTaken.increment()
        do {
            try await metrics.taskDuration.time {
                let task = try JSONDecoder().decode(SequenceTask.self, from: Data(text.utf8))
                try await queue.store(try await SequenceReport(analysing: task))
                log.info("sequence analysed") {
                    $0["agent"] = name
                    $0["sequence"] = task.name
                    $0["bases"] = task.bases.utf8.count
                    $0["result"] = task.id
                }
            }
        } catch {
            metrics.tasksFailed.increment()
            log.error("sequence not analysed", error: error) { $0["agent"] = name }
        }
        metrics.tasksProcessed.with(name).increment()
    }
}
