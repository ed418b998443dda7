// SPDX-License-Identifier: Apache-2.0

import Instrument

/// The fixed parts of a line's head for one label and preset, made once and copied into every line.
///
/// A head is: opening, time, middle (by level), message, ending, then trace and source.
struct LineHead: ~Copyable {
    /// Up to the time.
    let opening: ByteBuffer
    /// Between time and message, by level.
    private let middles: UnsafeMutablePointer<ByteBuffer>
    /// After the message.
    let ending: ByteBuffer
    /// In front of a trace's id.
    let tracePrefix: ByteBuffer

    init(_ preset: LogPreset, label: String) {
        var opening = ByteBuffer(capacity: 32)
        var ending = ByteBuffer(capacity: 64)
        var tracePrefix = ByteBuffer(capacity: 16)
        if let project = preset.project { tracePrefix.append("projects/\(project)/traces/") }
        switch preset.layout {
        case .seed:
            opening.append("{\"timestamp\":\"")
            ending.append("\"")
        case .ecs:
            opening.append("{\"@timestamp\":\"")
            ending.append("\",\"ecs.version\":\"8.11.0\",\"log.logger\":")
            ending.append(json: label)
        case .gcp:
            opening.append("{\"time\":\"")
            ending.append("\",\"logger\":")
            ending.append(json: label)
        case .otel:
            opening.append("{\"Timestamp\":\"")
            ending.append("\"")
        case .logfmt:
            opening.append("time=")
            ending.append("\"")
        case .console: break
        }
        self.opening = opening
        self.ending = ending
        self.tracePrefix = tracePrefix
        middles = .allocate(capacity: LogLevel.allCases.count)
        for level in LogLevel.allCases {
            var middle = ByteBuffer(capacity: 64)
            Self.writeMiddle(preset, label, level, &middle)
            (middles + Int(level.rawValue)).initialize(to: middle)
        }
    }

    deinit {
        middles.deinitialize(count: LogLevel.allCases.count)
        middles.deallocate()
    }

    @inline(__always)
    borrowing func appendMiddle(_ level: LogLevel, to line: inout ByteBuffer) {
        line.append(middles[Int(level.rawValue)])
    }

    private static func writeMiddle(
        _ preset: LogPreset, _ label: String, _ level: LogLevel, _ output: inout ByteBuffer
    ) {
        switch preset.layout {
        case .seed:
            output.append("\",\"level\":\"")
            output.append(level.capitalName)
            output.append("\",\"logger\":")
            output.append(json: label)
            output.append(",\"message\":\"")
        case .ecs:
            output.append("\",\"log.level\":\"")
            output.append(level.description)
            output.append("\",\"message\":\"")
        case .gcp:
            output.append("\",\"severity\":\"")
            output.append(level.googleSeverity)
            output.append("\",\"message\":\"")
        case .otel:
            output.append("\",\"SeverityText\":\"")
            output.append(level.capitalName)
            output.append("\",\"SeverityNumber\":")
            output.append(decimal: UInt64(level.openTelemetryNumber))
            output.append(",\"InstrumentationScope\":{\"Name\":")
            output.append(json: label)
            output.append("},\"Body\":\"")
        case .logfmt:
            output.append(" level=")
            output.append(level.description)
            output.append(" logger=")
            output.append(textValue: label)
            output.append(" msg=\"")
        case .console:
            output.append(" ")
            if preset.isColoured == true { output.append(level.colour) }
            output.append(level.capitalName)
            if preset.isColoured == true { output.append("\u{1B}[0m") }
            output.append(" ")
            output.append(plainText: label)
            output.append(" ")
        }
    }
}

extension LogLevel {
    /// The names of Cloud Logging's `LogSeverity`.
    fileprivate var googleSeverity: StaticString {
        switch self {
        case .trace, .debug: "DEBUG"
        case .info: "INFO"
        case .notice: "NOTICE"
        case .warning: "WARNING"
        case .error: "ERROR"
        case .critical: "CRITICAL"
        }
    }

    /// The first number of the range that OpenTelemetry gives the level; notice is the second of its INFO.
    fileprivate var openTelemetryNumber: Int {
        switch self {
        case .trace: 1
        case .debug: 5
        case .info: 9
        case .notice: 10
        case .warning: 13
        case .error: 17
        case .critical: 21
        }
    }

    /// The ANSI colour that a terminal shows the level in.
    fileprivate var colour: StaticString {
        switch self {
        case .trace, .debug: "\u{1B}[2m"
        case .info: "\u{1B}[32m"
        case .notice: "\u{1B}[36m"
        case .warning: "\u{1B}[33m"
        case .error: "\u{1B}[31m"
        case .critical: "\u{1B}[1;31m"
        }
    }
}
