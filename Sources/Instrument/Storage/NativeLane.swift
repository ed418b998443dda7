// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The words of a native histogram, behind the classic buckets of each lane, and once for the series.
///
/// | word behind the buckets | what |
/// |---|---|
/// | 0 | the lane's ``NativeTable``, 0 before the first observation |
/// | 1 | the version of the series' settings that the lane follows; 0 while it is being emptied |
/// | 2 | (record only) version of the settings, counted from 1 |
/// | 3 | schema |
/// | 4 | zero threshold |
/// | 5 | the version at which the histogram last started over |
/// | 6 | monotonic nanoseconds of that |
///
/// Settings change under the family's lock, and the version last (release). An owner that finds another version than
/// its lane's adopts the settings before it counts. Lanes that still follow a version from before the last start hold
/// nothing that counts any more; a scrape skips them.
extension HistogramLane {
    /// Words behind the buckets of each lane.
    static let nativeLaneWords = 2
    /// Words behind the buckets of the record.
    static let nativeRecordWords = 7

    @inline(__always)
    func nativeTable(_ bucketCount: Int) -> UnsafeMutablePointer<Atomic<UInt64>> { buckets + bucketCount }

    @inline(__always)
    func nativeVersion(_ bucketCount: Int) -> UnsafeMutablePointer<Atomic<UInt64>> { buckets + (bucketCount &+ 1) }
}

/// The settings of a native histogram's series, see ``HistogramLane``.
struct NativeSettings {
    private let words: UnsafeMutablePointer<Atomic<UInt64>>

    @inline(__always)
    init(_ series: SeriesReference, bucketCount: Int) {
        words = series.cells.assumingMemoryBound(to: Atomic<UInt64>.self) + (bucketCount &+ 2)
    }

    var version: UnsafeMutablePointer<Atomic<UInt64>> {
        @inline(__always) get { words }
    }

    var schema: Int {
        get { Int(Int64(bitPattern: words[1].load(ordering: .relaxed))) }
        nonmutating set { words[1].store(UInt64(bitPattern: Int64(newValue)), ordering: .relaxed) }
    }

    var zeroThreshold: Double {
        get { Double(bitPattern: words[2].load(ordering: .relaxed)) }
        nonmutating set { words[2].store(newValue.bitPattern, ordering: .relaxed) }
    }

    var startVersion: UInt64 {
        get { words[3].load(ordering: .relaxed) }
        nonmutating set { words[3].store(newValue, ordering: .relaxed) }
    }

    var startNanoseconds: UInt64 {
        get { words[4].load(ordering: .relaxed) }
        nonmutating set { words[4].store(newValue, ordering: .relaxed) }
    }

    /// Publishes changed settings; under the family's lock.
    func publish() {
        version.pointee.store(version.pointee.load(ordering: .relaxed) + 1, ordering: .releasing)
    }
}

extension SeriesReference {
    /// Writes the first settings of a fresh record.
    func startNative(_ native: NativeBuckets, at time: TimeSource) {
        let settings = NativeSettings(self, bucketCount: head.pointee.bucketCount)
        settings.schema = native.schema
        settings.zeroThreshold = native.zeroThreshold
        settings.startVersion = 1
        settings.startNanoseconds = time.monotonicNanoseconds()
        settings.publish()
    }

    /// Counts an observation in both classic and native buckets of a lane that the calling thread takes.
    @inline(never)
    func observeNative(_ observation: Observation, bucket: Int) {
        let lane = takeAnyLane()
        recordNative(observation, bucket: bucket, lane: lane)
        lane.give()
    }

