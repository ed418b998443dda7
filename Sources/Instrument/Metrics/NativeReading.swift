// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A native histogram as one scrape sees it; its count is exactly the sum of its buckets.
struct NativeReading: Equatable {
    /// One bucket in use.
    struct Bucket: Equatable {
        /// The bucket's number, see ``LogScale``.
        var index: Int
        /// Observations in this bucket alone.
        var count: UInt64
    }

    var schema: Int
    var zeroThreshold: Double
    var zeroCount: UInt64
    /// Buckets of positive and negative values, ascending by index.
    var positive: [Bucket]
    var negative: [Bucket]

    /// Observations in all buckets.
    var count: UInt64 { (positive + negative).reduce(zeroCount) { $0 + $1.count } }

    /// The same at a coarser schema and a wider zero bucket.
    func coarsened(schema coarser: Int, zeroThreshold wider: Double) -> NativeReading {
        var reading = NativeReading(
            schema: coarser, zeroThreshold: wider, zeroCount: zeroCount, positive: [], negative: [])
        let scale = LogScale.of(schema: coarser)
        func fold(_ buckets: [Bucket], into folded: inout [Bucket], zero: inout UInt64) {
            for bucket in buckets {
                let index = LogScale.fold(bucket.index, by: schema - coarser)
                if scale.upperBound(index) <= wider {
                    zero += bucket.count
                } else if folded.last?.index == index {
                    folded[folded.count - 1].count += bucket.count
                } else {
                    folded.append(Bucket(index: index, count: bucket.count))
                }
            }
        }
        fold(positive, into: &reading.positive, zero: &reading.zeroCount)
        fold(negative, into: &reading.negative, zero: &reading.zeroCount)
        return reading
    }
}

/// Buckets as protobuf carries them: runs, and differences between counts.
struct NativeSpans: Equatable {
    /// A run of buckets: how far it lies behind the end of the one before, and how many buckets it has.
    struct Span: Equatable {
        var offset: Int
        var length: Int
    }

    private(set) var spans: [Span] = []
    private(set) var deltas: [Int64] = []

    /// Gaps of one or two buckets are filled: a delta is shorter than a span.
    init(_ buckets: [NativeReading.Bucket]) {
        var next = 0
        var last: Int64 = 0
        for bucket in buckets {
            let gap = bucket.index - next
            if spans.isEmpty || gap > 2 {
                spans.append(Span(offset: gap, length: 0))
            } else {
                for _ in 0..<gap {
                    deltas.append(-last)
                    last = 0
                    spans[spans.count - 1].length += 1
                }
            }
            deltas.append(Int64(bitPattern: bucket.count) - last)
            last = Int64(bitPattern: bucket.count)
            spans[spans.count - 1].length += 1
            next = bucket.index + 1
        }
    }
}

extension SeriesReference {
    /// Reads the native side of a histogram; nil when it has none.
    func readNative() -> NativeReading? {
        guard let native = head.pointee.storage._withUnsafeGuaranteedRef({ $0.description.shape.native }) else {
            return nil
        }
        let bucketCount = head.pointee.bucketCount
        let settings = NativeSettings(self, bucketCount: bucketCount)
        while true {
            let version = settings.version.pointee.load(ordering: .acquiring)
            let reading = readNative(settings, bucketCount)
            atomicMemoryFence(ordering: .acquiring)
            guard settings.version.pointee.load(ordering: .relaxed) == version else { continue }
            // Lanes within their limit can exceed it together; the settings then change for all of them.
            guard reading.positive.count + reading.negative.count > native.bucketsMax else { return reading }
            let smallest = (reading.positive + reading.negative).map(\.index).min() ?? 0
            let before = (settings.schema, settings.zeroThreshold)
            coarsen(settings, smallest: smallest, from: version, mayStartOver: false)
            if before == (settings.schema, settings.zeroThreshold) { return reading }
        }
    }

    private func readNative(_ settings: NativeSettings, _ bucketCount: Int) -> NativeReading {
        let schema = settings.schema
        let threshold = settings.zeroThreshold
        let start = settings.startVersion
        var zero: UInt64 = 0
        var sides: [[Int: UInt64]] = [[:], [:]]
        forEachLane { lane in
            guard let reading = readNative(lane, bucketCount, from: start) else { return }
            // A lane may be ahead of the settings read above; the caller then reads again.
            guard reading.schema >= schema, reading.zeroThreshold <= threshold else { return }
            let folded = reading.coarsened(schema: schema, zeroThreshold: threshold)
            zero += folded.zeroCount
            for bucket in folded.positive { sides[0][bucket.index, default: 0] += bucket.count }
            for bucket in folded.negative { sides[1][bucket.index, default: 0] += bucket.count }
        }
        let sorted = sides.map { side in
            side.map { NativeReading.Bucket(index: $0.key, count: $0.value) }.sorted { $0.index < $1.index }
        }
        return NativeReading(
            schema: schema, zeroThreshold: threshold, zeroCount: zero, positive: sorted[0], negative: sorted[1])
    }

    /// Reads one lane; nil when it holds nothing that counts.
    private func readNative(_ lane: HistogramLane, _ bucketCount: Int, from start: UInt64) -> NativeReading? {
        while true {
            let version = lane.nativeVersion(bucketCount).pointee.load(ordering: .acquiring)
            guard version >= start,
                let table = NativeTable(address: lane.nativeTable(bucketCount).pointee.load(ordering: .acquiring))
            else { return nil }
            var reading = NativeReading(
                schema: table.schema, zeroThreshold: table.zeroThreshold, zeroCount: table.zeroCount, positive: [],
                negative: [])
            table.forEach { index, isNegative, count in
                let bucket = NativeReading.Bucket(index: index, count: count)
                if isNegative { reading.negative.append(bucket) } else { reading.positive.append(bucket) }
            }
            atomicMemoryFence(ordering: .acquiring)
            guard lane.nativeVersion(bucketCount).pointee.load(ordering: .relaxed) == version else { continue }
            reading.positive.sort { $0.index < $1.index }
            reading.negative.sort { $0.index < $1.index }
            return reading
        }
    }
}
