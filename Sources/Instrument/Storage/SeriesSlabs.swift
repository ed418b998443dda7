// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The memory that a family's records stand in, one after the other in order of creation, never moved and never freed.
///
/// Slabs are linked; each starts with a line that holds the next slab's address, the bytes in use and the bytes it has.
/// Adding happens under the family's lock; walking takes no lock: `used` and `next` are released after what they cover
/// was written, and acquired before it is read.
///
/// `@unchecked Sendable`: see above; `first` never changes.
struct SeriesSlabs: @unchecked Sendable {
    private let first: UnsafeMutableRawPointer

    private static let startBytes = 64
    private static let slabBytesMax = 256 * 1_024

    /// Makes the first slab with room for `bytes` of records.
    init(bytes: Int) { first = Self.makeSlab(bytes: bytes) }

    private static func makeSlab(bytes: Int) -> UnsafeMutableRawPointer {
        let slab = UnsafeMutableRawPointer.allocate(byteCount: startBytes + bytes, alignment: 64)
        slab.initializeMemory(as: UInt64.self, repeating: 0, count: (startBytes + bytes) / 8)
        slab.storeBytes(of: UInt(bytes), toByteOffset: 16, as: UInt.self)
        return slab
    }

    private static func next(_ slab: UnsafeMutableRawPointer) -> UnsafeMutablePointer<Atomic<UInt>> {
        slab.assumingMemoryBound(to: Atomic<UInt>.self)
    }

    private static func used(_ slab: UnsafeMutableRawPointer) -> UnsafeMutablePointer<Atomic<UInt>> {
        (slab + 8).assumingMemoryBound(to: Atomic<UInt>.self)
    }

    private static func capacity(_ slab: UnsafeMutableRawPointer) -> Int { Int((slab + 16).load(as: UInt.self)) }

    /// Where new records go; owned by the family's lock.
    struct Tail: @unchecked Sendable {
        fileprivate var slab: UnsafeMutableRawPointer
        /// Bytes of all slabs.
        fileprivate(set) var bytesTotal: Int
    }

    /// The tail of a new family.
    func makeTail() -> Tail { Tail(slab: first, bytesTotal: Self.startBytes + Self.capacity(first)) }

    /// Places a record of `bytes` (a multiple of 64) and publishes it once `fill` has written it.
    func append(
        bytes: Int, tail: inout Tail, fill: (UnsafeMutableRawPointer) -> SeriesReference
    ) -> SeriesReference {
        var used = Int(Self.used(tail.slab).pointee.load(ordering: .relaxed))
        if used + bytes > Self.capacity(tail.slab) {
            let slab = Self.makeSlab(bytes: max(bytes, min(Self.slabBytesMax, 2 * Self.capacity(tail.slab), 1 << 30)))
            tail.bytesTotal += Self.startBytes + Self.capacity(slab)
            Self.next(tail.slab).pointee.store(UInt(bitPattern: slab), ordering: .releasing)
            tail.slab = slab
            used = 0
        }
        let series = fill(tail.slab + Self.startBytes + used)
        Self.used(tail.slab).pointee.store(UInt(used + bytes), ordering: .releasing)
        return series
    }

    /// Calls `body` with every series in order of creation, hidden ones too. Takes no lock.
    @inline(__always)
    func forEach<Failure: Error>(_ body: (SeriesReference) throws(Failure) -> Void) throws(Failure) {
        var slab: UnsafeMutableRawPointer? = first
        while let current = slab {
            // The link first: a slab that has a successor is complete.
            let following = Self.next(current).pointee.load(ordering: .acquiring)
            let end = current + Self.startBytes + Int(Self.used(current).pointee.load(ordering: .acquiring))
            var position = current + Self.startBytes
            while position < end {
                let series = SeriesReference(position)
                try body(series)
                position += series.recordBytes
            }
            slab = UnsafeMutableRawPointer(bitPattern: following)
        }
    }
}