    /// Takes the thread's own lane, or any other when it is taken.
    @inline(__always)
    private func takeAnyLane() -> HistogramLane {
        var tagged = stripes.pointee.load(ordering: .acquiring)
        if tagged == 0 {
            let lane = HistogramLane(record: self)
            if lane.take() { return lane }
            if collisions.pointee.load(ordering: .relaxed) < 16 {
                for _ in 0..<64 where lane.owner.pointee.load(ordering: .relaxed) == 0 {
                    guard lane.take() else { continue }
                    collisions.pointee.wrappingAdd(1, ordering: .relaxed)
                    return lane
                }
            }
            Stripes.inflate(self, count: max(2, Stripes.count), bytesEach: head.pointee.laneBytes, extra: 1)
            tagged = stripes.pointee.load(ordering: .acquiring)
        }
        let laneBytes = head.pointee.laneBytes
        var number = UInt64(truncatingIfNeeded: Int(head.pointee.stripeNumber()))
        while true {
            // An owner that is preempted keeps its lane; with 17 of them one is free within a few steps.
            let index = Int(truncatingIfNeeded: number & tagged & 15)
            let lane = HistogramLane(stripe: Stripes.base(tagged) + index &* laneBytes)
            if lane.take() { return lane }
            number &+= 1
        }
    }

    @inline(__always)
    private func recordNative(_ observation: Observation, bucket: Int, lane: HistogramLane) {
        let bucketCount = head.pointee.bucketCount
        let settings = NativeSettings(self, bucketCount: bucketCount)
        let version = settings.version.pointee.load(ordering: .acquiring)
        if lane.nativeVersion(bucketCount).pointee.load(ordering: .relaxed) != version { adopt(settings, lane) }
        lane.record(observation, bucket: bucket)
        let table = NativeTable(address: lane.nativeTable(bucketCount).pointee.load(ordering: .relaxed))
            .unsafelyUnwrapped
        let value = observation.magnitude
        // Release behind the classic words: a scrape that sees this count (acquire) sees those as well.
        atomicMemoryFence(ordering: .releasing)
        if value.magnitude <= table.zeroThreshold { return table.addZero(1) }
        let index = head.pointee.scales[table.schema &+ 4].index(value.magnitude)
        let before = table.used
        if !table.add(1, to: index, isNegative: value < 0) {
            grow(lane, table).addFirst(index, isNegative: value < 0)
        } else if table.used == before {
            return
        }
        limit(settings, lane, observation: observation, bucket: bucket)
    }

    /// Replaces a lane's table by one of twice the size.
    private func grow(_ lane: HistogramLane, _ table: NativeTable) -> NativeTable {
        let larger = NativeTable.make(
            slotCount: (table.mask + 1) * 2, schema: table.schema, zeroThreshold: table.zeroThreshold)
        larger.merge(table)
        larger.older = table.address
        lane.nativeTable(head.pointee.bucketCount).pointee.store(larger.address, ordering: .releasing)
        return larger
    }

    /// Brings a lane that the caller owns to the series' settings: emptied if the histogram has started over since, else
    /// folded into coarser buckets.
    @inline(never)
    private func adopt(_ settings: NativeSettings, _ lane: HistogramLane) {
        let bucketCount = head.pointee.bucketCount
        let laneVersion = lane.nativeVersion(bucketCount)
        let place = lane.nativeTable(bucketCount)
        head.pointee.storage._withUnsafeGuaranteedRef { storage in
            storage.withState {
                let version = settings.version.pointee.load(ordering: .relaxed)
                let current = NativeTable(address: place.pointee.load(ordering: .relaxed))
                if laneVersion.pointee.load(ordering: .relaxed) < settings.startVersion {
                    laneVersion.pointee.store(0, ordering: .relaxed)
                    // Release: a scrape that sees a word emptied sees the version gone as well.
                    atomicMemoryFence(ordering: .releasing)
                    lane.clear(bucketCount)
                    let table =
                        current
                        ?? .make(slotCount: 16, schema: settings.schema, zeroThreshold: settings.zeroThreshold)
                    table.clear(schema: settings.schema, zeroThreshold: settings.zeroThreshold)
                    place.pointee.store(table.address, ordering: .releasing)
                } else if let current {
                    let table = spareTable(of: current, settings)
                    table.merge(current)
                    place.pointee.store(table.address, ordering: .releasing)
                }
                laneVersion.pointee.store(version, ordering: .releasing)
            }
        }
    }

