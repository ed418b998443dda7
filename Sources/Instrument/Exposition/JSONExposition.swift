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
        family.forEachShown { series in
            if output.count > opened { output.append(UInt8(ascii: ",")) }
            output.append("\n{\"labels\":{")
            writeLabels(family.description, series, into: &output)
            output.append("},")
            writeValue(family, series, scratch, into: &output)
            output.append("}")
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

    private func writeLabels(
        _ description: FamilyDescription, _ series: SeriesReference, into output: inout ByteBuffer
    ) {
        var isFirst = true
        for (name, value) in description.allLabels(series) {
            if !isFirst { output.append(UInt8(ascii: ",")) }
            isFirst = false
            output.append(json: name)
            output.append(UInt8(ascii: ":"))
            output.append(json: value)
        }
    }

    private func writeValue(
        _ family: FamilyParts, _ series: SeriesReference, _ scratch: ScrapeScratch, into output: inout ByteBuffer
    ) {
        let shape = family.description.shape
        switch family.description.kind {
        case .counter: field("value", series.counterValue, into: &output)
        case .gauge, .untyped, .info: field("value", series.plainValue, into: &output)
        case .stateSet:
            let states = series.integer.pointee.load(ordering: .relaxed)
            list("states", shape.states.indices, into: &output) { index, output in
                output.append("{\"state\":")
                output.append(json: shape.states[index])
                output.append(states & (1 << UInt64(index)) == 0 ? ",\"active\":false}" : ",\"active\":true}")
            }
        case .histogram:
            let buckets = scratch.buckets(family.description.shape.bounds.count + 1)
            let reading = series.readHistogram(into: buckets)
            field("count", Double(reading.count), into: &output)
            output.append(UInt8(ascii: ","))
            field("sum", reading.sum, into: &output)
            output.append(UInt8(ascii: ","))
            var cumulative: UInt64 = 0
            list("buckets", 0..<(shape.bounds.count + 1), into: &output) { index, output in
                cumulative += buckets[index]
                output.append(UInt8(ascii: "{"))
                field("le", index < shape.bounds.count ? shape.bounds[index] : .infinity, into: &output)
                output.append(",\"count\":")
                output.append(decimal: cumulative)
                output.append(UInt8(ascii: "}"))
            }
        case .summary:
            let reading = series.readSummary(quantiles: shape.quantiles)
            field("count", Double(reading.count), into: &output)
            output.append(UInt8(ascii: ","))
            field("sum", reading.sum, into: &output)
            output.append(UInt8(ascii: ","))
            list("quantiles", shape.quantiles.indices, into: &output) { index, output in
                output.append(UInt8(ascii: "{"))
                field("quantile", shape.quantiles[index], into: &output)
                output.append(UInt8(ascii: ","))
                field("value", reading.values[index], into: &output)
                output.append(UInt8(ascii: "}"))
            }
        }
    }

    private func field(_ name: StaticString, _ value: Double, into output: inout ByteBuffer) {
        output.append(UInt8(ascii: "\""))
        output.append(name)
        output.append("\":")
        if !value.isFinite { output.append(UInt8(ascii: "\"")) }
        output.append(value: value)
        if !value.isFinite { output.append(UInt8(ascii: "\"")) }
    }

    private func list(
        _ name: StaticString, _ indices: Range<Int>, into output: inout ByteBuffer,
        _ item: (Int, inout ByteBuffer) -> Void
    ) {
        output.append(UInt8(ascii: "\""))
        output.append(name)
        output.append("\":[")
        for index in indices {
            if index > indices.lowerBound { output.append(UInt8(ascii: ",")) }
            item(index, &output)
        }
        output.append(UInt8(ascii: "]"))
    }
}

extension FamilyDescription {
    /// Names and values of a series' labels, constant ones first.
    func allLabels(_ series: SeriesReference) -> [(name: String, value: String)] {
        constantLabels.map { ($0.name, $0.value) }
            + zip(labels, series.labelValueStrings).map { ($0.name, $1) }
    }
}
