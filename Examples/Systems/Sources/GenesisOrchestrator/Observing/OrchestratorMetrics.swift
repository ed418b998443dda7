// SPDX-License-Identifier: Apache-2.0

import HealthProbes
import Instrument

/// What the service measures, in three registries: each stands on a path of its own.
struct OrchestratorMetrics: Sendable {
    let application = MetricRegistry()
    let business = MetricRegistry()
    let security = MetricRegistry()

    let runs: Counter
    let failedRuns: Counter
    let duration: Histogram
    let latency: Summary
    let cacheLookups: Family<Counter, String>
    let cacheBytes: Gauge
    let breakerPosition: StateSet<CircuitBreaker.Position>
    let workerRestarts: Counter

    let stability: Gauge

    let authentications: Family<Counter, (String, String)>
    let refusedPlans: Family<Counter, String>
    let injectedFaults: Counter

    init(dataFolder: String) throws {
        runs = try application.counter("genesis_orchestrations_total", help: "Plans that were carried out or failed.")
        failedRuns = try application.counter("genesis_orchestration_failures_total", help: "Plans that failed.")
        duration = try application.histogram(
            "genesis_orchestration_duration_seconds", help: "Time from the request to the stored run.",
            buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30])
        latency = try application.summary(
            "genesis_orchestration_latency_seconds", help: "The same, as quantiles of the last five minutes.",
            quantiles: [0.5, 0.95, 0.99], window: .seconds(300))
        cacheLookups = try application.counter(
            "genesis_cache_lookups_total", help: "Results that were looked up, by outcome.", labels: "outcome")
        cacheBytes = try application.gauge("genesis_cache_bytes", help: "Input that the cache holds.", unit: "bytes")
        breakerPosition = try application.stateSet(
            "genesis_circuit_breaker", help: "Position of the database's circuit breaker.",
            of: CircuitBreaker.Position.self)
        breakerPosition.set(.closed)
        workerRestarts = try application.counter("genesis_worker_restarts_total", help: "Restarts of the worker.")
        try application.registerProcessMetrics()
        try application.registerSystemMetrics(diskPaths: [dataFolder])

        stability = try business.gauge(
            "genesis_stability_score", help: "Share of the last hundred plans that did not fail.")
        stability.set(1)

        authentications = try security.counter(
            "genesis_authentications_total", help: "Requests to the API, by route and outcome.",
            labels: "route", "outcome")
        refusedPlans = try security.counter(
            "genesis_refused_plans_total", help: "Plans that were not carried out, by reason.", labels: "reason")
        injectedFaults = try security.counter(
            "genesis_injected_faults_total", help: "Faults that were injected to try the alarms out.")
    }
}
