// SPDX-License-Identifier: Apache-2.0

import Instrument

/// Counts and times requests, by method, route template and status.
///
/// Nothing that a client chooses becomes a label's value: the route is a template or `unmatched`, and an unknown
/// method is `_OTHER`. Types of errors are bounded too: those past the first 64 are `other`.
public struct RequestMetrics: RequestMiddleware {
    /// Under which names.
    public enum Convention: String, Sendable, CaseIterable {
        /// `http_requests_total{method,endpoint,status}`, `http_request_duration_seconds{method,endpoint}`, the summaries
        /// `http_request_size_bytes` and `http_response_size_bytes`, and `http_requests_in_flight`.
        case classic
        /// `http_server_request_duration_seconds` with OpenTelemetry's labels
        /// ([HTTP metrics](https://opentelemetry.io/docs/specs/semconv/http/http-metrics/)), its body sizes and
        /// `http_server_active_requests`.
        case openTelemetry
    }

    /// The route's label of a request that no route matched.
    public static let unmatched = "unmatched"

    private enum Series: Sendable {
        case classic(ClassicRequestMetrics)
        case openTelemetry(OpenTelemetryRequestMetrics)
    }

    private let series: Series
    private let inFlight: Gauge

    /// Registers the metrics.
    ///
    /// - Parameters:
    ///   - registry: where they are shown.
    ///   - convention: under which names.
    ///   - buckets: of the duration histogram; nil takes the convention's own.
    /// - Throws: `MetricError` when a name is taken by a metric of another shape.
    public init(
        _ registry: MetricRegistry, convention: Convention = .classic, buckets: HistogramBuckets? = nil
    ) throws(MetricError) {
        switch convention {
        case .classic:
            series = .classic(try ClassicRequestMetrics(registry, buckets: buckets ?? .default))
            inFlight = try registry.gauge("http_requests_in_flight", help: "Requests in handlers now.")
        case .openTelemetry:
            series = .openTelemetry(
                try OpenTelemetryRequestMetrics(registry, buckets: buckets ?? OpenTelemetryRequestMetrics.buckets))
            inFlight = try registry.gauge("http_server_active_requests", help: "Requests in handlers now.")
        }
    }

    /// Counts a request as in flight.
    public func begin(_ observation: inout RequestObservation) { enter() }

    /// Counts and times a request.
    public func end(_ observation: RequestObservation, _ outcome: RequestOutcome) {
        leave()
        record(
            method: observation.request.method.label, route: observation.request.route,
            requestBytes: observation.request.requestBytes, outcome, trace: observation.traceContext)
    }

    func enter() { inFlight.increment() }

    func leave() { inFlight.decrement() }

    /// Counts one request.
    ///
    /// - Parameter method: a label's value: see ``RequestMethod/label``.
    func record(
        method: String, route: String?, requestBytes: Int, _ outcome: RequestOutcome, trace: TraceContext? = nil
    ) {
        series(method: method, route: route, status: outcome.status, errorType: outcome.errorType)
            .record(requestBytes: requestBytes, outcome, trace: trace)
    }

    /// The series of one kind of request, for those who count many of a kind.
    func series(method: String, route: String?, status: Int, errorType: String?) -> RequestSeries {
        switch series {
        case .classic(let metrics): metrics.series(method, route ?? Self.unmatched, status)
        case .openTelemetry(let metrics): metrics.series(method, route ?? Self.unmatched, status, errorType)
        }
    }
}

/// The handles of one kind of request.
enum RequestSeries: Sendable {
    case classic(Counter, duration: Histogram, requestSize: Summary, responseSize: Summary)
    case openTelemetry(duration: Histogram, requestSize: Histogram, responseSize: Histogram)

    func record(requestBytes: Int, _ outcome: RequestOutcome, trace: TraceContext? = nil) {
        switch self {
        case .classic(let requests, let duration, let requestSize, let responseSize):
            requests.increment()
            duration.observe(outcome.durationNanoseconds, trace)
            requestSize.observe(requestBytes)
            responseSize.observe(outcome.responseBytes)
        case .openTelemetry(let duration, let requestSize, let responseSize):
            duration.observe(outcome.durationNanoseconds, trace)
            requestSize.observe(requestBytes)
            responseSize.observe(outcome.responseBytes)
        }
    }
}

