// SPDX-License-Identifier: Apache-2.0

import Instrument

/// How a server listens and what it shows.
public struct EndpointConfiguration: Sendable {
    /// Which requests are written to the access log.
    public enum AccessLogScope: String, Sendable, CaseIterable {
        /// None.
        case none
        /// Those of routes that the service added.
        case application
        /// Those and scrapes, unmatched and rejected requests; probes that pass are left out.
        case all
    }

    /// The address to listen on: numeric, a name, or `::` for every address of both families.
    ///
    /// The default can be reached from this host alone. A kubelet asks at the pod's address: use `::` there.
    public var host = "127.0.0.1"
    /// The port; 0 lets the system choose, see ``InstrumentServer/port``.
    public var port = 8_080
    /// Whether metrics are served, on whatever path.
    public var servesMetrics = true
    /// Where the endpoint's own routes stand.
    public var paths = EndpointPaths()
    /// The bounds of everything that a client can make large, slow or many.
    public var limits = EndpointLimits()
    /// A Unix socket to listen on as well, or nil.
    public var unixSocket: UnixSocket?
    /// Whether to listen on ``host`` and ``port`` at all; a server may live on its Unix socket alone.
    public var listensOnTCP = true
    /// A port on 127.0.0.1 whose clients see details without a token, or nil; 0 lets the system choose, see
    /// ``InstrumentServer/detailsPort``.
    public var detailsPort: Int?
    /// Whether to serve the sockets that systemd passes, in place of ``host`` and ``port``
    /// ([sd_listen_fds](https://www.freedesktop.org/software/systemd/man/latest/sd_listen_fds.html)); without any the
    /// configured address is used.
    public var usesActivatedSockets = true
    /// Who may see details and change settings; empty: nobody, and what needs them is refused.
    public var credentials = EndpointCredentials()
    /// Whether the metrics need credentials too. Scrapers usually come without.
    public var protectsMetrics = false
    /// The names that requests may be for, without port; empty allows all. Keeps web pages from reaching a local
    /// endpoint under a name of their own.
    public var allowedHosts: [String] = []
    /// Where metrics of chosen registries stand on a path of their own, besides ``EndpointPaths/metrics``. A registry that
    /// is scraped on two paths counts twice in sums over the service's job.
    public var metricGroups: [EndpointMetricGroup] = []
    /// The service's objectives, for ``EndpointPaths/objectives``.
    public var objectives: ObjectiveBook?
    /// Alert rules, dashboards and manifests to generate, for ``EndpointPaths/artifacts``; checked when the server starts.
    public var artifacts: ServiceArtifacts?
    /// What runs around every handler that the service adds, besides the endpoint's own counting and logging.
    public var middleware: [any RequestMiddleware] = []
    /// How requests are counted and timed; nil counts none.
    public var requestMetrics: RequestMetrics.Convention? = .classic
    /// The bounds of the requests' duration histogram, in seconds; nil takes the convention's own.
    public var requestDurationBuckets: HistogramBuckets?
    /// Which requests are written to the access log, if the server has a logger.
    public var accessLog = AccessLogScope.application

    /// The defaults.
    public init() {}

    /// Whether this is a pod whose kubelet cannot reach the server: it asks at the pod's address, never at loopback.
    package func isUnreachableForKubelet(_ environment: [String: String]) -> Bool {
        listensOnTCP && environment["KUBERNETES_SERVICE_HOST"] != nil
            && (host.hasPrefix("127.") || ["localhost", "::1"].contains(host))
    }
}

/// A Unix socket to listen on.
public struct UnixSocket: Sendable, Equatable {
    /// Where its file stands.
    public var path: String
    /// The file's mode: who may connect.
    public var mode: UInt32

    /// Describes a socket.
    ///
    /// - Parameters:
    ///   - path: at most 107 bytes; a stale socket is replaced, any other file is not.
    ///   - mode: by default for its owner and group.
    public init(path: String, mode: UInt32 = 0o660) {
        self.path = path
        self.mode = mode
    }
}

/// Registries on a path of their own.
public struct EndpointMetricGroup: Sendable {
    /// Where they are served, such as `/api/metrics/business`.
    public var path: String
    /// The registries to write as one document.
    public var registries: [MetricRegistry]

    /// Describes a group.
    public init(path: String, registries: [MetricRegistry]) {
        self.path = path
        self.registries = registries
    }
}
