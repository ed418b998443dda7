// SPDX-License-Identifier: Apache-2.0

import Foundation
import HealthProbes
import Instrument
import InstrumentHTTP
import StructuredLog

/// Carries plans out: the worker does the steps, the database keeps the run, the token budget pays.
struct Orchestrator: Sendable {
    let runner: StepRunner
    let store: RunStore
    let worker: Worker
    let breaker: CircuitBreaker
    let budget: TokenBudget
    let metrics: OrchestratorMetrics
    let levels: ServiceLevels
    let stability: StabilityScore
    let log: StructuredLogger

    /// Carries a plan out.
    ///
    /// - Returns: the run, which may have failed.
    /// - Throws: a refusal when the budget is spent, or when the run could not be stored or its worker was restarted.
    func run(_ plan: Plan) async throws -> Run {
        guard budget.spentToday < budget.limit else {
            metrics.refusedPlans.with("budget").increment()
            throw RequestRefusal(.tooManyRequests, reason: "today's tokens are spent")
        }
        let watch = Stopwatch()
        do {
            let run = try await worker.perform { [runner, breaker, store] in
                var run = runner.run(plan)
                run.seconds = watch.elapsed / .seconds(1)
                run.id = try breaker.run { try store.insert(run) }
                return run
            }
            budget.spend(run.tokens)
            settle(isGood: run.status == .completed, watch)
            log.log(run.status == .completed ? .info : .error, "plan ended") {
                $0["run"] = run.id
                $0["plan"] = run.name
                $0["status"] = run.status.rawValue
                $0["tokens"] = run.tokens
                $0["seconds"] = run.seconds
                if let error = run.error { $0["reason"] = error }
            }
            return run
        } catch {
            settle(isGood: false, watch)
            log.error("plan was lost", error: error) { $0["plan"] = plan.name }
            throw RequestRefusal(
                .serviceUnavailable, headers: ["Retry-After": "5"], reason: "the plan was lost; try again")
        }
    }

    private func settle(isGood: Bool, _ watch: Stopwatch) {
        metrics.runs.increment()
        if !isGood { metrics.failedRuns.increment() }
        metrics.latency.observe(watch.observe(in: metrics.duration))
        levels.reliability.record(isGood: isGood)
        stability.record(isGood: isGood)
    }
}
