// SPDX-License-Identifier: Apache-2.0

/// Writes families as length-delimited `io.prometheus.client.MetricFamily` messages.
///
/// See <https://github.com/prometheus/client_model/blob/master/io/prometheus/client/metrics.proto>.
struct ProtobufExposition: FamilyWriter {
    func write(_ family: FamilyParts, scratch: ScrapeScratch, into output: inout ByteBuffer) {
        let start = output.count
        var hasSamples = false
        output.append(delimited: 3) { output in
            let description = family.description
            output.append(field: 1, string: description.exposedName)
            output.append(field: 2, string: description.help)
            output.append(field: 3, varint: Self.type(description.kind))
            for part in family.entries {
                let pieces = part.storage.text.protobuf
                part.storage.forEachShown { series in
                    hasSamples = true
                    writeSeries(description, pieces, series, scratch, into: &output)
                }
            }
            if let unit = description.unit { output.append(field: 5, string: unit) }
        }
        if !hasSamples { output.truncate(to: start) }
    }

    func finish(into output: inout ByteBuffer) {}

    private static func type(_ kind: MetricKind) -> UInt64 {
        switch kind {
        case .counter: 0
        case .gauge, .info, .stateSet: 1
        case .summary: 2
        case .untyped: 3
        case .histogram: 4
        }
    }

    @inline(__always)
    private func writeSeries(
        _ description: borrowing FamilyDescription, _ pieces: borrowing FamilyPieces, _ series: SeriesReference,
        _ scratch: ScrapeScratch, into output: inout ByteBuffer
    ) {
        guard description.kind == .stateSet else {
            return output.append(field: 4, width: description.kind == .histogram ? 2 : 1) { output in
                writeLabels(pieces, series, into: &output)
                writeValue(description, pieces.inner, series, scratch, into: &output)
            }
        }
        let states = series.integer.pointee.load(ordering: .relaxed)
        for index in pieces.inner.indices {
            output.append(field: 4) { output in
                writeLabels(pieces, series, into: &output)
                output.append(pieces.inner[index])
                output.append(field: 2) { $0.append(field: 1, double: states & (1 << UInt64(index)) == 0 ? 0 : 1) }
            }
        }
    }

    @inline(__always)
    private func writeLabels(
        _ pieces: borrowing FamilyPieces, _ series: SeriesReference, into output: inout ByteBuffer
    ) {
        output.append(pieces.constantLabels)
        let labels = pieces.labels
        series.forEachLabelValue { index, value in
            output.append(field: 1) { output in
                output.append(labels[index])
                output.append(field: 2, bytes: value)
            }
        }
    }

    @inline(__always)
    private func writeValue(
        _ description: borrowing FamilyDescription, _ inner: [[UInt8]], _ series: SeriesReference,
        _ scratch: ScrapeScratch, into output: inout ByteBuffer
    ) {
        switch description.kind {
        case .counter:
            output.append(field: 3) { output in
                output.append(field: 1, double: series.counterValue)
                if let exemplar = series.exemplar(bucket: 0) {
                    output.append(field: 2) { writeExemplar(exemplar, into: &$0) }
                }
                writeCreated(series, field: 3, into: &output)
            }
        case .gauge, .info, .stateSet: output.append(field: 2) { $0.append(field: 1, double: series.plainValue) }
        case .untyped: output.append(field: 5) { $0.append(field: 1, double: series.plainValue) }
        case .summary:
            let reading = series.readSummary(quantiles: description.shape.quantiles)
            output.append(field: 4) { output in
                output.append(field: 1, varint: reading.count)
                output.append(field: 2, double: reading.sum)
                for index in inner.indices {
                    output.append(field: 3) { output in
                        output.append(inner[index])
                        output.append(field: 2, double: reading.values[index])
                    }
                }
                writeCreated(series, field: 4, into: &output)
            }
        case .histogram: output.append(field: 7, width: 2) { writeHistogram(inner, series, scratch, into: &$0) }
        }
    }

    private func writeHistogram(
        _ inner: [[UInt8]], _ series: SeriesReference, _ scratch: ScrapeScratch, into output: inout ByteBuffer
    ) {
        let buckets = scratch.buckets(inner.count)
        // Native first: an observation writes classic, then native, so that the classic side has everything seen here.
        let native = series.readNative()
        let reading = series.readHistogram(into: buckets)
        let count = native?.count ?? reading.count
        output.append(field: 1, varint: count)
        output.append(field: 2, double: reading.sum)
        let hasBounds = inner.count > 1
        // Of a purely native histogram the only classic bucket, +Inf, is left out.
        if native == nil || hasBounds {
            let hasExemplars = series.hasExemplars
            var cumulative: UInt64 = 0
            for index in inner.indices {
                cumulative &+= buckets[index]
                output.append(field: 3) { output in
                    output.append(field: 1, varint: index == inner.count - 1 ? count : min(cumulative, count))
                    output.append(inner[index])
                    if hasExemplars, let exemplar = series.exemplar(bucket: index) {
                        output.append(field: 3) { writeExemplar(exemplar, into: &$0) }
                    }
                }
            }
        }
        if let native {
            writeNative(native, into: &output)
            if !hasBounds, let exemplar = series.exemplar(bucket: 0) {
                output.append(field: 16) { writeExemplar(exemplar, into: &$0) }
            }
        }
        writeCreated(series, field: 15, into: &output)
    }

    private func writeNative(_ native: NativeReading, into output: inout ByteBuffer) {
        output.append(field: 5, zigzag: Int64(native.schema))
        output.append(field: 6, double: native.zeroThreshold)
        output.append(field: 7, varint: native.zeroCount)
        writeSpans(native.negative, spanField: 9, deltaField: 10, into: &output)
        writeSpans(native.positive, spanField: 12, deltaField: 13, into: &output)
        // Without any bucket a span of no length tells that this is a native histogram.
        if native.positive.isEmpty, native.negative.isEmpty {
            output.append(field: 12) { output in
                output.append(field: 1, zigzag: 0)
                output.append(field: 2, varint: 0)
            }
        }
    }

    private func writeSpans(
        _ buckets: [NativeReading.Bucket], spanField: UInt64, deltaField: UInt64, into output: inout ByteBuffer
    ) {
        let encoded = NativeSpans(buckets)
        for span in encoded.spans {
            output.append(field: spanField) { output in
                output.append(field: 1, zigzag: Int64(span.offset))
                output.append(field: 2, varint: UInt64(span.length))
            }
        }
        for delta in encoded.deltas { output.append(field: deltaField, zigzag: delta) }
    }

    private func writeExemplar(_ exemplar: Exemplar, into output: inout ByteBuffer) {
        for label in exemplar.labels { output.append(label: label.name, label.value) }
        output.append(field: 2, double: exemplar.value)
        output.append(field: 3) { writeTimestamp(exemplar.unixNanoseconds, into: &$0) }
    }

    private func writeCreated(_ series: SeriesReference, field: UInt64, into output: inout ByteBuffer) {
        output.append(field: field) {
            writeTimestamp(Int64(bitPattern: series.created.pointee.load(ordering: .relaxed)), into: &$0)
        }
    }

    private func writeTimestamp(_ nanoseconds: Int64, into output: inout ByteBuffer) {
        let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        output.append(field: 1, varint: UInt64(bitPattern: seconds))
        output.append(field: 2, varint: UInt64(bitPattern: rest))
    }
}
