// SPDX-License-Identifier: Apache-2.0

/// Writes families as a JSON array with one object each:
///
/// ```
/// [{"name":"jobs_total","type":"counter","help":"Jobs.","unit":null,"samples":[{"labels":{},"value":3}]}]
/// ```
///
/// Histograms have `count`, `sum` and cumulative `buckets`, summaries `quantiles`, state sets `states`. Numbers that JSON
/// has no form for are the strings `"NaN"`, `"+Inf"` and `"-Inf"`.
struct JSONExposition: FamilyWriter {
    private var isFirst = true

    mutating func write(_ family: FamilyParts, scratch: ScrapeScratch, into output: inout ByteBuffer) {
        let start = output.count
        output.append(isFirst ? "[" : ",")
        writeHead(family.description, into: &output)
        let opened = output.count
        let description = family.description
        for part in family.entries {
            let pieces = part.storage.text.json
            part.storage.forEachShown { series in
                if output.count > opened { output.append(UInt8(ascii: ",")) }
                output.append("\n{\"labels\":{")
                output.append(pieces.constantLabels)
                series.forEachLabelValue { index, value in
                    output.append(pieces.labels[index])
                    output.append(jsonEscaping: value)
                    output.append(UInt8(ascii: "\""))
                }
                output.append("},")
                writeValue(description, pieces.inner, series, scratch, into: &output)
                output.append(UInt8(ascii: "}"))
            }
        }
        guard output.count > opened else { return output.truncate(to: start) }
        output.append("]}")
        isFirst = false
    }

    func finish(into output: inout ByteBuffer) {
        output.append(isFirst ? "[]\n" : "]\n")
    }

    private func writeHead(_ description: FamilyDescription, into output: inout ByteBuffer) {
        output.append("{\"name\":")
        output.append(json: description.name)
        output.append(",\"type\":")
        output.append(json: description.kind.rawValue)
        output.append(",\"help\":")
        output.append(json: description.help)
        output.append(",\"unit\":")
        if let unit = description.unit { output.append(json: unit) } else { output.append("null") }
        output.append(",\"samples\":[")
    }

    private func writeValue(
        _ description: borrowing FamilyDescription, _ inner: [[UInt8]], _ series: SeriesReference,
        _ scratch: ScrapeScratch, into output: inout ByteBuffer
    ) {
        switch description.kind {
        case .counter: writeValue(series.counterValue, into: &output)
        case .gauge, .untyped, .info: writeValue(series.plainValue, into: &output)
        case .stateSet:
            let states = series.integer.pointee.load(ordering: .relaxed)
            output.append("\"states\":[")
            writeList(inner, into: &output) { index, output in
                output.append(states & (1 << UInt64(index)) == 0 ? "false" : "true")
            }
        case .histogram:
            let buckets = scratch.buckets(inner.count)
            let reading = series.readHistogram(into: buckets)
            writeTotals(count: reading.count, sum: reading.sum, into: &output)
            output.append(",\"buckets\":[")
            var cumulative: UInt64 = 0
            writeList(inner, into: &output) { index, output in
                cumulative &+= buckets[index]
                output.append(decimal: cumulative)
            }
        case .summary:
            let reading = series.readSummary(quantiles: description.shape.quantiles)
            writeTotals(count: reading.count, sum: reading.sum, into: &output)
            output.append(",\"quantiles\":[")
            writeList(inner, into: &output) { index, output in output.append(jsonValue: reading.values[index]) }
        }
    }

    @inline(__always)
    private func writeValue(_ value: Double, into output: inout ByteBuffer) {
        output.append("\"value\":")
        output.append(jsonValue: value)
    }

    private func writeTotals(count: UInt64, sum: Double, into output: inout ByteBuffer) {
        output.append("\"count\":")
        output.append(decimal: count)
        output.append(",\"sum\":")
        output.append(jsonValue: sum)
    }

    /// Writes an object for each inner label, whose last value `value` writes, and what closes the list.
    @inline(__always)
    private func writeList(
        _ inner: [[UInt8]], into output: inout ByteBuffer, _ value: (Int, inout ByteBuffer) -> Void
    ) {
        for index in inner.indices {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            output.append(inner[index])
            value(index, &output)
            output.append(UInt8(ascii: "}"))
        }
        output.append(UInt8(ascii: "]"))
    }
}

extension ByteBuffer {
    /// Appends a number, or a string for those that JSON has no form for.
    mutating func append(jsonValue value: Double) {
        if value.isFinite { return append(finite: value) }
        append(UInt8(ascii: "\""))
        append(value: value)
        append(UInt8(ascii: "\""))
    }
}
