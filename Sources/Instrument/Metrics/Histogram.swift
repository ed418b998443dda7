// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Observations counted in buckets, with their sum: request durations, response sizes.
///
/// Servers compute quantiles and ratios from the buckets, over any number of processes. For a value without a meaning
/// in sum use a ``Gauge``.
///
/// ```swift
/// let latency = try metrics.histogram("db_query_duration_seconds", help: "Query time.")
/// let rows = try latency.time { try query() }
/// latency.observe(.milliseconds(3))
/// ```
public struct Histogram: Metric {
    /// Histogram.
    public static let kind = MetricKind.histogram
    /// The series behind the handle.
    public let series: SeriesReference

    /// Makes a handle to a histogram's series.
    @inlinable
    public init(series: SeriesReference) { self.series = series }

    /// Counts a value. Does not allocate, lock, retain or release.
    ///
    /// - Parameter value: in the base unit; NaN and infinities are refused and counted in
    ///   `instrument_refused_updates_total`.
    public func observe(_ value: Double) {
        guard value.isFinite else { return series.refuseUpdate() }
        series.observe(.value(value))
    }

    /// Counts a whole number.
    public func observe(_ value: Int) { series.observe(.value(Double(value))) }

    /// Counts a duration, in seconds.
    public func observe(_ duration: Duration) { series.observe(.nanoseconds(duration.saturatedNanoseconds)) }

    /// Counts a duration given in nanoseconds, the cheapest way.
    public func observe(nanoseconds: Int64) { series.observe(.nanoseconds(nanoseconds)) }

    /// How many values were counted.
    public var count: UInt64 { series.readHistogram().count }

    /// The sum of all values.
    public var sum: Double { series.readHistogram().sum }

    /// The finite upper bounds of the classic buckets.
    public var bounds: [Double] {
        series.head.pointee.storage._withUnsafeGuaranteedRef { $0.description.shape.bounds }
    }

    /// How many values each classic bucket alone has, `+Inf` last, and all of them together.
    public func bucketCounts() -> (buckets: [UInt64], count: UInt64) {
        var buckets = [UInt64](repeating: 0, count: series.head.pointee.bucketCount)
        let count = series.readHistogram(into: &buckets).count
        return (buckets, count)
    }
}

extension SeriesReference {
    @inline(__always)
    func observe(_ observation: Observation) {
        let bucket = bucketIndex(observation.magnitude)
        guard head.pointee.isPlainHistogram else { return observeSpecial(observation, bucket: bucket) }
        observePlain(observation, bucket: bucket)
    }

    /// Counts into native buckets as well, and asks for an exemplar.
    @inline(never)
    private func observeSpecial(_ observation: Observation, bucket: Int) {
        if head.pointee.scales != nil {
            observeNative(observation, bucket: bucket)
        } else {
            observePlain(observation, bucket: bucket)
        }
        if head.pointee.asksForExemplars { askForExemplar(value: observation.magnitude, bucket: bucket) }
    }

    @inline(__always)
    private func observePlain(_ observation: Observation, bucket: Int) {
        let tagged = stripes.pointee.load(ordering: .acquiring)
        if tagged == 0 {
            let lane = HistogramLane(record: self)
            guard lane.take() else { return observeContended(observation, bucket: bucket) }
            lane.record(observation, bucket: bucket)
            lane.give()
        } else {
            observeStriped(observation, bucket: bucket, tagged: tagged)
        }
    }

    /// The number of bounds below `value`, which is the index of its bucket. Without branches on the data: values jump
    /// about, and a branch that is guessed wrong costs more than the search.
    @inline(__always)
    func bucketIndex(_ value: Double) -> Int {
        let head = head
        let bounds = head.pointee.bounds
        var remaining = head.pointee.paddedBoundCount
        guard remaining > 32 else {
            // Four at once; a comparison that holds is -1 in its lane.
            let values = SIMD4<Double>(repeating: value)
            let start = UnsafeRawPointer(bounds)
            var counts = SIMD4<Int64>.zero
            var offset = 0
            let end = remaining &* 8
            while offset < end {
                let below = start.load(fromByteOffset: offset, as: SIMD4<Double>.self) .< values
                counts &-= unsafeBitCast(below, to: SIMD4<Int64>.self)
                offset &+= 32
            }
            return Int(truncatingIfNeeded: counts.wrappedSum())
        }
        // Halving keeps the invariant: every bound before `start` is below the value, none from `start + remaining` on.
        var start = bounds
        while remaining > 1 {
            let half = remaining >> 1
            start += half & (start[half &- 1] < value ? -1 : 0)
            remaining &-= half
        }
        return (start - bounds) &+ (start[0] < value ? 1 : 0)
    }

