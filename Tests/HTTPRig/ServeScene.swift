// SPDX-License-Identifier: Apache-2.0

import Foundation
import HealthProbes
import Instrument
import InstrumentHTTP

/// A server as the environment configures it, on a free port unless told otherwise, until standard input ends.
enum ServeScene {
    /// - Parameter series: how many `/metrics` shows besides the endpoint's own.
    static func run(series: Int) throws -> Bool {
        let metrics = MetricRegistry()
        let family = try metrics.counter("rig_events_total", help: "Events.", labels: "shard", "kind")
        for number in 0..<series {
            family.with("shard-\(number / 10)", "kind-\(number % 10)").increment(by: number * 7)
        }
        let health = HealthRegistry()
        try health.register("self", .liveness, critical: true, every: .seconds(10), timeout: .seconds(1)) {}
        try health.start()
        var configuration = try EndpointConfiguration.fromEnvironment()
        if ProcessInfo.processInfo.environment["INSTRUMENT_PORT"] == nil { configuration.port = 0 }
        if let most = ProcessInfo.processInfo.environment["RIG_SCRAPES"].flatMap(Int.init) {
            configuration.limits.scrapesMax = most
        }
        let server = try InstrumentServer(metrics: metrics, health: health, configuration: configuration)
        try server.route(.get, "/hello") { _ in try .json(["message": "hello"]) }
        try server.route(.get, "/hello/async") { _ in
            await Task.yield()
            return try .json(["message": "hello"])
        }
        try server.route(.post, "/echo") { ServerResponse(body: $0.body) }
        try server.start()
        say("\(server.port)")
        while readLine() != nil {}
        server.stop()
        return true
    }
}
