// SPDX-License-Identifier: Apache-2.0

import HealthProbes
import Instrument
import StructuredLog

/// The routes that an endpoint brings along.
struct OwnRoutes {
    let metrics: MetricRegistry?
    let health: HealthRegistry?
    let log: StructuredLogger?
    let configuration: EndpointConfiguration

    /// Adds them.
    ///
    /// - Throws: `ServerError` for paths that clash and for metric groups whose registries do.
    func add(to table: inout RouteTable) throws(ServerError) {
        let paths = configuration.paths
        try addMetrics(to: &table)
        let probes: [(String?, ProbeKind)] = [
            (paths.livez, .liveness), (paths.readyz, .readiness), (paths.startupz, .startup), (paths.healthz, .overall),
        ]
        for (path, kind) in probes {
            if let path { try table.add(.get, path, .health(.probe(kind))) }
        }
        if let health = paths.health {
            for child in HealthRoute.children(of: health) { try table.add(.get, child.path, .health(child.route)) }
        }
        if let path = paths.heartbeats, let health {
            try table.add(.get, path, .blocking { _ in try HeartbeatsRoute.answer(health) })
        }
        if let path = paths.logLevels, let log {
            let route = LogLevelsRoute(levels: log.levels, log: log)
            try table.add(.get, path, .blocking { _ in try route.list() }, access: .details)
            try table.add(.put, path, .blocking { try route.change($0) }, access: .change)
        }
    }

    private func addMetrics(to table: inout RouteTable) throws(ServerError) {
        guard configuration.servesMetrics else { return }
        let access = configuration.protectsMetrics ? RouteAccess.details : .open
        if let metrics {
            if let path = configuration.paths.metrics {
                try table.add(.get, path, .scrape(.metrics([metrics])), access: access)
            }
            if let path = configuration.paths.metricsJSON {
                try table.add(.get, path, .scrape(.json([metrics])), access: access)
            }
        }
        for group in configuration.metricGroups {
            try table.add(.get, group.path, .scrape(.metrics(group.registries)), access: access)
        }
    }
}
