// SPDX-License-Identifier: Apache-2.0

import Instrument

/// Answers the requests of one loop: probes at once from the health snapshot, everything else through workers.
///
/// Touched by its loop's thread alone; what it shares with other threads is in `services`.
final class EndpointResponder: Responder {
    private let services: EndpointServices
    /// The loop it answers for, which owns it.
    private unowned let loop: PollLoop
    private var table = RouteTable()
    /// The series of each route's last GET that was answered at once, most of which are like the one before.
    private var usualSeries: [(status: Int, series: RequestSeries)?] = []
    private var body = ByteBuffer(capacity: 4_096)

    init(_ services: EndpointServices, loop: PollLoop) {
        self.services = services
        self.loop = loop
    }

    /// Takes a new set of routes.
    func use(_ table: RouteTable) {
        self.table = table.unshared()
        usualSeries = Array(repeating: nil, count: table.routes.count)
    }

    var isDraining: Bool {
        switch services.health?.snapshot().phase {
        case .draining, .stopped: true
        default: false
        }
    }

    func begin(
        _ head: borrowing RequestHead, _ bytes: UnsafeRawBufferPointer, on connection: Connection,
        encoding: ResponseEncoder.Context, at nanoseconds: UInt64, encoder: inout ResponseEncoder,
        output: inout ByteBuffer
    ) -> RequestBeginning {
        let method = head.method.bytes(in: bytes)
        guard services.allows(host: head.effectiveHost.bytes(in: bytes)) else {
            let refusal = RequestRefusal(.misdirectedRequest, reason: "not served under this name")
            return refuse(refusal, head, bytes, connection, route: nil, encoding, nanoseconds, &encoder, &output)
        }
        // RFC 9112 3.2.1: a target without a path is for "/".
        let path = head.path.bytes(in: bytes)
        guard let found = path.isEmpty ? Self.root.withUnsafeBytes({ table.find($0) }) : table.find(path) else {
            let refusal = RequestRefusal(.notFound, reason: "not found")
            return refuse(refusal, head, bytes, connection, route: nil, encoding, nanoseconds, &encoder, &output)
        }
        let route = table.routes[found.index]
        let template = route.template.text
        guard let entry = route.target(for: method) else {
            let refusal = RequestRefusal(
                .methodNotAllowed, headers: ["Allow": route.allow], reason: "method not allowed")
            return refuse(refusal, head, bytes, connection, route: template, encoding, nanoseconds, &encoder, &output)
        }
        if let refusal = services.refusal(entry.access, head, bytes, showsDetails: connection.showsDetails) {
            return refuse(refusal, head, bytes, connection, route: template, encoding, nanoseconds, &encoder, &output)
        }
        let target = entry.target
        switch target {
        case .health(let view):
            body.removeAll(keeping: 65_536)
            let question = HealthQuestion(
                snapshot: services.health?.snapshot(), registry: services.health,
                query: QueryParameters(bytes: head.query.bytes(in: bytes)), parameters: found.parameters,
                showsDetails: connection.showsDetails || services.authorizes(head, bytes))
            let status = view.render(question, into: &body)
            encoder.appendHead(
                status, contentType: view.contentType, contentLength: body.count, context: encoding,
                unixSeconds: loop.unixSeconds, to: &output)
            if !encoding.isHead { output.append(body) }
            note(
                head, bytes, connection, route: template, index: found.index, status: status,
                responseBytes: body.count, since: nanoseconds)
            return .answered
        case .scrape, .blocking, .task:
            let exchange = Exchange(
                loop: loop, connection: connection, target: target,
                startNanoseconds: nanoseconds, encoding: encoding)
            exchange.request = ServerRequest(
                head: copy head, bytes: bytes, route: template, parameters: found.parameters,
                peer: connection.peer.host)
            services.requestMetrics?.enter()
            if target.isApplication { services.health?.enterRequest() }
            return .exchange(exchange, bodyBytesMax: target.isApplication ? loop.shared.limits.bodyBytesMax : nil)
        }
    }

    private static let root: [UInt8] = [UInt8(ascii: "/")]

