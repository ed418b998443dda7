// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The part of a family that hot paths read: immortal, trivial but for its atomics, reached without reference counts.
@usableFromInline
struct FamilyHead: ~Copyable {
    /// The address of the current ``SeriesTable``. Release when published, acquire when read: its slots are then visible.
    @usableFromInline let table: Atomic<UInt>
    /// Addresses of the series by the ordinals of enum labels, 0 where none was made yet; nil without enum labels alone.
    @usableFromInline let dense: UnsafeMutablePointer<Atomic<UInt>>?
    /// Secret start of the hash of label values.
    @usableFromInline let seed: UInt64
    /// Number of cases of each enum label, for the index into ``dense``.
    @usableFromInline let cases: (Int, Int, Int, Int)
    /// Ascending upper bounds, padded with +Inf to a multiple of 4.
    let bounds: UnsafePointer<Double>
    /// Padded number of bounds.
    let paddedBoundCount: Int
    /// Buckets with the last, unbounded one.
    let bucketCount: Int
    /// Bytes of each series between header and lengths, a multiple of 64.
    let cellBytes: Int
    /// Bytes of one stripe of a histogram.
    let laneBytes: Int
    /// The scales of schemas -4 to 8 for a native histogram; nil for other metrics.
    let scales: UnsafePointer<LogScale>!
    /// The most native buckets of a series.
    let nativeBucketsMax: Int
    /// The stripe that the calling thread prefers, to be masked: ``Platform/processorNumber``.
    @usableFromInline let stripeNumber: @convention(c) () -> Int32
    /// Whether updates ask for exemplars' labels.
    let asksForExemplars: Bool
    /// Whether an observation is one of classic buckets alone.
    let isPlainHistogram: Bool
    /// The clock of tests; nil reads the system's. Kept alive by the family's storage.
    @usableFromInline let manualClock: Unmanaged<ManualClock>?
    /// The cold part, immortal as well.
    let storage: Unmanaged<FamilyStorage>
    /// Bytes of all stripes of the family's series.
    let stripeBytesTotal: Atomic<Int>

    init(
        shape: CellShape, dense: [Int], clock: Unmanaged<ManualClock>?, storage: Unmanaged<FamilyStorage>,
        asksForExemplars: Bool
    ) {
        table = Atomic(0)
        if dense.isEmpty {
            self.dense = nil
        } else {
            let count = dense.reduce(1, *)
            let addresses = UnsafeMutableRawPointer.allocate(byteCount: count * 8, alignment: 64)
            addresses.initializeMemory(as: UInt.self, repeating: 0, count: count)
            self.dense = addresses.bindMemory(to: Atomic<UInt>.self, capacity: count)
        }
        let padded = dense + [1, 1, 1, 1]
        cases = (padded[0], padded[1], padded[2], padded[3])
        seed = LabelHash.processSeed
        let boundCount = (shape.bounds.count + 3) & ~3
        // Aligned for the four at once that a search compares.
        let bounds = UnsafeMutableRawPointer.allocate(byteCount: max(boundCount, 4) * 8, alignment: 64)
            .initializeMemory(as: Double.self, repeating: .infinity, count: max(boundCount, 4))
        for (index, bound) in shape.bounds.enumerated() { bounds[index] = bound }
        self.bounds = UnsafePointer(bounds)
        paddedBoundCount = boundCount
        bucketCount = shape.bounds.count + 1
        cellBytes = shape.cellBytes
        laneBytes = shape.laneBytes
        if let native = shape.native {
            let scales = UnsafeMutablePointer<LogScale>.allocate(capacity: 13)
            for schema in -4...8 { (scales + (schema + 4)).initialize(to: .of(schema: schema)) }
            self.scales = UnsafePointer(scales)
            nativeBucketsMax = native.bucketsMax
        } else {
            scales = nil
            nativeBucketsMax = 0
        }
        stripeNumber = Platform.processorNumber
        self.asksForExemplars = asksForExemplars
        isPlainHistogram = shape.native == nil && !asksForExemplars
        manualClock = clock
        self.storage = storage
        stripeBytesTotal = Atomic(0)
    }

    /// Monotonic nanoseconds of the family's clock. Does not allocate, retain or release.
    @inlinable
    func monotonicNanoseconds() -> UInt64 {
        guard let manualClock else { return TimeSource.systemMonotonicNanoseconds() }
        return manualClock._withUnsafeGuaranteedRef { $0.monotonicNanoseconds() }
    }
}