/// The convention of Prometheus' own client libraries.
struct ClassicRequestMetrics: Sendable {
    private let requests: Family<Counter, (String, String, String)>
    private let durations: Family<Histogram, (String, String)>
    private let requestSizes: Family<Summary, (String, String)>
    private let responseSizes: Family<Summary, (String, String)>

    init(_ registry: MetricRegistry, buckets: HistogramBuckets) throws(MetricError) {
        requests = try registry.counter(
            "http_requests_total", help: "Requests answered.", labels: "method", "endpoint", "status")
        durations = try registry.histogram(
            "http_request_duration_seconds", help: "From a request's head to the end of its response's body.",
            buckets: buckets, labels: "method", "endpoint")
        requestSizes = try registry.summary(
            "http_request_size_bytes", help: "Bytes of request bodies.", labels: "method", "endpoint")
        responseSizes = try registry.summary(
            "http_response_size_bytes", help: "Bytes of response bodies.", labels: "method", "endpoint")
    }

    func series(_ method: String, _ route: String, _ status: Int) -> RequestSeries {
        .classic(
            requests.with(method, route, StatusLabel.text(status)), duration: durations.with(method, route),
            requestSize: requestSizes.with(method, route), responseSize: responseSizes.with(method, route))
    }
}

/// OpenTelemetry's semantic conventions, stable since 1.23.
struct OpenTelemetryRequestMetrics: Sendable {
    /// The boundaries that the convention asks for.
    static let buckets: HistogramBuckets = [
        0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
    ]

    private let durations: Family<Histogram, (String, String, String, String)>
    private let requestSizes: Family<Histogram, (String, String, String, String)>
    private let responseSizes: Family<Histogram, (String, String, String, String)>
    private let errorTypes = BoundedNames(most: 64)

    init(_ registry: MetricRegistry, buckets: HistogramBuckets) throws(MetricError) {
        func family(
            _ name: String, _ help: String, _ buckets: HistogramBuckets
        ) throws(MetricError) -> Family<Histogram, (String, String, String, String)> {
            try registry.histogram(
                name, help: help, buckets: buckets, labels: "http_request_method", "http_route",
                "http_response_status_code", "error_type")
        }
        durations = try family(
            "http_server_request_duration_seconds", "From a request's head to the end of its response's body.", buckets)
        requestSizes = try family("http_server_request_body_size_bytes", "Bytes of request bodies.", .bytes)
        responseSizes = try family("http_server_response_body_size_bytes", "Bytes of response bodies.", .bytes)
    }

    func series(_ method: String, _ route: String, _ status: Int, _ errorType: String?) -> RequestSeries {
        let text = StatusLabel.text(status)
        // The convention: a status of 500 and above is an error of its own name when nothing better is known.
        let error = errorType.map(errorTypes.bounded) ?? (status >= 500 ? text : "")
        return .openTelemetry(
            duration: durations.with(method, route, text, error),
            requestSize: requestSizes.with(method, route, text, error),
            responseSize: responseSizes.with(method, route, text, error))
    }
}

extension Histogram {
    /// Observes a duration; with the trace as exemplar if somebody records it.
    fileprivate func observe(_ nanoseconds: UInt64, _ trace: TraceContext?) {
        guard let trace, trace.isSampled else { return observe(nanoseconds: Int64(clamping: nanoseconds)) }
        observe(Double(nanoseconds) / 1e9, exemplar: ["trace_id": trace.traceID, "span_id": trace.spanID])
    }
}

/// Lets the first so many names pass and calls the rest `other`.
private final class BoundedNames: Sendable {
    private let most: Int
    private let known = Lock<Set<String>>([])

    init(most: Int) { self.most = most }

    func bounded(_ name: String) -> String {
        known.withLock { known in
            if known.contains(name) { return name }
            guard known.count < most else { return "other" }
            known.insert(name)
            return name
        }
    }
}

/// The statuses as text, made once.
enum StatusLabel {
    private static let texts = (0...599).map(String.init)

    /// The label of a status; anything outside 100...599 is `500`.
    static func text(_ status: Int) -> String { texts[100...599 ~= status ? status : 500] }
}