    /// An empty table as large as `current`: the one before it, which no scrape can rely on since two versions, or a new one.
    private func spareTable(of current: NativeTable, _ settings: NativeSettings) -> NativeTable {
        guard let older = NativeTable(address: current.older), older.mask >= current.mask else {
            let table = NativeTable.make(
                slotCount: current.mask + 1, schema: settings.schema, zeroThreshold: settings.zeroThreshold)
            table.older = current.address
            return table
        }
        current.older = older.older
        older.older = current.address
        older.clear(schema: settings.schema, zeroThreshold: settings.zeroThreshold)
        return older
    }

    /// Keeps a lane within the most buckets: starts over, widens the zero bucket or halves the resolution.
    private func limit(_ settings: NativeSettings, _ lane: HistogramLane, observation: Observation, bucket: Int) {
        let bucketCount = head.pointee.bucketCount
        let place = lane.nativeTable(bucketCount)
        while let table = NativeTable(address: place.pointee.load(ordering: .relaxed)),
            table.used > head.pointee.nativeBucketsMax
        {
            var buckets: [NativeReading.Bucket] = []
            table.forEach { index, _, count in buckets.append(.init(index: index, count: count)) }
            let smallest = buckets.map(\.index).min() ?? 0
            let followed = lane.nativeVersion(bucketCount).pointee.load(ordering: .relaxed)
            let startedOver = coarsen(settings, smallest: smallest, from: followed, mayStartOver: true)
            adopt(settings, lane)
            // The observation that was one too many is the first of the new start.
            if startedOver { return recordNative(observation, bucket: bucket, lane: lane) }
        }
    }

    /// Changes the settings so that fewer buckets are needed, unless another thread has done so since `version`.
    ///
    /// - Returns: whether the histogram started over.
    @discardableResult
    func coarsen(_ settings: NativeSettings, smallest: Int, from version: UInt64, mayStartOver: Bool) -> Bool {
        head.pointee.storage._withUnsafeGuaranteedRef { storage in
            storage.withState {
                guard settings.version.pointee.load(ordering: .relaxed) == version,
                    let native = storage.description.shape.native
                else { return false }
                let now = storage.time.monotonicNanoseconds()
                if mayStartOver, let interval = native.resetIntervalMin,
                    now - settings.startNanoseconds >= UInt64(max(0, interval.saturatedNanoseconds))
                {
                    settings.startNanoseconds = now
                    settings.startVersion = version + 1
                    settings.schema = native.schema
                    settings.zeroThreshold = native.zeroThreshold
                    created.pointee.store(UInt64(bitPattern: storage.time.unixNanoseconds()), ordering: .relaxed)
                    settings.publish()
                    return true
                }
                let bound = LogScale.of(schema: settings.schema).upperBound(smallest)
                if bound <= native.zeroThresholdMax, bound > settings.zeroThreshold {
                    settings.zeroThreshold = bound
                } else if settings.schema > -4 {
                    settings.schema -= 1
                } else {
                    return false
                }
                settings.publish()
                return false
            }
        }
    }
}

extension HistogramLane {
    /// Empties the classic words, as the owner.
    fileprivate func clear(_ bucketCount: Int) {
        integerSum.pointee.store(0, ordering: .relaxed)
        floatingSum.pointee.store(0, ordering: .relaxed)
        for index in 0..<bucketCount { buckets[index].store(0, ordering: .relaxed) }
    }
}

extension NativeTable {
    /// Adds an observation right after the table grew, when there is room.
    fileprivate func addFirst(_ index: Int, isNegative: Bool) {
        let added = add(1, to: index, isNegative: isNegative)
        precondition(added, "NativeTable: no room after growing")
    }
}
