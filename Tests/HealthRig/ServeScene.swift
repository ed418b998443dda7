// SPDX-License-Identifier: Apache-2.0

import Foundation
import HealthProbes
import Instrument
import InstrumentHTTP
import TestSupport

/// Serves checks of all characters until a signal ends it; prints `port=...` and then `ready`.
///
/// Arguments as `name=number`: `fine`, `hung`, `failing`, `slow` and `async` say how many checks of a kind; `every` is
/// their interval in milliseconds; `block` blocks the cooperative pool for so many seconds once a byte comes on standard
/// input; `delay` is the drain's delay in milliseconds.
@Sendable func serveScene(_ arguments: [String]) async throws {
    var numbers = ["fine": 19, "every": 10_000, "delay": 300]
    for argument in arguments {
        let parts = argument.split(separator: "=")
        guard parts.count == 2, let number = Int(parts[1]) else { throw CheckFailure("what is \"\(argument)\"?") }
        numbers[String(parts[0])] = number
    }
    var health = HealthConfiguration()
    health.drain.delay = .milliseconds(numbers["delay"] ?? 0)
    health.checksMax = 4_096
    let metrics = MetricRegistry()
    let registry = try HealthRegistry(metrics: metrics, configuration: health)
    try register(in: registry, numbers)
    try registry.watchCooperativePool()

    var configuration = EndpointConfiguration()
    configuration.port = 0
    let server = try InstrumentServer(metrics: metrics, health: registry, configuration: configuration)
    try registry.start()
    try server.start()
    try registry.drainOnSignals()
    say("port=\(server.port)")
    let seconds = UInt32(numbers["block"] ?? 0)
    let control = try PlainThread(name: "control") {
        precondition(waitUntil { registry.snapshot().readiness.isServing }, "not ready within two minutes")
        say("ready")
        var byte: UInt8 = 0
        guard seconds > 0, read(0, &byte, 1) == 1 else { return }
        for _ in 0..<2 * ProcessInfo.processInfo.activeProcessorCount { Task.detached { block(seconds) } }
        say("blocked")
    }
    control.join()
    while true { pause() }
}

private func block(_ seconds: UInt32) { sleep(seconds) }

private func register(in registry: HealthRegistry, _ numbers: [String: Int]) throws {
    let every = Duration.milliseconds(numbers["every"] ?? 10_000)
    for number in 0..<(numbers["fine"] ?? 0) {
        try registry.register("fine-\(number)", .readiness, critical: true, every: every) {}
    }
    for number in 0..<(numbers["async"] ?? 0) {
        try registry.register("async-\(number)", .readiness, every: every) { await Task.yield() }
    }
    for number in 0..<(numbers["hung"] ?? 0) {
        try registry.register("hung-\(number)", .readiness, every: every) { while true { sleep(1_000) } }
    }
    for number in 0..<(numbers["failing"] ?? 0) {
        try registry.register("failing-\(number)", .readiness, every: every) { throw CheckFailure("down") }
    }
    for number in 0..<(numbers["slow"] ?? 0) {
        try registry.register("slow-\(number)", .readiness, every: every) { usleep(50_000) }
    }
}
