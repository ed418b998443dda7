// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// Observations of the last minutes in fine exponential buckets, from which a summary's quantiles are read.
///
/// The window is cut into slots by time; a reading merges the slots that are young enough, and the oldest is emptied when
/// its turn comes again. Buckets are those of schema 6: 64 for each doubling, so that a quantile is off by 0.55 % at most.
/// A slot has room for 46 octaves (powers of two, of either sign). A value of a further one counts in the nearest octave
/// of its sign that the slot has, at the end that faces it: ranks stay right, its own magnitude is lost, and ``observe``
/// says so. Magnitudes below the smallest normal number, 2.2e-308, count as 0.
///
/// Counting takes no lock; the lock guards emptying a slot and giving it another octave, each once in a while. An
/// observation that is being counted at the very moment its slot is emptied, minutes after it began, may be lost.
///
/// `@unchecked Sendable`: words that change are atomics, in memory that lives as long as the window.
final class QuantileWindow: @unchecked Sendable {
    private static let slotCount = 5
    private static let schema = 6
    private static let placesPerOctave = 64
    private static let octaveBytes = placesPerOctave * 4
    /// Octaves of one slot; 46 of them are a factor of 70 trillion.
    private static let octavesMax = 46
    private static let directoryCount = 64
    /// Epoch, zero count, octaves in use, spare; then the directory of keys and addresses.
    private static let slotBytes = 32 + directoryCount * 16

    private let base: UnsafeMutableRawPointer
    private let scale = LogScale.of(schema: QuantileWindow.schema)
    private let slotNanoseconds: UInt64
    /// Octaves that a slot has given back, per slot.
    private let spares: Lock<[[UInt]]>

    /// The most bytes of one series' window.
    static var bytesMax: Int { slotCount * (slotBytes + octavesMax * octaveBytes) }

    init(window: Duration) {
        slotNanoseconds = max(1, UInt64(max(0, window.saturatedNanoseconds)) / UInt64(Self.slotCount))
        let bytes = Self.slotCount * Self.slotBytes
        base = .allocate(byteCount: bytes, alignment: 64)
        base.initializeMemory(as: UInt64.self, repeating: 0, count: bytes / 8)
        spares = Lock(Array(repeating: [], count: Self.slotCount))
    }

    // Only a window that lost the race to be a series' goes away, before anything is counted in it.
    deinit {
        for index in 0..<Self.slotCount {
            let slot = Slot(base: base + index * Self.slotBytes)
            for place in 0..<Self.directoryCount where slot.key(place).pointee.load(ordering: .relaxed) != 0 {
                Self.counts(slot.address(place).pointee.load(ordering: .relaxed)).deallocate()
            }
        }
        base.deallocate()
    }

    /// One slot's words.
    private struct Slot {
        let base: UnsafeMutableRawPointer

        private func word(_ offset: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
            (base + offset).assumingMemoryBound(to: Atomic<UInt64>.self)
        }
        /// The slot's time, counted in slots from the clock's zero, plus one; 0 before its first use.
        var epoch: UnsafeMutablePointer<Atomic<UInt64>> { word(0) }
        var zeroCount: UnsafeMutablePointer<Atomic<UInt64>> { word(8) }
        /// How many octaves the slot has; changed by the lock's holder.
        var octaves: UnsafeMutablePointer<Atomic<UInt64>> { word(16) }
        /// Sign and biased exponent plus one; 0 is free.
        func key(_ place: Int) -> UnsafeMutablePointer<Atomic<UInt64>> { word(32 + place * 16) }
        func address(_ place: Int) -> UnsafeMutablePointer<Atomic<UInt64>> { word(40 + place * 16) }
    }

    private func slot(_ epoch: UInt64) -> (Slot, Int) {
        let index = Int(epoch % UInt64(Self.slotCount))
        return (Slot(base: base + index * Self.slotBytes), index)
    }

