// SPDX-License-Identifier: Apache-2.0

import Foundation
import HealthProbes
import Instrument

/// Serves until a signal ends it. Arguments: delay and budget in milliseconds, then words: `hang` adds a hook that never
/// ends, `handler` installs a SIGTERM handler of the host beforehand.
///
/// Prints `ready`, then `readiness=0 ms=...` as soon as a reader sees it, and `flips=...` at the end: how often
/// readiness came back or liveness failed.
@Sendable func drainScene(_ arguments: [String]) async throws {
    var configuration = HealthConfiguration()
    configuration.drain.delay = .milliseconds(Int(arguments.first ?? "0") ?? 0)
    configuration.drain.budget = .milliseconds(Int(arguments.dropFirst().first ?? "2000") ?? 2_000)
    if arguments.contains("handler") {
        signal(SIGTERM) { _ in
            let text = "handler=1\n"
            _ = write(1, text, text.utf8.count)
        }
    }
    let health = HealthRegistry(configuration: configuration)
    try health.register("fine", [.liveness, .readiness], critical: true, every: .milliseconds(50)) {}
    if arguments.contains("hang") {
        health.onDrain("hangs", timeout: .seconds(3_600)) { while true { sleep(1) } }
    }
    let reader = Reader(health)
    health.onDrain("report", stage: .final) { reader.report() }
    try health.start()
    try health.drainOnSignals()
    let thread = try PlainThread(name: "reader") { reader.run() }
    thread.join()
}

/// Asks for the snapshot all the time, as probes would.
private final class Reader: Sendable {
    private let health: HealthRegistry
    private let flips = Lock(0)

    init(_ health: HealthRegistry) { self.health = health }

    func report() { say("flips=\(flips.withLock { $0 })") }

    func run() {
        var wasReady = false
        var isDraining = false
        while true {
            let snapshot = health.snapshot()
            if !snapshot.liveness.isServing { flips.withLock { $0 += 1 } }
            if !wasReady, snapshot.readiness.isServing {
                wasReady = true
                say("ready")
            }
            if wasReady, !isDraining, !snapshot.readiness.isServing {
                isDraining = true
                say("readiness=0 at=\(TimeSource.systemMonotonicNanoseconds() / 1_000)")
            }
            if isDraining, snapshot.readiness.isServing { flips.withLock { $0 += 1 } }
            usleep(200)
        }
    }
}
