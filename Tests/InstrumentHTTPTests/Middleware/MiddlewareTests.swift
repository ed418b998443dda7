// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument
import InstrumentHTTP
import StructuredLog
import TestSupport
import Testing

@Suite struct MiddlewareTests {
    private let request = RequestDescription(method: .get, route: "/x")

    @Test(
        "W3C Trace Context 3.2: what is continued",
        arguments: [
            ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", true),
            ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00", true),
            ("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-comes", true),
            ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x", false),
            ("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01.x", false),
            ("ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false),
            ("00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false),
            ("00-00000000000000000000000000000000-b7ad6b7169203331-01", false),
            ("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", false),
            ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0", false),
            ("00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false), ("", false),
        ])
    func traceparent(field: String, isContinued: Bool) {
        #expect((TraceContext(traceparent: field) != nil) == isContinued)
    }

    @Test func aContinuedTraceKeepsItsIdAndGetsANewSpan() throws {
        let field = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        let trace = try #require(TraceContext(traceparent: field))
        #expect(trace.traceID == "0af7651916cd43dd8448eb211c80319c")
        #expect(trace.parentSpanID == "b7ad6b7169203331")
        #expect(trace.spanID != trace.parentSpanID)
        #expect(trace.isSampled)
        #expect(trace.traceparent == "00-\(trace.traceID)-\(trace.spanID)-01")
        #expect(TraceContext(traceparent: TraceContext.beginning().traceparent) != nil)
    }

    @Test func requestsCarryTraceAndNameIntoLogsHandlersAndAnswers() async throws {
        let target = LogCapture()
        let log = try StructuredLogger("test", output: LogOutput(.capture(target)))
        let metrics = MetricRegistry()
        let server = try InstrumentServer(
            metrics: metrics, log: log,
            configuration: .testing { $0.middleware = [TraceContextMiddleware(), RequestIdentity()] })
        try server.route(.get, "/sync") { request in
            log.info("inside")
            return .text("\(request.traceContext?.traceID ?? "-") \(request.requestID ?? "-")")
        }
        try server.route(.get, "/async") { request in
            await Task.yield()
            log.info("inside")
            throw ServerResponse.text(
                "\(request.traceContext?.traceID ?? "-") \(request.requestID ?? "-")", status: 418)
        }
        let trace = "0af7651916cd43dd8448eb211c80319c"
        let fields = "traceparent: 00-\(trace)-b7ad6b7169203331-01\r\nX-Request-Id: r-1\r\n"
        let (sync, async, bad, scraped) = try await withServer(server) { server in
            let client = try TestClient(port: server.port)
            return (
                try client.get("/sync", fields: fields), try client.get("/async", fields: fields),
                try client.get("/sync", fields: "X-Request-Id: a\"b\r\n"),
                try client.get("/metrics", fields: "Accept: application/openmetrics-text\r\n").body
            )
        }
        #expect(sync.body == "\(trace) r-1")
        #expect(sync.fields["x-request-id"] == "r-1")
        #expect(async.body == "\(trace) r-1")
        #expect(async.status == 418)
        #expect(bad.fields["x-request-id"]?.count == 32)
        _ = log.flush(deadline: .seconds(5))
        let inside = target.lines.filter { $0.contains("\"inside\"") && $0.contains(trace) && $0.contains("\"r-1\"") }
        #expect(inside.count == 2)
        let access = target.lines.filter { $0.contains("\"message\":\"request\"") && $0.contains("\"r-1\"") }
        #expect(access.count == 2)
        #expect(scraped.contains("# {trace_id=\"\(trace)\""))
    }

    @Test func theAccessLogLeavesPassingProbesOut() async throws {
        let target = LogCapture()
        let log = try StructuredLogger("test", output: LogOutput(.capture(target)))
        let server = try InstrumentServer(
            metrics: MetricRegistry(), log: log, configuration: .testing { $0.accessLog = .all })
        try server.route(.get, "/items/:id") { _ in .text("item") }
        _ = try await withServer(server) { server in
            let client = try TestClient(port: server.port)
            return try ["/livez", "/items/7?q=secret", "/metrics", "/nowhere"].map { try client.get($0).status }
        }
        _ = log.flush(deadline: .seconds(5))
        let lines = target.lines.filter { $0.contains("\"message\":\"request\"") }
        #expect(lines.count == 3)
        #expect(!lines.contains { $0.contains("\"module\"") || $0.contains("\"line\"") })
        #expect(lines.contains { $0.contains(#""route":"/items/:id""#) && $0.contains(#""path":"/items/7""#) })
        #expect(lines.contains { $0.contains(#""status":404"#) })
        #expect(!target.lines.contains { $0.contains("secret") || $0.contains("livez") })
    }

    @Test func theConcurrencyLimitRefusesTheNextAndRecovers() throws {
        let limit = ConcurrencyLimit(2, retryAfterSeconds: 7)
        let chain = MiddlewareChain([limit])
        let first = try chain.begin(request)
        let second = try chain.begin(request)
        do {
            _ = try chain.begin(request)
            Issue.record("let a third in")
        } catch {
            #expect(error.status == 503)
            #expect(error.headers["Retry-After"] == "7")
        }
        #expect(limit.inFlight == 2)
        chain.end(first, status: 200, responseBytes: 0)
        _ = try chain.begin(request)
        chain.end(second, status: 200, responseBytes: 0)
        #expect(limit.inFlight == 1)
    }

    @Test func theCredentialCheckAnswers401() throws {
        var credentials = EndpointCredentials()
        try credentials.add(token: "correct-horse")
        let chain = MiddlewareChain([CredentialCheck(credentials)])
        var request = request
        #expect(throws: RequestRefusal.self) { try chain.begin(request) }
        request.headers["Authorization"] = "Bearer correct-horse"
        #expect(throws: Never.self) { try chain.begin(request) }
    }

    @Test func aTimeoutAnswersAndCancelsTheHandler() async throws {
        let patient = RequestTimeout(.seconds(60))
        #expect(try await patient.run { 7 } == 7)
        let timeout = RequestTimeout(.milliseconds(20))
        let (cancelled, tell) = AsyncStream<Void>.makeStream()
        do {
            try await timeout.run {
                defer { tell.finish() }
                try await untilCancelled()
            }
            Issue.record("no timeout")
        } catch let refusal as RequestRefusal {
            #expect(refusal.status == 503)
        }
        for await _ in cancelled {}
        struct Broken: Error {}
        await #expect(throws: Broken.self) { try await patient.run { throw Broken() } }
    }

    @Test func cancellingTheCallerOfATimeoutCancelsTheHandler() async throws {
        let timeout = RequestTimeout(.seconds(60))
        let (begun, tell) = AsyncStream<Void>.makeStream()
        let task = Task {
            try await timeout.run {
                tell.finish()
                try await untilCancelled()
            }
        }
        for await _ in begun {}
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func requestDurationsHaveTheBucketsOfTheConfiguration() async throws {
        let metrics = MetricRegistry()
        let server = try InstrumentServer(
            metrics: metrics, configuration: .testing { $0.requestDurationBuckets = [0.25, 60] })
        let body = try await withServer(server) { server in
            let client = try TestClient(port: server.port)
            _ = try client.get("/livez")
            return try client.get("/metrics").body
        }
        let bounds = body.split(separator: "\n").compactMap { line -> Substring? in
            guard line.hasPrefix(#"http_request_duration_seconds_bucket{method="GET",endpoint="/livez""#) else {
                return nil
            }
            return line.split(separator: "le=").last
        }
        #expect(bounds.map { $0.prefix { $0 != "}" } } == [#""0.25""#, #""60""#, #""+Inf""#])
    }

    @Test func openTelemetryNamesAndLabels() async throws {
        let metrics = MetricRegistry()
        let server = try InstrumentServer(
            metrics: metrics, configuration: .testing { $0.requestMetrics = .openTelemetry })
        struct Broken: Error {}
        try server.route(.get, "/items/:id") { request in
            if request.parameters["id"] == "bad" { throw Broken() }
            return .text("item")
        }
        let body = try await withServer(server) { server in
            let client = try TestClient(port: server.port)
            for path in ["/items/1", "/items/bad"] { _ = try client.get(path) }
            return try client.get("/metrics").body
        }
        let name = "http_server_request_duration_seconds_count"
        #expect(
            body.contains(
                #"\#(name){http_request_method="GET",http_route="/items/:id",http_response_status_code="200",error_type=""} 1"#
            ))
        #expect(
            body.contains(
                #"\#(name){http_request_method="GET",http_route="/items/:id",http_response_status_code="500",error_type="Broken"} 1"#
            ))
        #expect(body.contains(#"le="0.075""#))
        #expect(body.contains("http_server_active_requests 1\n"))
    }
}