    private static func counts(_ address: UInt64) -> UnsafeMutablePointer<Atomic<UInt32>> {
        UnsafeMutableRawPointer(bitPattern: UInt(address)).unsafelyUnwrapped
            .assumingMemoryBound(to: Atomic<UInt32>.self)
    }

    /// Counts a finite value.
    ///
    /// - Returns: false when the slot had no room for the value's octave, so that it counts as the nearest value there is.
    func observe(_ value: Double, at nanoseconds: UInt64) -> Bool {
        let epoch = nanoseconds / slotNanoseconds + 1
        let (slot, index) = slot(epoch)
        if slot.epoch.pointee.load(ordering: .acquiring) < epoch { empty(slot, index, for: epoch) }
        let magnitude = value.magnitude
        guard magnitude >= .leastNormalMagnitude else {
            slot.zeroCount.pointee.wrappingAdd(1, ordering: .relaxed)
            return true
        }
        // Place 0 of an octave would be the upper bound of the octave below: it is counted there, at place 64.
        var exponent = (magnitude.bitPattern >> 52) & 0x7FF
        var place = scale.place(magnitude.bitPattern & 0xF_FFFF_FFFF_FFFF) - 1
        if place < 0 {
            exponent -= 1
            place = Self.placesPerOctave - 1
        }
        let key = (exponent | (value < 0 ? 1 << 11 : 0)) + 1
        guard let counts = find(slot, key) ?? add(slot, index, key) else {
            countNearest(slot, key)
            return false
        }
        counts[place].wrappingAdd(1, ordering: .relaxed)
        return true
    }

    /// Counts a value of an octave that the slot has no room for: in the nearest one of its sign, at the end that faces
    /// it; as 0 when all the slot's octaves are of the other sign.
    @inline(never)
    private func countNearest(_ slot: Slot, _ key: UInt64) {
        let exponent = Int((key - 1) & 0x7FF)
        var nearest: (distance: Int, counts: UnsafeMutablePointer<Atomic<UInt32>>)?
        for place in 0..<Self.directoryCount {
            let held = slot.key(place).pointee.load(ordering: .acquiring)
            guard held != 0, (held - 1) >> 11 == (key - 1) >> 11 else { continue }
            let distance = Int((held - 1) & 0x7FF) - exponent
            guard distance.magnitude < nearest?.distance.magnitude ?? .max else { continue }
            nearest = (distance, Self.counts(slot.address(place).pointee.load(ordering: .relaxed)))
        }
        guard let nearest else {
            slot.zeroCount.pointee.wrappingAdd(1, ordering: .relaxed)
            return
        }
        let place = nearest.distance > 0 ? 0 : Self.placesPerOctave - 1
        nearest.counts[place].wrappingAdd(1, ordering: .relaxed)
    }

    private func find(_ slot: Slot, _ key: UInt64) -> UnsafeMutablePointer<Atomic<UInt32>>? {
        var place = Int(truncatingIfNeeded: key) % Self.directoryCount
        for _ in 0..<Self.directoryCount {
            // Acquire: the octave's address and its zeroes were written before the key.
            let found = slot.key(place).pointee.load(ordering: .acquiring)
            if found == key { return Self.counts(slot.address(place).pointee.load(ordering: .relaxed)) }
            if found == 0 { return nil }
            place = (place + 1) % Self.directoryCount
        }
        return nil
    }

    /// Gives a slot another octave; nil, without taking the lock, when it has all that it may have.
    @inline(never)
    private func add(_ slot: Slot, _ index: Int, _ key: UInt64) -> UnsafeMutablePointer<Atomic<UInt32>>? {
        guard slot.octaves.pointee.load(ordering: .relaxed) < Self.octavesMax else { return nil }
        return spares.withLock { spares in
            if let found = find(slot, key) { return found }
            let used = slot.octaves.pointee.load(ordering: .relaxed)
            guard used < Self.octavesMax else { return nil }
            let address = spares[index].popLast() ?? Self.makeOctave()
            let counts = Self.counts(UInt64(address))
            for place in 0..<Self.placesPerOctave { counts[place].store(0, ordering: .relaxed) }
            var place = Int(truncatingIfNeeded: key) % Self.directoryCount
            while slot.key(place).pointee.load(ordering: .relaxed) != 0 { place = (place + 1) % Self.directoryCount }
            slot.address(place).pointee.store(UInt64(address), ordering: .relaxed)
            slot.key(place).pointee.store(key, ordering: .releasing)
            slot.octaves.pointee.store(used + 1, ordering: .relaxed)
            return counts
        }
    }

