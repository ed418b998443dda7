// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument
import TestSupport
import Testing

@testable import HealthProbes

/// An executor that serves when the test says so.
private final class SlowExecutor: Sendable {
    private let waiting = Lock<[@Sendable () -> Void]>([])

    var count: Int { waiting.withLock { $0.count } }

    func post(_ job: @escaping @Sendable () -> Void) { waiting.withLock { $0.append(job) } }

    func serve() {
        let jobs = waiting.withLock { jobs in
            defer { jobs = [] }
            return jobs
        }
        for job in jobs { job() }
    }
}

@Suite struct LagWatchTests {
    static let second: UInt64 = 1_000_000_000
    let clock = ManualClock(monotonicNanoseconds: 0)
    private let executor = SlowExecutor()

    private func watch(isArmed: Bool = true) -> LagWatch {
        let executor = executor
        return LagWatch(
            name: "loop", warn: .seconds(1), fail: .seconds(30), isArmed: isArmed,
            awake: AwakeReading(time: .manual(clock))
        ) { executor.post($0) }
    }

    /// Looks once and sends what is to be sent.
    private func look(_ watch: LagWatch, at seconds: UInt64) -> CheckStatus? {
        clock.advance(by: .nanoseconds(Int64(seconds * Self.second - clock.monotonicNanoseconds())))
        let found = watch.evaluate(now: seconds * Self.second)
        found.after?()
        return found.result?.status
    }

    @Test func promptBeatsPass() {
        let watch = watch()
        for second in 0..<10 as Range<UInt64> {
            #expect(look(watch, at: second) == .pass)
            executor.serve()
        }
    }

    @Test func stallWarnsThenFailsAndOneBeatIsUnderWay() {
        let watch = watch()
        #expect(look(watch, at: 0) == .pass)
        #expect(look(watch, at: 1) == .pass)
        #expect(look(watch, at: 2) == .warn)
        #expect(look(watch, at: 30) == .warn)
        #expect(look(watch, at: 31) == .fail)
        #expect(executor.count == 1)
        executor.serve()
        // The lag that was measured is still told once, then the executor is well again.
        #expect(look(watch, at: 32) == .fail)
        executor.serve()
        #expect(look(watch, at: 33) == .pass)
    }

    @Test func unservedExecutorIsNotJudgedUntilItsFirstService() {
        let watch = watch(isArmed: false)
        #expect(look(watch, at: 0) == nil)
        #expect(look(watch, at: 100) == nil)
        executor.serve()
        #expect(look(watch, at: 101) == .fail)
        executor.serve()
        #expect(look(watch, at: 102) == .pass)
        #expect(look(watch, at: 104) == .warn)
    }

    @Test func executorsOfTheHostAreWatchedOnThreadsOfTheirOwn() async throws {
        let metrics = MetricRegistry()
        let health = try HealthRegistry(metrics: metrics)
        defer { health.stop() }
        let gate = Gate()
        defer { gate.open() }
        let queue = DispatchQueue(label: "host")
        try health.watchExecutor("queue", limits: .init(warn: .seconds(120), fail: .seconds(240))) {
            queue.async(execute: $0)
        }
        // Handing over blocks: that is a stall of this executor and nobody else's trouble.
        try health.watchExecutor("blocked", limits: .init(warn: .milliseconds(1), fail: .milliseconds(2))) { _ in
            gate.wait()
        }
        try health.watchCooperativePool(limits: .init(warn: .seconds(120), fail: .seconds(240)))
        try health.start()
        #expect(try await eventually { health.snapshot().check(named: "blocked")?.status == .fail })
        #expect(try await eventually { health.snapshot().check(named: "queue")?.status == .pass })
        #expect(try await eventually { health.snapshot().check(named: "cooperative_pool")?.status == .pass })
        #expect(health.snapshot().liveness.causes == ["blocked"])
        #expect(metrics.exposition().contains(#"runtime_pool_lag_seconds{executor="cooperative_pool"}"#))
    }

    @Test func limitsMustMakeSense() {
        let error = #expect(throws: HealthError.self) {
            try HealthRegistry().watchCooperativePool(limits: .init(warn: .seconds(2), fail: .seconds(1)))
        }
        #expect(error?.code == .invalidOption)
    }
}
