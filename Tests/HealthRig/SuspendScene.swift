// SPDX-License-Identifier: Apache-2.0

import Foundation
import HealthProbes
import Instrument
import TestSupport

/// Keeps checks, a heartbeat and executor watches going, all critical, until SIGTERM; whoever runs it stops and
/// continues the process meanwhile. Prints `ready` and at the end `transitions=...`, with a line for each one.
@Sendable func suspendScene(_ arguments: [String]) async throws {
    let health = HealthRegistry()
    let transitions = Lock<[String]>([])
    // Events are told a little after they happen: those of the start do not count, whenever they arrive.
    let watchedSince = Lock(Int64.max)
    try health.onEvent { [unowned health] event in
        // Draining fails readiness, which is what it is for.
        let isWatched = event.unixNanoseconds > watchedSince.withLock { $0 }
        guard isWatched, health.snapshot().phase != .draining else { return }
        if case .phase = event.subject { return }
        transitions.withLock { $0.append("\(event.subject) \(event.previous) -> \(event.status): \(event.message)") }
    }
    try health.register("sync", [.liveness, .readiness], critical: true, every: .milliseconds(500)) {}
    try health.register("async", [.liveness, .readiness], critical: true, every: .milliseconds(500)) {
        try await Task.sleep(for: .milliseconds(50))
    }
    let heartbeat = try health.heartbeat(
        "agent", every: .seconds(1), tolerance: .milliseconds(900), kinds: [.liveness, .readiness], critical: true)
    try health.watchCooperativePool(limits: .init(warn: .seconds(1), fail: .seconds(2)))
    try health.start()
    health.onDrain("report") {
        for transition in transitions.withLock({ $0 }) { say(transition) }
        say("transitions=\(transitions.withLock { $0.count })")
    }
    let beater = try PlainThread(name: "agent") {
        while true {
            heartbeat.beat()
            usleep(1_000_000)
        }
    }
    precondition(waitUntil { health.snapshot().readiness.isServing }, "not ready within two minutes")
    watchedSince.withLock { $0 = TimeSource.system.unixNanoseconds() }
    say("ready")
    try health.drainOnSignals()
    beater.join()
}
