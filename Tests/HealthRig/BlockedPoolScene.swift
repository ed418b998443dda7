// SPDX-License-Identifier: Apache-2.0

import Foundation
import HealthProbes
import Instrument
import TestSupport

/// Blocks the whole cooperative pool, two tasks a core, and reads the snapshot for one and a half seconds meanwhile.
///
/// Prints what became of a synchronous check, of an asynchronous one and of liveness, and how long reads took.
/// Argument: how long the pool stays blocked, in seconds.
@Sendable func blockedPoolScene(_ arguments: [String]) async throws {
    let seconds = UInt32(arguments.first ?? "3") ?? 3
    let health = HealthRegistry()
    try health.register("sync", .readiness, every: .milliseconds(100)) {}
    try health.register("async", .readiness, every: .milliseconds(100), timeout: .milliseconds(500)) {
        await Task.yield()
    }
    try health.register("hung", .readiness, every: .milliseconds(100), timeout: .milliseconds(500)) {
        while true { sleep(1_000) }
    }
    try health.start()
    try await asynchronousCheckPasses(health)

    let outcome = Monitor<Void?>(nil)
    let observer = try PlainThread(name: "observer") {
        // The first tasks to block are running once every thread of the pool sleeps.
        usleep(300_000)
        let before = health.snapshot().check(named: "sync")?.resultCount ?? 0
        var slowest: UInt64 = 0
        let end = TimeSource.systemMonotonicNanoseconds() + 1_500_000_000
        while TimeSource.systemMonotonicNanoseconds() < end {
            let start = TimeSource.systemMonotonicNanoseconds()
            _ = health.snapshot().liveness.isServing
            slowest = max(slowest, TimeSource.systemMonotonicNanoseconds() - start)
            usleep(1_000)
        }
        let snapshot = health.snapshot()
        let runs = (snapshot.check(named: "sync")?.resultCount ?? 0) - before
        say("sync_runs=\(runs)")
        say("async=\(describe(snapshot.check(named: "async")))")
        say("hung=\(describe(snapshot.check(named: "hung")))")
        say("liveness=\(snapshot.liveness.status.rawValue)")
        say("slowest_read_us=\(slowest / 1_000)")
        outcome.withLock { $0 = () }
        outcome.wakeAll()
    }
    await withTaskGroup(of: Void.self) { group in
        for _ in 0..<2 * ProcessInfo.processInfo.activeProcessorCount {
            group.addTask { blockThread(seconds) }
        }
    }
    _ = outcome.wait { $0 }
    observer.join()
    try await asynchronousCheckPasses(health)
    say("recovered=1")
}

private func asynchronousCheckPasses(_ health: HealthRegistry) async throws {
    let passes = try await eventually { health.snapshot().check(named: "async")?.status == .pass }
    precondition(passes, "the asynchronous check has no result")
}

private func blockThread(_ seconds: UInt32) { sleep(seconds) }

private func describe(_ report: CheckReport?) -> String {
    guard let report else { return "missing" }
    return "\(report.status.rawValue),outstanding=\(report.outstanding),\(report.result?.message.prefix(7) ?? "")"
}
