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
    /// The generated files as they are now, about the server that runs; nil without any.
    let artifacts: (@Sendable () -> ServiceArtifacts?)

    private struct Entry {
        var path: String
        let method: RequestMethod
        let target: RouteTarget
        let access: RouteAccess

        init(
            _ path: String, _ target: RouteTarget, method: RequestMethod = .get, access: RouteAccess = .open
        ) {
            self.path = path
            self.method = method
            self.target = target
            self.access = access
        }
    }

    /// Adds them, moved and switched off as the configuration says.
    ///
    /// - Throws: `ServerError` for paths that clash, aliases of nothing, and groups whose registries clash.
    func add(to table: inout RouteTable) throws(ServerError) {
        let paths = configuration.paths
        let entries = try metricEntries() + healthEntries() + otherEntries()
        for entry in entries where !paths.switchedOff.contains(entry.path) {
            try table.add(entry.method, entry.path, entry.target, access: entry.access)
        }
        for (alias, path) in paths.aliases.sorted(by: { $0.key < $1.key }) {
            let originals = entries.filter { $0.path == path }
            guard !originals.isEmpty else { throw .route(alias, "is an alias of \"\(path)\", which is no own route") }
            for entry in originals { try table.add(entry.method, alias, entry.target, access: entry.access) }
        }
    }

    private func metricEntries() throws(ServerError) -> [Entry] {
        guard configuration.servesMetrics else { return [] }
        let access = configuration.protectsMetrics ? RouteAccess.details : .open
        var entries: [Entry] = []
        if let metrics {
            if let path = configuration.paths.metrics {
                entries.append(Entry(path, .scrape(try .metrics([metrics])), access: access))
            }
            if let path = configuration.paths.metricsJSON {
                entries.append(Entry(path, .scrape(try .json([metrics])), access: access))
            }
        }
        for group in configuration.metricGroups {
            entries.append(Entry(group.path, .scrape(try .metrics(group.registries)), access: access))
        }
        return entries
    }

    private func healthEntries() -> [Entry] {
        let paths = configuration.paths
        let probes: [(String?, ProbeKind)] = [
            (paths.livez, .liveness), (paths.readyz, .readiness), (paths.startupz, .startup), (paths.healthz, .overall),
        ]
        var entries = probes.compactMap { path, kind in path.map { Entry($0, .health(.probe(kind))) } }
        if let base = paths.health {
            entries += HealthRoute.children(of: base).map { Entry($0.path, .health($0.route)) }
        }
        return entries
    }

    private func otherEntries() -> [Entry] {
        let paths = configuration.paths
        var entries: [Entry] = []
        if let path = paths.heartbeats, let health {
            entries.append(Entry(path, .blocking { _ in try HeartbeatsRoute.answer(health) }))
        }
        if let path = paths.logLevels, let log {
            let route = LogLevelsRoute(levels: log.levels, log: log)
            entries.append(Entry(path, .blocking { _ in try route.list() }, access: .details))
            entries.append(Entry(path, .blocking { try route.change($0) }, method: .put, access: .change))
        }
        if let path = paths.objectives, let book = configuration.objectives {
            entries.append(Entry(path, .blocking { ObjectivesRoute.answer(book, $0) }, access: .details))
        }
        if let path = paths.artifacts, configuration.artifacts != nil, !paths.switchedOff.contains(path) {
            let route = ArtifactsRoute(artifacts: artifacts)
            entries.append(Entry(path, .blocking { _ in try route.list() }, access: .details))
            entries.append(Entry("\(path)/:file", .blocking { try route.file($0) }, access: .details))
        }
        return entries
    }
}
