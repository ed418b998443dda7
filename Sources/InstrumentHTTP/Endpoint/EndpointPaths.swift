// SPDX-License-Identifier: Apache-2.0

/// Where the endpoint's own routes stand; nil switches one off.
public struct EndpointPaths: Sendable {
    /// The metrics of the registry, as Prometheus reads them.
    public var metrics: String? = "/metrics"
    /// Liveness, as Kubernetes' own components name it.
    public var livez: String? = "/livez"
    /// Readiness.
    public var readyz: String? = "/readyz"
    /// Startup.
    public var startupz: String? = "/startupz"
    /// Everything in one word.
    public var healthz: String? = "/healthz"
    /// Everything as JSON; its children `live`, `ready` and `startup` stand below it.
    public var health: String? = "/health"
    /// The metrics as JSON, for people and programs that are no scrapers.
    public var metricsJSON: String? = "/health/metrics"
    /// The heartbeats: a JSON array of `name`, `last_seen` and `status`.
    public var heartbeats: String? = "/heartbeats"
    /// The log's levels: GET shows them, PUT changes one; both need credentials.
    public var logLevels: String? = "/log/levels"
    /// The objectives and their budgets, when the configuration names a book of them; needs credentials.
    public var objectives: String? = "/objectives"
    /// The list of generated files, and each of them below it, when the configuration has ``EndpointConfiguration/artifacts``;
    /// needs credentials.
    public var artifacts: String? = "/artifacts"
    /// Further paths of own routes: `["/api/monitoring/incidents": "/health/incidents"]`.
    public var aliases: [String: String] = [:]
    /// Own routes that are not served, by path: for those below ``health``, which move together.
    public var switchedOff: Set<String> = []

    /// The defaults.
    public init() {}
}
