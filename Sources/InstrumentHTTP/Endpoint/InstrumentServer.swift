// SPDX-License-Identifier: Apache-2.0

import Foundation
import HealthProbes
import Instrument
import StructuredLog

/// The endpoint of a service: serves its metrics, its health and its own routes from threads of its own.
///
/// It answers while Swift's cooperative pool, Dispatch and the main thread are blocked: probes are rendered by the
/// threads that poll the connections, scrapes and handlers that block run on threads apart. Not a web server for the
/// public: no TLS, no compression, and bodies stand in memory.
///
/// ```swift
/// let server = try InstrumentServer(metrics: metrics, health: health, log: log)
/// try server.route(.get, "/items/:id") { request in
///     try .json(["id": request.parameters["id"]])
/// }
/// try server.start()
/// print(server.port)
/// ```
public final class InstrumentServer: Sendable {
    private struct State {
        var table = RouteTable()
        var phase = Phase.made
        var loops: [PollLoop] = []
        var threads: [PlainThread] = []
        var port = 0
        var detailsPort = 0
    }

    private enum Phase {
        case made
        case running
        case stopped
    }

    private let configuration: EndpointConfiguration
    private let services: EndpointServices
    private let statistics: TransportStatistics
    private let health: HealthRegistry?
    private let log: StructuredLogger?
    private let state = Lock(State())

    /// Makes a server; it listens once it is started.
    ///
    /// - Parameters:
    ///   - metrics: what `/metrics` shows, and where requests are counted; nil leaves both out.
    ///   - health: what the probes show; nil makes every probe pass.
    ///   - log: where requests and failures are written; nil writes none.
    ///   - configuration: how it listens and what it shows.
    /// - Throws: `ServerError` for paths that clash or a metric's name that is taken by another shape.
    public init(
        metrics: MetricRegistry? = nil, health: HealthRegistry? = nil, log: StructuredLogger? = nil,
        configuration: EndpointConfiguration = EndpointConfiguration()
    ) throws(ServerError) {
        self.configuration = configuration
        self.health = health
        self.log = log
        var requestMetrics: RequestMetrics?
        do {
            // Without a registry the endpoint still counts, where nobody looks.
            statistics = try TransportStatistics(metrics ?? MetricRegistry())
            if let metrics, let convention = configuration.requestMetrics {
                requestMetrics = try RequestMetrics(
                    metrics, convention: convention, buckets: configuration.requestDurationBuckets)
            }
            if let metrics, let health, !health.hasMetrics { try health.publish(to: metrics) }
            if let health, let log { try HealthLog.follow(health, log) }
        } catch {
            throw ServerError(.invalidConfiguration, "endpoint's metrics: \(error)")
        }
        services = EndpointServices(
            health: health, requestMetrics: requestMetrics, log: log, statistics: statistics,
            configuration: configuration)
        var table = RouteTable()
        try OwnRoutes(
            metrics: metrics, health: health, log: log, configuration: configuration,
            artifacts: { [weak self] in self?.artifacts }
        ).add(to: &table)
        state.withLock { $0.table = table }
    }

    /// The configuration's artifacts, about this server: its port and paths are known to them.
    ///
    /// Ask once everything is registered; with port 0, once the server is started.
    public var artifacts: ServiceArtifacts? { artifacts(port: port) }

    private func artifacts(port: Int) -> ServiceArtifacts? {
        guard var artifacts = configuration.artifacts else { return nil }
        artifacts.site = ArtifactSite(configuration, port: port)
        return artifacts
    }

    // MARK: Routes

    /// Adds a route whose handler may block; it runs on a thread for handlers.
    ///
    /// A handler may throw: a `ServerResponse` or `RequestRefusal` is answered as it is, such as the one for a body that
    /// is not the expected JSON; everything else is a 500.
    ///
    /// - Parameters:
    ///   - method: `.get` also answers HEAD.
    ///   - path: exact, or with named segments: `/items/:id`.
    ///   - needsCredentials: whether only clients with the configuration's credentials may use it.
    ///   - handler: makes the answer.
    /// - Throws: `ServerError.Code.invalidRoute` when the path is malformed or taken.
    public func route(
        _ method: RequestMethod, _ path: String, needsCredentials: Bool = false,
        _ handler: @escaping @Sendable (ServerRequest) throws -> ServerResponse
    ) throws(ServerError) {
        try add(method, path, .blocking(handler), needsCredentials)
    }

    /// Adds a route whose handler runs as a task.
    ///
    /// - Parameters:
    ///   - method: `.get` also answers HEAD.
    ///   - path: exact, or with named segments: `/items/:id`.
    ///   - needsCredentials: whether only clients with the configuration's credentials may use it.
    ///   - handler: makes the answer; cancelled when the client leaves or the handler's deadline has passed.
    /// - Throws: `ServerError.Code.invalidRoute` when the path is malformed or taken.
    public func route(
        _ method: RequestMethod, _ path: String, needsCredentials: Bool = false,
        _ handler: @escaping @Sendable (ServerRequest) async throws -> ServerResponse
    ) throws(ServerError) {
        try add(method, path, .task(handler), needsCredentials)
    }

