// SPDX-License-Identifier: Apache-2.0

/// Writes families as Prometheus text 0.0.4.
///
/// See <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>.
struct PrometheusText {
    /// Room for a histogram's buckets.
    private var counts: [UInt64] = []

    /// Appends a family: its header once, then every shown series in order of creation. A family without a shown series
    /// is left out.
    mutating func write(_ family: FamilyStorage, into output: inout ByteBuffer) {
        let start = output.count
        output.append(family.text.header)
        let samples = output.count
        switch family.description.kind {
        case .counter, .untyped: writeCounters(family, into: &output)
        case .gauge, .info, .stateSet, .summary: writeGauges(family, into: &output)
        case .histogram: writeHistograms(family, into: &output)
        }
        if output.count == samples { output.truncate(to: start) }
    }

    private func writeCounters(_ family: FamilyStorage, into output: inout ByteBuffer) {
        family.text.name.withUnsafeBytes { name in
            family.slabs.forEach { series in
                guard family.isShown(series) else { return }
                output.append(name)
                output.append(series.renderedLabels)
                output.append(value: series.counterValue)
                output.append(UInt8(ascii: "\n"))
            }
        }
    }

    private func writeGauges(_ family: FamilyStorage, into output: inout ByteBuffer) {
        family.text.name.withUnsafeBytes { name in
            family.slabs.forEach { series in
                guard family.isShown(series) else { return }
                output.append(name)
                output.append(series.renderedLabels)
                output.append(value: series.floatingTotal)
                output.append(UInt8(ascii: "\n"))
            }
        }
    }

    private mutating func writeHistograms(_ family: FamilyStorage, into output: inout ByteBuffer) {
        let text = family.text
        counts = [UInt64](repeating: 0, count: text.bucketLabels.count)
        counts.withUnsafeMutableBufferPointer { counts in
            let buckets = counts.baseAddress!
            family.slabs.forEach { series in
                guard family.isShown(series) else { return }
                let reading = series.readHistogram(into: buckets)
                let rendered = series.renderedLabels
                // Without labels the text is one space; else it ends in "} ", which `,le="…"} ` takes the place of.
                let open = UnsafeRawBufferPointer(rebasing: rendered.dropLast(rendered.count > 1 ? 2 : 1))
                var cumulative: UInt64 = 0
                for (index, label) in text.bucketLabels.enumerated() {
                    cumulative &+= buckets[index]
                    output.append(text.bucketName)
                    output.append(open)
                    output.append(label)
                    output.append(decimal: cumulative)
                    output.append(UInt8(ascii: "\n"))
                }
                output.append(text.sumName)
                output.append(rendered)
                output.append(value: reading.sum)
                output.append(UInt8(ascii: "\n"))
                output.append(text.countName)
                output.append(rendered)
                output.append(decimal: reading.count)
                output.append(UInt8(ascii: "\n"))
            }
        }
    }
}
