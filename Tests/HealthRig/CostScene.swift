// SPDX-License-Identifier: Apache-2.0

import Foundation
import HealthProbes
import Instrument
import TestSupport

/// What 50 checks every 10 s cost, and what reading the snapshot allocates.
///
/// Argument: seconds to measure over. Prints `cpu_permille`, `memory_kib`, and `allocations` for a million reads if a
/// counting allocator is loaded (`malloc_calls` tells its count), else `allocations=unknown`.
@Sendable func costScene(_ arguments: [String]) async throws {
    let seconds = UInt32(arguments.first ?? "20") ?? 20
    let before = try anonymousKibibytes()
    let health = HealthRegistry()
    for number in 0..<50 {
        if number % 2 == 0 {
            try health.register("sync-\(number)", [.liveness, .readiness], critical: true) {}
        } else {
            try health.register("async-\(number)", .readiness) { await Task.yield() }
        }
    }
    try health.start()
    precondition(
        waitUntil { health.snapshot().checks.allSatisfy { $0.status == .pass } }, "not ready within two minutes")

    let start = processorNanoseconds()
    sleep(seconds)
    let used = processorNanoseconds() - start
    say("cpu_permille=\(Double(used) / 1e6 / Double(seconds))")
    say("memory_kib=\(try anonymousKibibytes() - before)")

    guard let counter = dlsym(UnsafeMutableRawPointer(bitPattern: 0), "malloc_calls") else {
        return say("allocations=unknown")
    }
    let calls = unsafeBitCast(counter, to: (@convention(c) () -> UInt).self)
    let reads = 1_000_000
    // Checks of this thread's own time alone: the counter counts by thread.
    let first = calls()
    var serving = 0
    for _ in 0..<reads where health.snapshot().readiness.isServing && health.snapshot().liveness.isServing {
        serving += 1
    }
    let allocations = calls() - first
    guard serving == reads else { throw CheckFailure("only \(serving) of \(reads) reads were served") }
    say("allocations=\(allocations)")
}

private func processorNanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

/// Memory of the process's own; pages of the program and its libraries are shared with their files.
private func anonymousKibibytes() throws -> Int {
    for line in try SmallFile.text("/proc/self/status").split(separator: "\n") where line.hasPrefix("RssAnon:") {
        return line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    }
    throw CheckFailure("/proc/self/status has no RssAnon")
}
