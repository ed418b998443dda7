// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument

extension HealthRegistry {
    /// From which lag on an executor counts as slow, and as stalled.
    public struct LagLimits: Sendable, Equatable {
        /// Beyond this the executor is slow; 1 s by default.
        public var warn: Duration
        /// Beyond this it is stalled; 30 s by default.
        public var fail: Duration

        /// Makes limits.
        ///
        /// - Parameters:
        ///   - warn: beyond this the executor is slow.
        ///   - fail: beyond this it is stalled.
        public init(warn: Duration = .seconds(1), fail: Duration = .seconds(30)) {
            self.warn = warn
            self.fail = fail
        }
    }

    /// Watches Swift's cooperative pool: a beat a second, sent as a task.
    ///
    /// Unless this is called, a stalled pool changes nothing about liveness.
    ///
    /// - Parameters:
    ///   - name: the name of the check.
    ///   - kinds: the questions that the check helps to answer; by default a stall restarts the process.
    ///   - critical: whether a stall fails the verdict, rather than degrade it.
    ///   - limits: from which lag on.
    /// - Throws: `HealthError` for a bad or taken name.
    public func watchCooperativePool(
        _ name: String = "cooperative_pool", kinds: CheckKinds = .liveness, critical: Bool = true,
        limits: LagLimits = LagLimits()
    ) throws(HealthError) {
        try watch(name, kinds, critical, limits, isArmed: true) { beat in Task.detached { beat() } }
    }

    /// Watches the main queue: a beat a second. Judged from the first beat that comes through, since a program whose
    /// main thread never serves the queue is no sicker for that.
    ///
    /// - Parameters:
    ///   - name: the name of the check.
    ///   - kinds: the questions that the check helps to answer; by default a stall restarts the process.
    ///   - critical: whether a stall fails the verdict, rather than degrade it.
    ///   - limits: from which lag on.
    /// - Throws: `HealthError` for a bad or taken name.
    public func watchMainQueue(
        _ name: String = "main_queue", kinds: CheckKinds = .liveness, critical: Bool = true,
        limits: LagLimits = LagLimits()
    ) throws(HealthError) {
        try watch(name, kinds, critical, limits, isArmed: false) { beat in DispatchQueue.main.async(execute: beat) }
    }

    /// Watches an executor of the host: an event loop, a queue, a thread pool.
    ///
    /// - Parameters:
    ///   - name: the name of the check.
    ///   - kinds: the questions that the check helps to answer; by default a stall restarts the process.
    ///   - critical: whether a stall fails the verdict, rather than degrade it.
    ///   - limits: from which lag on.
    ///   - post: runs the closure that it is given on the executor. It is called on a thread of its own and may block.
    /// - Throws: `HealthError` for a bad or taken name, or when the operating system has no thread to give.
    public func watchExecutor(
        _ name: String, kinds: CheckKinds = .liveness, critical: Bool = true, limits: LagLimits = LagLimits(),
        post: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void
    ) throws(HealthError) {
        let poster: BeatPoster
        do throws(SystemError) {
            poster = try BeatPoster(post)
        } catch {
            throw HealthError(.system, "check \"\(name)\": cannot start its thread: \(error); free some threads")
        }
        try watch(name, kinds, critical, limits, isArmed: true) { beat in poster.post(beat) }
    }

    /// Watches a task executor of the host.
    ///
    /// - Parameters:
    ///   - executor: what is watched.
    ///   - name: the name of the check.
    ///   - kinds: the questions that the check helps to answer; by default a stall restarts the process.
    ///   - critical: whether a stall fails the verdict, rather than degrade it.
    ///   - limits: from which lag on.
    /// - Throws: `HealthError` for a bad or taken name, or when the operating system has no thread to give.
    public func watch(
        _ executor: some TaskExecutor, as name: String, kinds: CheckKinds = .liveness, critical: Bool = true,
        limits: LagLimits = LagLimits()
    ) throws(HealthError) {
        try watchExecutor(name, kinds: kinds, critical: critical, limits: limits) { beat in
            Task.detached(executorPreference: executor) { beat() }
        }
    }

    private func watch(
        _ name: String, _ kinds: CheckKinds, _ critical: Bool, _ limits: LagLimits, isArmed: Bool,
        post: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void
    ) throws(HealthError) {
        guard limits.warn > .zero, limits.fail >= limits.warn else {
            throw HealthError(
                .invalidOption,
                "check \"\(name)\": lag limits are \(limits.warn) and \(limits.fail); use warn above 0, fail not below")
        }
        let watch = LagWatch(
            name: name, warn: limits.warn, fail: limits.fail, isArmed: isArmed, awake: engine.awake, post: post)
        _ = try add(
            CheckDefinition(
                name: name, kinds: kinds, isCritical: critical, interval: .seconds(1), timeout: .seconds(1),
                options: CheckOptions(), check: HealthCheck(.inline { watch.evaluate(now: $0) })))
        watch.publish(to: engine)
        watchList.withLock { $0.append(watch) }
    }
}
