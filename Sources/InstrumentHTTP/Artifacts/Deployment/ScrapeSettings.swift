// SPDX-License-Identifier: Apache-2.0

/// How Prometheus reads the service.
public struct ScrapeSettings: Sendable, Equatable {
    /// How often it is scraped, and rules are evaluated.
    public var interval: Duration = .seconds(15)
    /// `host:port` of every instance; empty takes the endpoint's own.
    public var targets: [String] = []
    /// The file that holds the bearer token, when the endpoint protects its metrics.
    public var tokenFile: String?
    /// `host:port` of every Alertmanager.
    public var alertmanagers = ["127.0.0.1:9093"]
    /// Labels that every series gets, such as `["environment": "staging"]`.
    public var externalLabels: [String: String] = [:]

    /// The defaults.
    public init() {}
}
