// SPDX-License-Identifier: Apache-2.0

/// The layout of a line: which names the time, level, message and the rest get, and in which order.
///
/// All layouts keep the same promises: one line each, unique keys, bounded length, no raw control byte.
public struct LogPreset: Sendable, Hashable {
    /// The layout by itself: without payload, so that the hot path copies a byte.
    enum Layout: UInt8, Sendable {
        case seed, ecs, gcp, otel, logfmt, console

        /// Whether a line is an object whose fields are written in place.
        @inline(__always)
        var isJSON: Bool { rawValue < Layout.logfmt.rawValue }

        /// What ends a line, newline aside.
        var closing: StaticString {
            switch self {
            case .seed, .ecs, .gcp: "}"
            case .otel: "}}"
            case .logfmt, .console: ""
            }
        }
    }

    let layout: Layout
    /// Google's project.
    var project: String?
    /// Whether levels are coloured; nil leaves it to the sink.
    var isColoured: Bool?

    private init(_ layout: Layout, project: String? = nil, isColoured: Bool? = nil) {
        self.layout = layout
        self.project = project
        self.isColoured = isColoured
    }

    /// `timestamp`, `level` (upper case), `logger`, `message`, `module`, `function`, `line`, `exception`, then the fields:
    /// the names of Python's loggers, one flat object a line. Lines that the package itself writes (requests, changes of
    /// health, reports of drops) have no module, function and line, in any preset.
    public static let seed = LogPreset(.seed)

    /// Elastic Common Schema: `@timestamp`, `log.level`, `message`, `ecs.version`, `log.logger`, `log.origin...`,
    /// `error...` ([ecs-logging](https://www.elastic.co/guide/en/ecs-logging/overview/current/intro.html)).
    public static let ecs = LogPreset(.ecs)

    /// Google Cloud Logging: `time`, `severity`, `message`, `logging.googleapis.com/sourceLocation` and `/trace`
    /// ([structured logging](https://cloud.google.com/logging/docs/structured-logging)).
    ///
    /// - Parameter project: the project's id; with it the trace is written as the full resource name that the service
    ///   links.
    public static func gcp(project: String? = nil) -> LogPreset { LogPreset(.gcp, project: project) }

    /// The names of OpenTelemetry's log data model: `Timestamp` (nanoseconds, a string), `SeverityText`,
    /// `SeverityNumber`, `InstrumentationScope`, `Body`, `TraceId`, `SpanId`, and everything else under `Attributes`
    /// ([data model](https://opentelemetry.io/docs/specs/otel/logs/data-model/)).
    public static let otel = LogPreset(.otel)

    /// `time=... level=info logger=orders msg="order placed" ... key=value`; objects and arrays are quoted JSON.
    public static let logfmt = LogPreset(.logfmt)

    /// For people: `2026-01-31 23:59:59.123 ERROR orders message key=value`, in UTC, coloured on a terminal.
    public static let console = LogPreset(.console)

    /// `console` with colours always or never.
    public static func console(colours: Bool) -> LogPreset { LogPreset(.console, isColoured: colours) }

    /// The keys that this layout writes itself.
    ///
    /// - Parameter hasTrace: whether lines may carry a trace; without a hook its names belong to the fields.
    func reservedKeys(hasTrace: Bool) -> [String] {
        let trace: [String]
        var keys: [String]
        switch layout {
        case .seed:
            keys = ["timestamp", "level", "logger", "message", "module", "function", "line", "exception"]
            trace = ["trace_id", "span_id"]
        case .ecs:
            keys = [
                "@timestamp", "log.level", "message", "ecs.version", "log.logger", "log.origin.file.name",
                "log.origin.function", "log.origin.file.line", "error.type", "error.message", "error.stack_trace",
            ]
            trace = ["trace.id", "span.id"]
        case .gcp:
            keys = [
                "time", "severity", "message", "logger", "logging.googleapis.com/sourceLocation", "exception",
                "stack_trace",
            ]
            trace = ["logging.googleapis.com/trace", "logging.googleapis.com/spanId"]
        case .otel:
            keys = [
                "code.file.path", "code.function.name", "code.line.number", "exception.type", "exception.message",
                "exception.stacktrace",
            ]
            trace = []
        case .logfmt, .console:
            keys = ["time", "level", "logger", "msg", "function", "line", "error", "error_type", "stack"]
            trace = ["trace_id", "span_id"]
        }
        keys += ["truncated", "original_bytes"]
        return hasTrace ? keys + trace : keys
    }
}

/// The trace that a line belongs to, as the host's tracing knows it.
public struct LogTrace: Sendable, Hashable {
    /// The trace's id, usually 32 hexadecimal digits; cut after 128 bytes.
    public var traceID: String
    /// The span's id, usually 16 hexadecimal digits; cut after 128 bytes.
    public var spanID: String?

    /// Makes a trace reference.
    public init(traceID: String, spanID: String? = nil) {
        self.traceID = Self.bounded(traceID)
        self.spanID = spanID.map(Self.bounded)
    }

    private static func bounded(_ text: String) -> String {
        text.utf8.count <= 128 ? text : String(decoding: text.utf8.prefix(128), as: UTF8.self)
    }
}