    @inline(__always)
    private func observeStriped(_ observation: Observation, bucket: Int, tagged: UInt64) {
        let laneBytes = head.pointee.laneBytes
        let lane = HistogramLane(stripe: ownStripe(tagged, bytesEach: laneBytes))
        guard lane.take() else {
            let shared = Stripes.base(tagged) + Stripes.count(tagged) &* laneBytes
            return HistogramLane(stripe: shared).share(observation, bucket: bucket)
        }
        lane.record(observation, bucket: bucket)
        lane.give()
    }

    /// The record's own lane was taken. A short look whether the other thread is done, since it needs a few
    /// nanoseconds; threads that keep colliding get lanes of their own.
    @inline(never)
    private func observeContended(_ observation: Observation, bucket: Int) {
        let lane = HistogramLane(record: self)
        if collisions.pointee.load(ordering: .relaxed) < 16 {
            for _ in 0..<64 where lane.owner.pointee.load(ordering: .relaxed) == 0 {
                guard lane.take() else { continue }
                collisions.pointee.wrappingAdd(1, ordering: .relaxed)
                lane.record(observation, bucket: bucket)
                lane.give()
                return
            }
        }
        Stripes.inflate(self, count: max(2, Stripes.count), bytesEach: head.pointee.laneBytes, extra: 1)
        observeStriped(observation, bucket: bucket, tagged: stripes.pointee.load(ordering: .acquiring))
    }

    /// Calls `body` with every lane of a histogram.
    @inline(__always)
    func forEachLane(_ body: (HistogramLane) -> Void) {
        body(HistogramLane(record: self))
        let tagged = stripes.pointee.load(ordering: .acquiring)
        guard tagged != 0 else { return }
        let laneBytes = head.pointee.laneBytes
        // One more than the stripes: the shared lane stands behind them.
        for index in 0...Stripes.count(tagged) {
            body(HistogramLane(stripe: Stripes.base(tagged) + index * laneBytes))
        }
    }

    /// Reads a histogram's sum and adds up its buckets into `buckets`, which has room for all of them.
    ///
    /// - Returns: sum and count; the count is exactly the sum of the buckets as read.
    func readHistogram(into buckets: UnsafeMutablePointer<UInt64>) -> (sum: Double, count: UInt64) {
        let bucketCount = head.pointee.bucketCount
        let isNative = head.pointee.scales != nil
        buckets.update(repeating: 0, count: bucketCount)
        var nanoseconds: Int128 = 0
        var sum = 0.0
        forEachLane { lane in
            if isNative, !isCurrent(lane, bucketCount) { return }
            nanoseconds += Int128(Int64(bitPattern: lane.integerSum.pointee.load(ordering: .relaxed)))
            sum += Double(bitPattern: lane.floatingSum.pointee.load(ordering: .relaxed))
            for index in 0..<bucketCount {
                buckets[index] &+= (lane.buckets + index).pointee.load(ordering: .relaxed)
            }
        }
        var count: UInt64 = 0
        for index in 0..<bucketCount { count &+= buckets[index] }
        if nanoseconds != 0 { sum += Double(nanoseconds) / 1e9 }
        return (sum, count)
    }

    /// Whether a lane of a native histogram has observations since it last started over.
    private func isCurrent(_ lane: HistogramLane, _ bucketCount: Int) -> Bool {
        let start = NativeSettings(self, bucketCount: bucketCount).startVersion
        return lane.nativeVersion(bucketCount).pointee.load(ordering: .acquiring) >= max(start, 1)
    }

    /// Reads a histogram's sum and count.
    func readHistogram() -> (sum: Double, count: UInt64) {
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: head.pointee.bucketCount) {
            readHistogram(into: $0.baseAddress!)
        }
    }
}
