// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument

/// Runs a service's checks, each on its own schedule, and keeps what they say ready for whoever asks.
///
/// Checks write, requests read: asking never runs a check and never waits for one. Checks run on threads and tasks
/// of their own, with a hard timeout and at most one run outstanding, so that a dependency that hangs costs one place
/// and nobody's answer.
///
/// ```swift
/// let health = HealthRegistry()
/// try health.register("db", .readiness, critical: true, every: .seconds(10), timeout: .seconds(1)) {
///     try await database.ping()
/// }
/// try health.start()
/// health.snapshot().readiness.isServing
/// ```
public final class HealthRegistry: Sendable {
    let engine: HealthEngine
    let heartbeatList = Lock<[Heartbeat]>([])
    let watchList = Lock<[LagWatch]>([])

    /// Makes a registry; no check runs before `start()`.
    ///
    /// - Parameters:
    ///   - configuration: how checks run and how the service ends.
    ///   - time: the clocks to go by.
    public convenience init(configuration: HealthConfiguration = HealthConfiguration(), time: TimeSource = .system) {
        self.init(configuration: configuration, time: time, drive: .thread, seed: .random(in: 0 ... .max))
    }

    /// Makes a registry that shows its checks in `metrics`; no check runs before `start()`.
    ///
    /// - Parameters:
    ///   - metrics: where the checks' series go.
    ///   - configuration: how checks run and how the service ends.
    ///   - time: the clocks to go by.
    /// - Throws: `MetricError` when a name that the checks need is taken by another shape.
    public convenience init(
        metrics: MetricRegistry, configuration: HealthConfiguration = HealthConfiguration(), time: TimeSource = .system
    ) throws(MetricError) {
        self.init(configuration: configuration, time: time)
        try publish(to: metrics)
    }

    /// Shows the checks in `metrics` from now on.
    ///
    /// - Throws: `MetricError` when a name that the checks need is taken by another shape.
    public func publish(to metrics: MetricRegistry) throws(MetricError) {
        engine.publish(to: try HealthMetrics(metrics, configuration: engine.configuration))
        for heartbeat in heartbeatList.withLock({ $0 }) { heartbeat.publish(to: engine) }
        for watch in watchList.withLock({ $0 }) { watch.publish(to: engine) }
    }

    /// Whether `publish(to:)` has been called.
    package var hasMetrics: Bool { engine.hasMetrics }

    init(configuration: HealthConfiguration, time: TimeSource, drive: HealthEngine.Drive, seed: UInt64) {
        precondition(
            (1...64).contains(configuration.concurrency),
            "HealthConfiguration: concurrency is \(configuration.concurrency); use 1 to 64")
        engine = HealthEngine(
            configuration: configuration,
            drainDelay: configuration.drain.delay(environment: ProcessInfo.processInfo.environment),
            time: time, drive: drive, seed: seed)
    }

    deinit { engine.stop() }

    /// A registry whose scheduler the caller moves on with `tick()`; checks that block run within that call.
    ///
    /// - Parameter clock: the clock to go by. Moving it by 2 s or more without a tick counts as a suspension.
    package static func manual(
        _ clock: ManualClock, configuration: HealthConfiguration = HealthConfiguration()
    ) -> HealthRegistry {
        HealthRegistry(configuration: configuration, time: .manual(clock), drive: .manual, seed: 1)
    }

    /// Does everything that is due now. For registries made by `manual`.
    package func tick() { engine.tick() }

    /// The monotonic time at which `tick()` has something to do at the latest.
    package var nextWake: UInt64 { engine.nextWake }

    /// Starts the checks; every first run is due at once. A second call does nothing.
    ///
    /// - Throws: `HealthError.Code.system` when the operating system has no thread to give.
    public func start() throws(HealthError) {
        do throws(SystemError) {
            try engine.start()
        } catch {
            throw HealthError(.system, "health: cannot start the scheduler: \(error); free some threads")
        }
    }

    /// Starts no further run. Runs that are outstanding end by themselves, and their results are still taken in.
    public func stop() { engine.stop() }

    /// The newest state of everything. Never waits and allocates nothing, so that every request may ask.
    public func snapshot() -> HealthSnapshot { engine.snapshot() }
}
