// SPDX-License-Identifier: Apache-2.0

/// Where the endpoint that the files are about stands.
struct ArtifactSite: Sendable {
    let host: String
    let port: Int
    let paths: EndpointPaths
    let groups: [EndpointMetricGroup]
    let protectsMetrics: Bool
    let servesMetrics: Bool

    /// - Parameters:
    ///   - configuration: how the endpoint listens.
    ///   - port: the port that it has, which the configuration may have left to the system; 0 takes the configured one.
    init(_ configuration: EndpointConfiguration, port: Int = 0) {
        host = configuration.host
        self.port = port > 0 ? port : configuration.port
        paths = configuration.paths
        groups = configuration.metricGroups
        protectsMetrics = configuration.protectsMetrics
        servesMetrics = configuration.servesMetrics
    }

    /// Host and port for a client; one that listens everywhere is reached on loopback.
    ///
    /// - Throws: `ServerError` when the port is not known yet.
    func target() throws(ServerError) -> String {
        let reached = ["", "::", "0.0.0.0", "[::]"].contains(host) ? "127.0.0.1" : host
        return "\(reached.contains(":") ? "[\(reached)]" : reached):\(try knownPort())"
    }

    /// The port.
    ///
    /// - Throws: `ServerError` when it is left to the system and the server is not started.
    func knownPort() throws(ServerError) -> Int {
        guard port > 0 else {
            throw ServerError(
                .invalidArtifact,
                "artifacts: the endpoint's port is 0 until the server is started; start it first, or set a port")
        }
        return port
    }
}
