// SPDX-License-Identifier: Apache-2.0

/// Writes families as Prometheus text 0.0.4 or OpenMetrics 1.0.0, which differ in headers, in the numbers of `le` and
/// `quantile`, and in what only OpenMetrics has: exemplars and creation times.
///
/// See <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format> and
/// <https://prometheus.io/docs/specs/om/open_metrics_spec/>.
struct TextExposition: FamilyWriter {
    let isOpenMetrics: Bool
    let showsCreated: Bool

    func write(_ family: FamilyParts, scratch: ScrapeScratch, into output: inout ByteBuffer) {
        let start = output.count
        output.append(isOpenMetrics ? family.text.openMetricsHeader : family.text.header)
        let samples = output.count
        switch family.description.kind {
        case .counter: writeCounters(family, into: &output)
        case .gauge, .untyped, .info: writeValues(family, into: &output)
        case .stateSet: writeStates(family, into: &output)
        case .histogram: writeHistograms(family, scratch, into: &output)
        case .summary: writeSummaries(family, scratch, into: &output)
        }
        if output.count == samples { output.truncate(to: start) }
    }

    func finish(into output: inout ByteBuffer) {
        if isOpenMetrics { output.append("# EOF\n") }
    }

    private func writeCounters(_ family: FamilyParts, into output: inout ByteBuffer) {
        family.text.name.withUnsafeBytes { name in
            family.forEachShown { series in
                output.append(line: name, series.renderedLabels, series.counterValue)
                if isOpenMetrics {
                    appendExemplar(series.exemplar(bucket: 0), to: &output)
                    appendCreated(family, series, to: &output)
                }
            }
        }
    }

    private func writeValues(_ family: FamilyParts, into output: inout ByteBuffer) {
        family.text.name.withUnsafeBytes { name in
            family.forEachShown { series in
                output.append(line: name, series.renderedLabels, series.plainValue)
            }
        }
    }

    private func writeStates(_ family: FamilyParts, into output: inout ByteBuffer) {
        family.forEachShown { series in
            let states = series.integer.pointee.load(ordering: .relaxed)
            let open = series.openLabels
            for (index, label) in inner(family).enumerated() {
                output.append(family.text.name)
                output.append(open)
                output.append(label)
                output.append(states & (1 << UInt64(index)) == 0 ? "0\n" : "1\n")
            }
        }
    }

    private func writeHistograms(_ family: FamilyParts, _ scratch: ScrapeScratch, into output: inout ByteBuffer) {
        let buckets = scratch.buckets(family.description.shape.bounds.count + 1)
        let labels = inner(family)
        let text = family.text
        family.forEachShown { series in
            let reading = series.readHistogram(into: buckets)
            let open = series.openLabels
            var cumulative: UInt64 = 0
            let hasExemplars = isOpenMetrics && series.hasExemplars
            text.bucketName.withUnsafeBytes { name in
                for index in 0..<labels.count {
                    cumulative &+= buckets[index]
                    labels[index].withUnsafeBytes { output.append(line: name, open, $0, cumulative) }
                    if hasExemplars { appendExemplar(series.exemplar(bucket: index), to: &output) }
                }
            }
            text.sumName.withUnsafeBytes { output.append(line: $0, series.renderedLabels, reading.sum) }
            text.countName.withUnsafeBytes {
                output.append(
                    line: $0, series.renderedLabels, UnsafeRawBufferPointer(start: nil, count: 0), reading.count)
            }
            if isOpenMetrics { appendCreated(family, series, to: &output) }
        }
    }

    private func writeSummaries(_ family: FamilyParts, _ scratch: ScrapeScratch, into output: inout ByteBuffer) {
        let text = family.text
        family.forEachShown { series in
            let reading = series.readSummary(quantiles: family.description.shape.quantiles)
            for (label, value) in zip(inner(family), reading.values) {
                output.append(text.name)
                output.append(series.openLabels)
                output.append(label)
                output.append(value: value)
                output.append(UInt8(ascii: "\n"))
            }
            text.sumName.withUnsafeBytes { output.append(line: $0, series.renderedLabels, reading.sum) }
            text.countName.withUnsafeBytes {
                output.append(
                    line: $0, series.renderedLabels, UnsafeRawBufferPointer(start: nil, count: 0), reading.count)
            }
            if isOpenMetrics { appendCreated(family, series, to: &output) }
        }
    }

    private func inner(_ family: FamilyParts) -> [[UInt8]] {
        isOpenMetrics ? family.text.openMetricsInner : family.text.inner
    }

    /// Puts an exemplar behind the sample just written: ` # {trace_id="x"} 0.3 1700000000.5`.
    private func appendExemplar(_ exemplar: Exemplar?, to output: inout ByteBuffer) {
        guard let exemplar else { return }
        output.truncate(to: output.count - 1)
        output.append(" # ")
        exemplar.appendLabels(to: &output)
        output.append(UInt8(ascii: " "))
        output.append(value: exemplar.value)
        output.append(UInt8(ascii: " "))
        output.append(seconds: exemplar.unixNanoseconds)
        output.append(UInt8(ascii: "\n"))
    }

    private func appendCreated(_ family: FamilyParts, _ series: SeriesReference, to output: inout ByteBuffer) {
        guard showsCreated else { return }
        output.append(family.text.createdName)
        output.append(series.renderedLabels)
        output.append(seconds: Int64(bitPattern: series.created.pointee.load(ordering: .relaxed)))
        output.append(UInt8(ascii: "\n"))
    }
}

extension ByteBuffer {
    /// Appends name, labels, value and a line feed.
    @inline(__always)
    fileprivate mutating func append(
        line name: UnsafeRawBufferPointer, _ labels: UnsafeRawBufferPointer, _ value: Double
    ) {
        reserve(name.count &+ labels.count &+ 32)
        append(name)
        append(labels)
        append(value: value)
        append(UInt8(ascii: "\n"))
    }

    /// Appends name, labels, an inner label, a count and a line feed.
    @inline(__always)
    fileprivate mutating func append(
        line name: UnsafeRawBufferPointer, _ labels: UnsafeRawBufferPointer, _ inner: UnsafeRawBufferPointer,
        _ count: UInt64
    ) {
        reserve(name.count &+ labels.count &+ inner.count &+ 32)
        append(name)
        append(labels)
        append(inner)
        append(decimal: count)
        append(UInt8(ascii: "\n"))
    }

    /// Appends Unix nanoseconds as seconds with three decimals.
    mutating func append(seconds nanoseconds: Int64) {
        let milliseconds = nanoseconds / 1_000_000
        if milliseconds < 0 { append(UInt8(ascii: "-")) }
        append(decimal: milliseconds.magnitude / 1_000)
        append(UInt8(ascii: "."))
        append(decimal: milliseconds.magnitude % 1_000, width: 3)
    }
}
