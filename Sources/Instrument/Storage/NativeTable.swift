// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The exponential buckets of one lane: a small hash table from bucket to count, in raw memory.
///
/// Written by the lane's owner alone, read by scrapes at any time. A key is stored (release) after its count; counts
/// only grow. When the owner needs another table it publishes that one and keeps the old one linked, since a scrape may
/// be in it; it is used again only after the lane's version has changed, which tells the scrape to read again.
///
/// | bytes | what |
/// |---|---|
/// | 0 | schema |
/// | 8 | zero threshold, a double |
/// | 16 | observations in the zero bucket |
/// | 24 | slots less one |
/// | 32 | keys in use |
/// | 40 | an older table, 0 for none |
/// | 64... | slots: key, count |
struct NativeTable {
    let base: UnsafeMutableRawPointer

    private static let startBytes = 64

    init(base: UnsafeMutableRawPointer) { self.base = base }

    init?(address: UInt64) {
        guard let base = UnsafeMutableRawPointer(bitPattern: UInt(address)) else { return nil }
        self.base = base
    }

    /// Makes an empty table.
    static func make(slotCount: Int, schema: Int, zeroThreshold: Double) -> NativeTable {
        let bytes = startBytes + slotCount * 16
        let base = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
        let table = NativeTable(base: base)
        base.initializeMemory(as: UInt64.self, repeating: 0, count: bytes / 8)
        base.storeBytes(of: slotCount - 1, toByteOffset: 24, as: Int.self)
        table.clear(schema: schema, zeroThreshold: zeroThreshold)
        return table
    }

    /// Where the table lies.
    var address: UInt64 { UInt64(UInt(bitPattern: base)) }

    private func word(_ offset: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
        (base + offset).assumingMemoryBound(to: Atomic<UInt64>.self)
    }

    var schema: Int { Int(Int64(bitPattern: word(0).pointee.load(ordering: .relaxed))) }
    var zeroThreshold: Double { Double(bitPattern: word(8).pointee.load(ordering: .relaxed)) }
    var zeroCount: UInt64 { word(16).pointee.load(ordering: .relaxed) }
    var mask: Int { base.load(fromByteOffset: 24, as: Int.self) }

    /// How many buckets are in use. For the owner.
    private(set) var used: Int {
        get { base.load(fromByteOffset: 32, as: Int.self) }
        nonmutating set { base.storeBytes(of: newValue, toByteOffset: 32, as: Int.self) }
    }

    /// An older table that nothing but a scrape can still be in. For the owner.
    var older: UInt64 {
        get { base.load(fromByteOffset: 40, as: UInt64.self) }
        nonmutating set { base.storeBytes(of: newValue, toByteOffset: 40, as: UInt64.self) }
    }

    /// Empties the table.
    func clear(schema: Int, zeroThreshold: Double) {
        word(0).pointee.store(UInt64(bitPattern: Int64(schema)), ordering: .relaxed)
        word(8).pointee.store(zeroThreshold.bitPattern, ordering: .relaxed)
        word(16).pointee.store(0, ordering: .relaxed)
        for slot in 0...mask {
            word(Self.startBytes + slot * 16).pointee.store(0, ordering: .relaxed)
            word(Self.startBytes + slot * 16 + 8).pointee.store(0, ordering: .relaxed)
        }
        used = 0
    }

    @inline(__always)
    private static func key(_ index: Int, isNegative: Bool) -> UInt64 {
        UInt64(truncatingIfNeeded: index &+ 1 << 32) << 1 | (isNegative ? 1 : 0)
    }

    /// Adds to a bucket as the owner; false when a new bucket would fill the table past three quarters.
    @inline(__always)
    func add(_ amount: UInt64, to index: Int, isNegative: Bool) -> Bool {
        let key = Self.key(index, isNegative: isNegative)
        let mask = mask
        var slot = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 32) & mask
        while true {
            let place = word(Self.startBytes + slot &* 16)
            let count = word(Self.startBytes + slot &* 16 &+ 8)
            let found = place.pointee.load(ordering: .relaxed)
            if found == key {
                count.pointee.store(count.pointee.load(ordering: .relaxed) &+ amount, ordering: .relaxed)
                return true
            }
            if found == 0 {
                guard used * 4 < (mask &+ 1) * 3 else { return false }
                count.pointee.store(amount, ordering: .relaxed)
                place.pointee.store(key, ordering: .releasing)
                used += 1
                return true
            }
            slot = (slot &+ 1) & mask
        }
    }

    /// Adds to the zero bucket as the owner.
    @inline(__always)
    func addZero(_ amount: UInt64) {
        word(16).pointee.store(zeroCount &+ amount, ordering: .relaxed)
    }

    /// Calls `body` with every bucket: index, side and count.
    func forEach(_ body: (Int, Bool, UInt64) -> Void) {
        for slot in 0...mask {
            let key = word(Self.startBytes + slot * 16).pointee.load(ordering: .acquiring)
            guard key != 0 else { continue }
            let count = word(Self.startBytes + slot * 16 + 8).pointee.load(ordering: .relaxed)
            body(Int(truncatingIfNeeded: key >> 1) - 1 << 32, key & 1 == 1, count)
        }
    }

    /// Adds all of `other`, at this table's schema and zero threshold.
    ///
    /// - Precondition: there is room.
    func merge(_ other: NativeTable) {
        let steps = other.schema - schema
        let scale = LogScale.of(schema: schema)
        addZero(other.zeroCount)
        other.forEach { index, isNegative, count in
            let folded = LogScale.fold(index, by: steps)
            if scale.upperBound(folded) <= zeroThreshold {
                addZero(count)
            } else {
                let added = add(count, to: folded, isNegative: isNegative)
                precondition(added, "NativeTable: the table that buckets are merged into is too small")
            }
        }
    }
}