    private func refuse(
        _ refusal: RequestRefusal, _ head: borrowing RequestHead, _ bytes: UnsafeRawBufferPointer,
        _ connection: Connection, route: String?, _ encoding: ResponseEncoder.Context, _ nanoseconds: UInt64,
        _ encoder: inout ResponseEncoder,
        _ output: inout ByteBuffer
    ) -> RequestBeginning {
        encoder.appendHead(
            refusal.status, contentType: "text/plain; charset=utf-8", contentLength: refusal.reason.utf8.count + 1,
            fields: refusal.headers, context: encoding, unixSeconds: loop.unixSeconds, to: &output)
        if !encoding.isHead {
            output.append(refusal.reason)
            output.append(UInt8(ascii: "\n"))
        }
        note(
            head, bytes, connection, route: route, status: refusal.status, responseBytes: refusal.reason.utf8.count + 1,
            since: nanoseconds)
        return .answered
    }

    func dispatch(_ exchange: Exchange) { services.dispatch(exchange) }

    func end(_ exchange: Exchange, _ outcome: ExchangeOutcome) {
        services.requestMetrics?.leave()
        if exchange.target.isApplication { services.health?.leaveRequest() }
        guard let request = exchange.request else { return }
        let duration = outcome.endNanoseconds - min(outcome.endNanoseconds, exchange.startNanoseconds)
        let result = RequestOutcome(
            status: outcome.status, responseBytes: outcome.responseBytes, errorType: outcome.errorType,
            durationNanoseconds: duration)
        services.requestMetrics?.record(
            method: request.method.label, route: request.route, requestBytes: exchange.requestBytes, result,
            trace: exchange.finalObservation?.traceContext)
        guard services.logs(exchange.target) else { return }
        var observation = RequestObservation(
            RequestDescription(
                method: request.method, route: request.route, path: request.path, peer: request.peer,
                requestBytes: exchange.requestBytes), startNanoseconds: exchange.startNanoseconds)
        observation.traceContext = exchange.finalObservation?.traceContext
        observation.requestID = exchange.finalObservation?.requestID
        services.log(observation, result)
    }

    func recycle(_ body: RenderedBody) { services.recycle(body) }

    func reject(_ rejection: RequestRejection) {
        services.requestMetrics?.record(
            method: "_OTHER", route: nil, requestBytes: 0,
            RequestOutcome(
                status: rejection.status.code, responseBytes: 0, errorType: "rejected", durationNanoseconds: 0))
    }

    /// Counts an answer that was given at once, and logs it unless it is a probe that passed.
    private func note(
        _ head: borrowing RequestHead, _ bytes: UnsafeRawBufferPointer, _ connection: Connection, route: String?,
        index: Int? = nil, status: ResponseStatus, responseBytes: Int, since nanoseconds: UInt64
    ) {
        guard services.requestMetrics != nil || services.logsEverything else { return }
        let now = TimeSource.systemMonotonicNanoseconds()
        let outcome = RequestOutcome(
            status: status.code, responseBytes: responseBytes, errorType: nil,
            durationNanoseconds: now - min(now, nanoseconds))
        count(head.method.bytes(in: bytes), route, index, outcome)
        guard services.logsEverything, status.code >= 300 else { return }
        services.log(
            RequestObservation(
                RequestDescription(
                    method: RequestMethod(head.method.string(in: bytes)), route: route,
                    path: head.path.string(in: bytes), peer: connection.peer.host), startNanoseconds: nanoseconds),
            outcome)
    }

    private func count(
        _ method: UnsafeRawBufferPointer, _ route: String?, _ index: Int?, _ outcome: RequestOutcome
    ) {
        guard let index, usualSeries.indices.contains(index), equals(method, "GET") else {
            services.requestMetrics?.record(method: Self.label(method), route: route, requestBytes: 0, outcome)
            return
        }
        if let usual = usualSeries[index], usual.status == outcome.status {
            return usual.series.record(requestBytes: 0, outcome)
        }
        guard let metrics = services.requestMetrics else { return }
        let series = metrics.series(method: "GET", route: route, status: outcome.status, errorType: nil)
        usualSeries[index] = (outcome.status, series)
        series.record(requestBytes: 0, outcome)
    }

    private static func label(_ method: UnsafeRawBufferPointer) -> String {
        if equals(method, "GET") { return "GET" }
        return RequestMethod(String(decoding: method, as: UTF8.self)).label
    }
}
