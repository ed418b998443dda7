// SPDX-License-Identifier: Apache-2.0

import HealthProbes
import Instrument
import StructuredLog
import Synchronization

/// What the loops of a server share: the service's instruments and the threads that may block.
final class EndpointServices: Sendable {
    let health: HealthRegistry?
    let requestMetrics: RequestMetrics?
    private let accessLog: AccessLog?
    private let accessLogScope: EndpointConfiguration.AccessLogScope
    private let runner: HandlerRunner
    private let credentials: EndpointCredentials
    private let allowedHosts: Set<String>
    private let limits: EndpointLimits
    private let scrapers: WorkerPool
    private let handlers: WorkerPool
    private let scribe: WorkerPool
    /// Relaxed: bounds on how much is under way, each a figure of its own.
    private let scrapesUnderWay = Atomic<Int>(0)
    private let handlersUnderWay = Atomic<Int>(0)
    private let linesUnderWay = Atomic<Int>(0)
    private let statistics: TransportStatistics
    private let spareBodies = Lock<[RenderedBody]>([])

    /// Lines that may wait for a log that does not take them.
    private static let linesMax = 1_024
    /// A spare body's buffer keeps at most this much.
    private static let spareBytesMax = 4 * 1_024 * 1_024

    init(
        health: HealthRegistry?, requestMetrics: RequestMetrics?, log: StructuredLogger?,
        statistics: TransportStatistics, configuration: EndpointConfiguration
    ) {
        self.health = health
        self.statistics = statistics
        self.requestMetrics = requestMetrics
        runner = HandlerRunner(
            chain: MiddlewareChain(configuration.middleware), log: log)
        credentials = configuration.credentials
        allowedHosts = Set(configuration.allowedHosts.map { $0.lowercased() })
        accessLogScope = configuration.accessLog
        accessLog = configuration.accessLog == .none ? nil : log.map(AccessLog.init)
        limits = configuration.limits
        scrapers = WorkerPool(name: "http-scrape", threadsMax: limits.scrapeThreads)
        handlers = WorkerPool(name: "http-handler", threadsMax: limits.handlerThreads)
        scribe = WorkerPool(name: "http-log", threadsMax: 1)
    }

    // MARK: Who may do what

    /// Whether a request carries the right credentials.
    func authorizes(_ head: borrowing RequestHead, _ bytes: UnsafeRawBufferPointer) -> Bool {
        guard !credentials.isEmpty else { return false }
        return credentials.authorizes(head.value(of: "authorization", in: bytes))
    }

    /// Why a route may not be used by this client, or nil.
    func refusal(
        _ access: RouteAccess, _ head: borrowing RequestHead, _ bytes: UnsafeRawBufferPointer, showsDetails: Bool
    ) -> RequestRefusal? {
        switch access {
        case .open: return nil
        case .details where showsDetails: return nil
        case .details, .change:
            if authorizes(head, bytes) { return nil }
            guard !credentials.isEmpty else {
                return RequestRefusal(.forbidden, reason: "switched off: the service has no credentials")
            }
            return RequestRefusal(
                .unauthorized, headers: ["WWW-Authenticate": credentials.challenge], reason: "credentials needed")
        }
    }

    /// Whether requests for this host are served; the port does not matter.
    func allows(host: UnsafeRawBufferPointer) -> Bool {
        guard !allowedHosts.isEmpty else { return true }
        let text = String(decoding: host, as: UTF8.self).lowercased()
        // An IPv6 address keeps its brackets: its colons are not the port's.
        let end = text.hasPrefix("[") ? text.firstIndex(of: "]").map(text.index(after:)) : text.lastIndex(of: ":")
        return allowedHosts.contains(String(text[..<(end ?? text.endIndex)]))
    }

    // MARK: Dispatch

    /// Starts what an exchange is for; it is completed exactly once.
    func dispatch(_ exchange: Exchange) {
        switch exchange.target {
        case .health: exchange.complete(.failed(.internalServerError, errorType: "misrouted"))
        case .scrape(let route):
            let accepted = admit(scrapesUnderWay, limits.scrapesMax) {
                scrapers.submit {
                    self.scrape(route, exchange)
                }
            }
            if !accepted { exchange.complete(Self.busy) }
        case .blocking(let handler):
            let accepted = admit(handlersUnderWay, limits.handlersMax) {
                handlers.submit {
                    let answer = self.runner.run(exchange, handler)
                    self.handlersUnderWay.subtract(1, ordering: .relaxed)
                    exchange.complete(answer)
                }
            }
            if !accepted { exchange.complete(Self.busy) }
        case .task(let handler):
            let accepted = admit(handlersUnderWay, limits.handlersMax) {
                let task = Task {
                    let answer = await self.runner.run(exchange, handler)
                    self.handlersUnderWay.subtract(1, ordering: .relaxed)
                    exchange.complete(answer)
                }
                exchange.onCancel { task.cancel() }
                return true
            }
            if !accepted { exchange.complete(Self.busy) }
        }
    }

    private static let busy = Answer.response(
        ServerResponse(
            status: .serviceUnavailable,
            headers: ["Content-Type": "text/plain; charset=utf-8", "Retry-After": "1"], body: Array("busy\n".utf8)))

    private func admit(_ underWay: borrowing Atomic<Int>, _ most: Int, _ start: () -> Bool) -> Bool {
        if underWay.add(1, ordering: .relaxed).newValue <= most, start() { return true }
        underWay.subtract(1, ordering: .relaxed)
        return false
    }

    // MARK: Scrapes

    private func scrape(_ route: ScrapeRoute, _ exchange: Exchange) {
        let body = spareBodies.withLock { $0.popLast() } ?? RenderedBody(capacity: 65_536)
        body.buffer.removeAll(keeping: Self.spareBytesMax)
        let contentType = route.render(exchange.request, &body.buffer)
        scrapesUnderWay.subtract(1, ordering: .relaxed)
        exchange.complete(.rendered(.ok, contentType: contentType, body))
    }

    /// Takes a body back once it has been sent.
    func recycle(_ body: RenderedBody) {
        spareBodies.withLock { spares in
            if spares.count < limits.scrapesMax { spares.append(body) }
        }
    }

    // MARK: The access log

    /// Whether requests that the service's own handlers never see are logged: scrapes, refusals, probes that fail.
    var logsEverything: Bool { accessLogScope == .all && accessLog != nil }

    /// Whether a request to such a handler or to the service's own is logged.
    func logs(_ target: RouteTarget) -> Bool {
        accessLog != nil && (accessLogScope == .all || target.isApplication)
    }

    /// Has a thread of its own write the line: whoever stops reading the log must not stop the loops.
    func log(_ observation: RequestObservation, _ outcome: RequestOutcome) {
        guard let accessLog else { return }
        let accepted = admit(linesUnderWay, Self.linesMax) {
            scribe.submit {
                accessLog.end(observation, outcome)
                self.linesUnderWay.subtract(1, ordering: .relaxed)
            }
        }
        if !accepted { statistics.lineDropped() }
    }

    // MARK: The end

    /// Waits for the threads until the deadline; one that a handler holds longer leaves when the handler returns.
    func stop(until deadline: UInt64) {
        for pool in [scrapers, handlers, scribe] { _ = pool.stop(until: deadline) }
    }
}