    private static func makeOctave() -> UInt {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: octaveBytes, alignment: 64)
        memory.initializeMemory(as: UInt32.self, repeating: 0, count: placesPerOctave)
        return UInt(bitPattern: memory)
    }

    @inline(never)
    private func empty(_ slot: Slot, _ index: Int, for epoch: UInt64) {
        spares.withLock { spares in
            guard slot.epoch.pointee.load(ordering: .relaxed) < epoch else { return }
            slot.zeroCount.pointee.store(0, ordering: .relaxed)
            for place in 0..<Self.directoryCount where slot.key(place).pointee.load(ordering: .relaxed) != 0 {
                spares[index].append(UInt(slot.address(place).pointee.load(ordering: .relaxed)))
                slot.key(place).pointee.store(0, ordering: .relaxed)
            }
            slot.octaves.pointee.store(0, ordering: .relaxed)
            slot.epoch.pointee.store(epoch, ordering: .releasing)
        }
    }

    /// The values below which the given shares of the window's observations lie; NaN when it has none.
    func quantiles(_ quantiles: [Double], at nanoseconds: UInt64) -> [Double] {
        let now = nanoseconds / slotNanoseconds + 1
        var merged: [UInt64: [UInt64]] = [:]
        var zero: UInt64 = 0
        spares.withLock { _ in
            for index in 0..<Self.slotCount {
                let slot = Slot(base: base + index * Self.slotBytes)
                let epoch = slot.epoch.pointee.load(ordering: .relaxed)
                guard epoch != 0, epoch <= now, epoch + UInt64(Self.slotCount) > now else { continue }
                zero += slot.zeroCount.pointee.load(ordering: .relaxed)
                for place in 0..<Self.directoryCount {
                    let key = slot.key(place).pointee.load(ordering: .relaxed)
                    guard key != 0 else { continue }
                    let counts = Self.counts(slot.address(place).pointee.load(ordering: .relaxed))
                    var sums = merged[key] ?? Array(repeating: 0, count: Self.placesPerOctave)
                    for place in sums.indices { sums[place] += UInt64(counts[place].load(ordering: .relaxed)) }
                    merged[key] = sums
                }
            }
        }
        return Self.read(quantiles, merged, zero: zero, scale: scale)
    }

    private static func read(
        _ quantiles: [Double], _ octaves: [UInt64: [UInt64]], zero: UInt64, scale: LogScale
    ) -> [Double] {
        var values: [(value: Double, count: UInt64)] = zero > 0 ? [(0, zero)] : []
        for (key, counts) in octaves {
            let exponent = Int((key - 1) & 0x7FF) - 1_023
            let sign: Double = (key - 1) >> 11 == 1 ? -1 : 1
            for (place, count) in counts.enumerated() where count > 0 {
                let index = exponent << schema + place + 1
                let upper = scale.upperBound(index)
                let lower = scale.upperBound(index - 1)
                // As far below the upper bound as above the lower one, relatively.
                values.append((sign * 2 * (lower / (lower + upper)) * upper, count))
            }
        }
        values.sort { $0.value < $1.value }
        let total = values.reduce(0) { $0 + $1.count }
        guard total > 0 else { return quantiles.map { _ in .nan } }
        return quantiles.map { quantile in
            let rank = max(1, UInt64((quantile * Double(total)).rounded(.up)))
            var seen: UInt64 = 0
            for (value, count) in values {
                seen += count
                if seen >= rank { return value }
            }
            return values[values.count - 1].value
        }
    }
}
