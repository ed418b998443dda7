// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument

extension LineState {
    /// Writes everything in front of the fields into the empty line.
    @inline(__always)
    mutating func writeHead(
        _ layout: LogPreset.Layout, _ head: borrowing LineHead, _ level: LogLevel, _ unixNanoseconds: Int64,
        _ text: String,
        _ trace: LogTrace?, _ source: LogSource
    ) {
        line.append(head.opening)
        switch layout {
        case .seed, .ecs, .gcp, .logfmt: timestamp.append(unixNanoseconds, to: &line)
        case .otel: line.append(decimal: unixNanoseconds)
        case .console: timestamp.appendSpaced(unixNanoseconds, to: &line)
        }
        head.appendMiddle(level, to: &line)
        writeMessage(text, layout)
        line.append(head.ending)
        if let trace { writeTrace(layout, head.tracePrefix.makeString(), trace) }
        if layout == .otel { openAttributesObject() }
        guard source.isWritten, !sources.append(source, layout, to: &line) else { return }
        let start = line.count
        writeSource(layout, source)
        sources.keep(source, layout, line, from: start)
    }

    @inline(never)
    private mutating func openAttributesObject() {
        line.append(",\"Attributes\":{")
        attributesStart = line.count
    }

    @inline(__always)
    private mutating func writeMessage(_ text: String, _ layout: LogPreset.Layout) {
        let start = line.count
        if layout.isJSON {
            appendBounded(text)
        } else {
            writePlainMessage(text, keepsQuotes: layout == .console)
        }
        message = start..<line.count
    }

    @inline(never)
    private mutating func writePlainMessage(_ text: String, keepsQuotes: Bool) {
        let limit = shared.pointee.lineBytesMax
        if text.utf8.count <= limit { return line.append(plainText: text, keepsQuotes: keepsQuotes) }
        line.append(plainText: String(decoding: text.utf8.prefix(limit), as: UTF8.self), keepsQuotes: keepsQuotes)
        skippedBytes += text.utf8.count - limit
    }

    @inline(never)
    private mutating func writeSource(_ layout: LogPreset.Layout, _ source: LogSource) {
        switch layout {
        case .seed:
            line.append(",\"module\":\"")
            line.append(jsonEscaping: source.module)
            line.append("\",\"function\":\"")
            line.append(jsonEscaping: source.functionName)
            line.append("\",\"line\":")
            line.append(decimal: UInt64(source.line))
        case .ecs:
            line.append(",\"log.origin.file.name\":\"")
            line.append(jsonEscaping: source.file)
            line.append("\",\"log.origin.function\":\"")
            line.append(jsonEscaping: source.functionName)
            line.append("\",\"log.origin.file.line\":")
            line.append(decimal: UInt64(source.line))
        case .gcp:
            line.append(",\"logging.googleapis.com/sourceLocation\":{\"file\":\"")
            line.append(jsonEscaping: source.file)
            line.append("\",\"line\":\"")
            line.append(decimal: UInt64(source.line))
            line.append("\",\"function\":\"")
            line.append(jsonEscaping: source.functionName)
            line.append("\"}")
        case .otel:
            line.append("\"code.file.path\":\"")
            line.append(jsonEscaping: source.file)
            line.append("\",\"code.function.name\":\"")
            line.append(jsonEscaping: source.functionName)
            line.append("\",\"code.line.number\":")
            line.append(decimal: UInt64(source.line))
        case .logfmt:
            line.append(" function=\"")
            line.append(jsonEscaping: source.functionName)
            line.append("\" line=")
            line.append(decimal: UInt64(source.line))
        case .console: break
        }
    }

    @inline(never)
    private mutating func writeTrace(_ layout: LogPreset.Layout, _ prefix: String, _ trace: LogTrace) {
        let (traceKey, spanKey): (StaticString, StaticString) =
            switch layout {
            case .seed: (",\"trace_id\":", ",\"span_id\":")
            case .ecs: (",\"trace.id\":", ",\"span.id\":")
            case .gcp: (",\"logging.googleapis.com/trace\":", ",\"logging.googleapis.com/spanId\":")
            case .otel: (",\"TraceId\":", ",\"SpanId\":")
            case .logfmt, .console: (" trace_id=", " span_id=")
            }
        let traceID = prefix.isEmpty ? trace.traceID : prefix + trace.traceID
        line.append(traceKey)
        if layout.isJSON { line.append(json: traceID) } else { line.append(textValue: traceID) }
        guard let spanID = trace.spanID else { return }
        line.append(spanKey)
        if layout.isJSON { line.append(json: spanID) } else { line.append(textValue: spanID) }
    }

    /// Writes the error's own fields; they give way in a line that is too long.
    @inline(never)
    mutating func writeError(_ layout: LogPreset.Layout, _ error: any Error, backtrace: String?) {
        let type = Self.name(of: Swift.type(of: error))
        let text = shared.pointee.redaction.hides(Swift.type(of: error)) ? RedactionTable.replacement : "\(error)"
        switch layout {
        case .seed: writeReserved(layout, "exception", "\(type): \(text)" + (backtrace.map { "\n" + $0 } ?? ""))
        case .gcp:
            writeReserved(layout, "exception", "\(type): \(text)")
            if let backtrace { writeReserved(layout, "stack_trace", backtrace) }
        case .ecs:
            writeReserved(layout, "error.type", type)
            writeReserved(layout, "error.message", text)
            if let backtrace { writeReserved(layout, "error.stack_trace", backtrace) }
        case .otel:
            writeReserved(layout, "exception.type", type)
            writeReserved(layout, "exception.message", text)
            if let backtrace { writeReserved(layout, "exception.stacktrace", backtrace) }
        case .logfmt, .console:
            writeReserved(layout, "error_type", type)
            writeReserved(layout, "error", text)
            if let backtrace { writeReserved(layout, "stack", backtrace) }
        }
    }

    /// A type's full name, without the addresses that stand for private contexts and differ from run to run.
    private static func name(of type: Any.Type) -> String {
        var name = String(reflecting: type)
        while let start = name.range(of: "(unknown context at $"),
            let end = name.range(of: ").", range: start.upperBound..<name.endIndex)
        {
            name.removeSubrange(start.lowerBound..<end.upperBound)
        }
        return name
    }

    /// Writes a field of the preset's own, past the check for reserved keys.
    private mutating func writeReserved(_ layout: LogPreset.Layout, _ key: StaticString, _ text: String) {
        guard layout.isJSON else { return writeText(key, text) }
        let keys = seen
        seen = KeySet()
        // Rules are for the host's fields; the preset's own keep their names and values.
        let rules = redacts
        redacts = false
        if beginField(key) {
            writeString(text)
            endField()
        }
        redacts = rules
        seen.formUnion(keys)
    }
}
