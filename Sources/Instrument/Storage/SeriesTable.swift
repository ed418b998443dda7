// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// An open-addressing table from label values to series that is only ever added to.
///
/// A slot is a record's address with 16 bits of the hash above it, 0 when free. Readers take no lock: a slot is written
/// once, with release, and read with acquire, so a reader that sees an address sees the whole record. A full table is
/// copied into one of twice the size, which is published the same way; readers of the old one miss new series at worst,
/// and the creating path looks again under the family's lock. Old tables stay: a reader may be in one at any time.
struct SeriesTable {
    private let base: UnsafeMutableRawPointer

    private var mask: Int { base.load(as: Int.self) }

    private func slot(_ index: Int) -> UnsafeMutablePointer<Atomic<UInt>> {
        (base + 64 + index &* 8).assumingMemoryBound(to: Atomic<UInt>.self)
    }

    /// The table at an address that ``address`` gave.
    @inline(__always)
    init?(address: UInt) {
        guard let base = UnsafeMutableRawPointer(bitPattern: address) else { return nil }
        self.base = base
    }

    /// Makes an empty table.
    ///
    /// - Parameter slotCount: a power of two.
    init(slotCount: Int) {
        base = .allocate(byteCount: 64 + slotCount * 8, alignment: 64)
        base.initializeMemory(as: UInt.self, repeating: 0, count: 8 + slotCount)
        base.storeBytes(of: slotCount - 1, as: Int.self)
    }

    /// The number of slots.
    var slotCount: Int { mask + 1 }

    /// Bytes of the table.
    var bytes: Int { 64 + slotCount * 8 }

    /// Where the table lies.
    var address: UInt { UInt(bitPattern: base) }

    /// The series with this hash that `matches` accepts.
    @inline(__always)
    func find(_ hash: UInt64, matches: (SeriesReference) -> Bool) -> SeriesReference? {
        let tag = UInt(truncatingIfNeeded: hash >> 48)
        let mask = mask
        var index = Int(truncatingIfNeeded: hash) & mask
        while true {
            let entry = slot(index).pointee.load(ordering: .acquiring)
            if entry >> 48 == tag, entry != 0 {
                let series = Self.series(entry)
                if matches(series) { return series }
            } else if entry == 0 {
                return nil
            }
            index = (index &+ 1) & mask
        }
    }

    /// Adds a series; the caller holds the family's lock and has left a slot free.
    func insert(_ series: SeriesReference, hash: UInt64) {
        insert(UInt(bitPattern: series.base) | UInt(truncatingIfNeeded: hash >> 48) << 48, at: hash)
    }

    private func insert(_ entry: UInt, at hash: UInt64) {
        var index = Int(truncatingIfNeeded: hash) & mask
        while slot(index).pointee.load(ordering: .relaxed) != 0 { index = (index &+ 1) & mask }
        slot(index).pointee.store(entry, ordering: .releasing)
    }

    /// A table of twice the size with the same series. Only the lower half of a hash places a series.
    func doubled() -> SeriesTable {
        let larger = SeriesTable(slotCount: slotCount * 2)
        for index in 0..<slotCount {
            let entry = slot(index).pointee.load(ordering: .relaxed)
            if entry != 0 { larger.insert(entry, at: UInt64(Self.series(entry).hash)) }
        }
        return larger
    }

    @inline(__always)
    private static func series(_ entry: UInt) -> SeriesReference {
        SeriesReference(UnsafeMutableRawPointer(bitPattern: entry & 0xFFFF_FFFF_FFFF).unsafelyUnwrapped)
    }
}