    private func add(
        _ method: RequestMethod, _ path: String, _ target: RouteTarget, _ needsCredentials: Bool
    ) throws(ServerError) {
        try state.withLock { state throws(ServerError) in
            try state.table.add(method, path, target, access: needsCredentials ? .change : .open)
            for loop in state.loops { Self.use(state.table, on: loop) }
        }
    }

    private static func use(_ table: RouteTable, on loop: PollLoop) {
        loop.perform { ($0 as? EndpointResponder)?.use(table) }
    }

    // MARK: Life

    /// The port that is listened on, also when 0 was asked for; 0 before the start.
    public var port: Int { state.withLock { $0.port } }

    /// The port of the listener for details, also when 0 was asked for; 0 before the start and without one.
    public var detailsPort: Int { state.withLock { $0.detailsPort } }

    /// Listens and serves, until `stop`. When this returns, connections are accepted.
    ///
    /// - Throws: `ServerError`: the address is taken or not this host's, there are no threads, it was started before, or
    ///   ``EndpointConfiguration/artifacts`` name a metric that is not registered.
    public func start() throws(ServerError) {
        try state.withLock { state throws(ServerError) in
            guard state.phase == .made else {
                throw ServerError(.invalidState, "server: was started before; make another one")
            }
            // A name that is wrong shows now and not when the files are asked for; which port they name does not matter.
            _ = try artifacts(port: max(1, configuration.port))?.files()
            let environment = ProcessInfo.processInfo.environment
            let listeners = try EndpointListeners(configuration, environment: environment)
            let loops = try makeLoops()
            let acceptor = Acceptor(listeners: listeners.all, loops: loops)
            acceptor.attach(to: loops[0])
            loops[0].acceptor = acceptor
            for loop in loops { Self.use(state.table, on: loop) }
            var threads: [PlainThread] = []
            for (index, loop) in loops.enumerated() {
                do throws(SystemError) {
                    threads.append(try PlainThread(name: "http-loop-\(index)") { loop.run() })
                } catch {
                    loops[0].acceptor = nil
                    for started in loops.prefix(index) { started.stop(until: 0) }
                    for thread in threads { thread.join() }
                    throw .thread(error.code)
                }
            }
            state.loops = loops
            state.threads = threads
            state.port = listeners.port
            state.detailsPort = listeners.detailsPort
            state.phase = .running
        }
        hookIntoDrain()
        warnOfLoopback()
    }

    /// A drain ends with this server, so that probes are answered to the end, and then with the log's last lines.
    private func hookIntoDrain() {
        guard let health else { return }
        health.onDrain("endpoint", stage: .endpoint) { [weak self] in self?.stop(deadline: .seconds(4)) }
        guard let log else { return }
        health.onDrain("log", stage: .final) { _ = log.flush(deadline: .seconds(4)) }
    }

    /// A kubelet asks at the pod's address, so a server that listens on loopback alone fails every probe there.
    private func warnOfLoopback() {
        guard let log, configuration.isUnreachableForKubelet(ProcessInfo.processInfo.environment) else { return }
        log.logWithoutSource(
            .warning, "endpoint listens on loopback: every Kubernetes probe of it fails; set INSTRUMENT_HOST=::"
        ) { $0["host"] = configuration.host }
    }

    private func makeLoops() throws(ServerError) -> [PollLoop] {
        var loops: [PollLoop] = []
        for _ in 0..<max(1, configuration.limits.pollThreads) {
            let services = services
            do {
                loops.append(
                    try PollLoop(shared: PollLoop.Shared(limits: configuration.limits, statistics: statistics)) {
                        EndpointResponder(services, loop: $0)
                    })
            } catch {
                throw .bind("wake pipe", error.code)
            }
        }
        return loops
    }

    /// Stops: no new connections, requests in flight are finished, what is left at the deadline is cut off.
    ///
    /// Safe to call more than once and from any thread but a loop's own; a later call waits for the first. Let readiness
    /// fail first, so that no new requests are sent here.
    ///
    /// - Parameter deadline: how long requests in flight may take.
    public func stop(deadline: Duration = .seconds(5)) {
        let nanoseconds = UInt64(max(0, deadline.saturatedNanoseconds))
        let (end, overflow) = TimeSource.systemMonotonicNanoseconds().addingReportingOverflow(nanoseconds)
        let until = overflow ? UInt64.max : end
        let (loops, threads) = state.withLock { state in
            state.phase = .stopped
            return (state.loops, state.threads)
        }
        // The first loop accepts; it stops the others once nobody is handed a connection any more.
        loops.first?.stop(until: until)
        for thread in threads { thread.join() }
        services.stop(until: until)
        state.withLock { state in
            state.loops = []
            state.threads = []
        }
    }
}
