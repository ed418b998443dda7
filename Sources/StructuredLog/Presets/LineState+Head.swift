// SPDX-License-Identifier: Apache-2.0

import Instrument

extension LineState {
    /// Writes everything in front of the fields into the empty line.
    @inline(__always)
    mutating func writeHead(
        _ preset: LogPreset, _ head: borrowing LineHead, _ level: LogLevel, _ unixNanoseconds: Int64, _ text: String,
        _ trace: LogTrace?, _ source: LogSource
    ) {
        line.append(head.opening)
        switch preset.kind {
        case .seed, .ecs, .gcp, .logfmt: timestamp.append(unixNanoseconds, to: &line)
        case .otel: line.append(decimal: unixNanoseconds)
        case .console: timestamp.appendSpaced(unixNanoseconds, to: &line)
        }
        head.appendMiddle(level, to: &line)
        writeMessage(text, preset)
        line.append(head.ending)
        if let trace { writeTrace(preset, trace) }
        if case .seed = preset.kind {
            line.append(",\"module\":\"")
            line.append(jsonEscaping: source.module)
            line.append("\",\"function\":\"")
            line.append(jsonEscaping: source.functionName)
            line.append("\",\"line\":")
            line.append(decimal: UInt64(source.line))
        } else {
            writeSource(preset, source)
        }
    }

    @inline(__always)
    private mutating func writeMessage(_ text: String, _ preset: LogPreset) {
        let start = line.count
        if preset.isJSON {
            var text = text
            text.withUTF8 { appendBounded(UnsafeRawBufferPointer($0)) }
        } else {
            writePlainMessage(text, keepsQuotes: preset.isConsole)
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
    private mutating func writeSource(_ preset: LogPreset, _ source: LogSource) {
        switch preset.kind {
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
            line.append(",\"Attributes\":{\"code.file.path\":\"")
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
        case .seed, .console: break
        }
    }

    @inline(never)
    private mutating func writeTrace(_ preset: LogPreset, _ trace: LogTrace) {
        let (traceKey, spanKey): (StaticString, StaticString) =
            switch preset.kind {
            case .seed: (",\"trace_id\":", ",\"span_id\":")
            case .ecs: (",\"trace.id\":", ",\"span.id\":")
            case .gcp: (",\"logging.googleapis.com/trace\":", ",\"logging.googleapis.com/spanId\":")
            case .otel: (",\"TraceId\":", ",\"SpanId\":")
            case .logfmt, .console: (" trace_id=", " span_id=")
            }
        var traceID = trace.traceID
        if case .gcp(let project?) = preset.kind { traceID = "projects/\(project)/traces/\(traceID)" }
        line.append(traceKey)
        if preset.isJSON { line.append(json: traceID) } else { line.append(textValue: traceID) }
        guard let spanID = trace.spanID else { return }
        line.append(spanKey)
        if preset.isJSON { line.append(json: spanID) } else { line.append(textValue: spanID) }
    }

    /// Writes the error's own fields; they give way in a line that is too long.
    @inline(never)
    mutating func writeError(_ preset: LogPreset, _ error: any Error, backtrace: String?) {
        let type = String(reflecting: Swift.type(of: error))
        let text = shared.pointee.redaction.hides(Swift.type(of: error)) ? RedactionTable.replacement : "\(error)"
        switch preset.kind {
        case .seed: writeReserved(preset, "exception", "\(type): \(text)" + (backtrace.map { "\n" + $0 } ?? ""))
        case .gcp:
            writeReserved(preset, "exception", "\(type): \(text)")
            if let backtrace { writeReserved(preset, "stack_trace", backtrace) }
        case .ecs:
            writeReserved(preset, "error.type", type)
            writeReserved(preset, "error.message", text)
            if let backtrace { writeReserved(preset, "error.stack_trace", backtrace) }
        case .otel:
            writeReserved(preset, "exception.type", type)
            writeReserved(preset, "exception.message", text)
            if let backtrace { writeReserved(preset, "exception.stacktrace", backtrace) }
        case .logfmt, .console:
            writeReserved(preset, "error_type", type)
            writeReserved(preset, "error", text)
            if let backtrace { writeReserved(preset, "stack", backtrace) }
        }
    }

    /// Writes a field of the preset's own, past the check for reserved keys.
    private mutating func writeReserved(_ preset: LogPreset, _ key: StaticString, _ text: String) {
        guard preset.isJSON else { return writeText(key, text) }
        let keys = seen
        seen = 0
        // Rules are for the host's fields; the preset's own keep their names and values.
        let rules = redacts
        redacts = false
        if beginField(key) {
            writeString(text)
            endField()
        }
        redacts = rules
        seen |= keys
    }
}
