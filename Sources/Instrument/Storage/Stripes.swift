// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// Copies of a series' words, one for a few threads each, that a contended series is spread over.
///
/// A relaxed add costs 6 ns when a core owns the line and 64 ns when four cores fight for it. So a series that threads
/// were seen to collide on gets up to 16 copies, once and for good; quiet series stay one word. Looking needs the add's
/// result, which makes it cost 8.4 ns instead of 6.1; so a counter looks at its first increments, and at the first ones
/// after each scrape, and adds blindly in between. The stripe of a thread
/// comes from `pthread_self()`: stacks lie a whole number of pages apart, and neighbours differ in the lowest page bits.
@usableFromInline
enum Stripes {
    /// The most stripes of one series; their count less one fits below the alignment of their address.
    static let countMax = 16
    /// Alignment of the memory.
    static let lineBytes = 64

    /// A series' word for stripes below this is no address but the number of looks for contention left to take.
    @usableFromInline static let looksLimit: UInt64 = 1 << 16
    /// Looks that a counter takes from its first increment on, and again after each scrape: one in 64 increments.
    static let looksStart: UInt64 = 64

    /// How many stripes a contended series gets on this machine: a power of two, 1 on a single core.
    static let count: Int = {
        let cores = max(1, ProcessInfo.processInfo.activeProcessorCount)
        guard cores > 1 else { return 1 }
        var count = 1
        while count < cores * 4, count < countMax { count *= 2 }
        return count
    }()

    /// The number of the calling thread, to be masked.
    @inlinable @inline(__always)
    static func threadNumber() -> UInt64 { Platform.currentThreadAddress() >> 12 }

    /// The calling thread's stripe within stripes of one line each.
    @inlinable @inline(__always)
    static func own(_ tagged: UInt64, bytesEach: Int = 64) -> UnsafeMutableRawPointer {
        let index = Int(truncatingIfNeeded: threadNumber() & tagged & 15)
        return base(tagged) + index &* bytesEach
    }

    /// The first stripe.
    @inlinable @inline(__always)
    static func base(_ tagged: UInt64) -> UnsafeMutableRawPointer {
        UnsafeMutableRawPointer(bitPattern: UInt(tagged & ~63)).unsafelyUnwrapped
    }

    /// How many stripes there are.
    @inlinable @inline(__always)
    static func count(_ tagged: UInt64) -> Int { Int(truncatingIfNeeded: tagged & 15) &+ 1 }

    /// Gives `series` its stripes if it has none: `count` of `bytesEach` zeroed bytes, and `extra` more behind them.
    ///
    /// Release: a thread that reads the address with acquire sees the zeroes. Threads that still hold the single word go
    /// on adding to it; a reading is the sum of the word and all stripes.
    static func inflate(
        _ series: SeriesReference, count: Int = Stripes.count, bytesEach: Int = 64, extra: Int = 0
    ) {
        var present = series.stripes.pointee.load(ordering: .relaxed)
        guard count > 1, present < looksLimit else { return }
        let bytes = (count + extra) * bytesEach
        let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: lineBytes)
        memory.initializeMemory(as: UInt64.self, repeating: 0, count: bytes / 8)
        let tagged = UInt64(UInt(bitPattern: memory)) | UInt64(count - 1)
        while present < looksLimit {
            let exchange = series.stripes.pointee.compareExchange(
                expected: present, desired: tagged, successOrdering: .releasing, failureOrdering: .relaxed)
            if exchange.exchanged {
                series.head.pointee.stripeBytesTotal.wrappingAdd(bytes, ordering: .relaxed)
                return
            }
            present = exchange.original
        }
        memory.deallocate()
    }
}

extension SeriesReference {
    /// Adds to a counter while looks for contention are left to take, or after it has stripes.
    ///
    /// An add that carries out of the lowest six bits takes a look, every 64th time on average: if the word then differs
    /// from what this add made it, another thread adds at the same time, and the counter gets its stripes.
    @usableFromInline @inline(never)
    func addLooking(_ amount: UInt64, _ tagged: UInt64) {
        let (old, new) = integer.pointee.wrappingAdd(amount, ordering: .relaxed)
        // Such a counter looks for ever, and so never passes by here.
        if head.pointee.asksForExemplars { return askForExemplar(value: Double(amount), bucket: 0) }
        guard (old ^ new) >= 64 else { return }
        if integer.pointee.load(ordering: .relaxed) != new { return Stripes.inflate(self) }
        _ = stripes.pointee.compareExchange(expected: tagged, desired: tagged - 1, ordering: .relaxed)
    }

    /// Makes a counter look for contention again; scrapes call it. Counters with few increments are left alone.
    @inline(__always)
    func lookAgain(_ total: UInt64, _ tagged: UInt64) {
        if tagged == 0, total >= 64 * Stripes.looksStart {
            _ = stripes.pointee.compareExchange(expected: 0, desired: Stripes.looksStart, ordering: .relaxed)
        }
    }

    /// Adds to a double in place; returns how many attempts failed.
    @inlinable @inline(__always)
    static func add(_ amount: Double, to word: UnsafeMutablePointer<Atomic<UInt64>>) -> Int {
        var expected = word.pointee.load(ordering: .relaxed)
        var failures = 0
        while true {
            let sum = (Double(bitPattern: expected) + amount).bitPattern
            let exchange = word.pointee.weakCompareExchange(
                expected: expected, desired: sum, ordering: .relaxed)
            if exchange.exchanged { return failures }
            expected = exchange.original
            failures &+= 1
        }
    }

    /// Adds to the floating part: to the word, or to the thread's stripe once the series is contended.
    @inlinable
    func addFloating(_ amount: Double) {
        let tagged = stripes.pointee.load(ordering: .acquiring)
        if tagged < Stripes.looksLimit {
            if Self.add(amount, to: floating) != 0 { noteCollision() }
            if tagged != 0 { noteFloatingAdd(amount) }
        } else {
            let stripe = (Stripes.own(tagged) + 8).assumingMemoryBound(to: Atomic<UInt64>.self)
            _ = Self.add(amount, to: stripe)
        }
    }

    /// Asks for the exemplar of a floating add, in registries that do.
    @usableFromInline @inline(never)
    func noteFloatingAdd(_ amount: Double) {
        if head.pointee.asksForExemplars { askForExemplar(value: amount, bucket: 0) }
    }

    /// Counts a lost race; the eighth spreads the series over stripes.
    @usableFromInline @inline(never)
    func noteCollision() {
        let old = collisions.pointee.wrappingAdd(1, ordering: .relaxed).oldValue
        if old >= 7, !head.pointee.asksForExemplars { Stripes.inflate(self) }
    }

    /// The sum of the integer words, wrapping at 2^64. Reading it makes a busy counter look for contention again.
    var integerTotal: UInt64 {
        var total = integer.pointee.load(ordering: .relaxed)
        let tagged = stripes.pointee.load(ordering: .acquiring)
        guard tagged >= Stripes.looksLimit else {
            lookAgain(total, tagged)
            return total
        }
        for index in 0..<Stripes.count(tagged) {
            let stripe = (Stripes.base(tagged) + index * 64).assumingMemoryBound(to: Atomic<UInt64>.self)
            total &+= stripe.pointee.load(ordering: .relaxed)
        }
        return total
    }

    /// The sum of the floating words.
    var floatingTotal: Double {
        var total = Double(bitPattern: floating.pointee.load(ordering: .relaxed))
        let tagged = stripes.pointee.load(ordering: .acquiring)
        guard tagged >= Stripes.looksLimit else { return total }
        for index in 0..<Stripes.count(tagged) {
            let stripe = (Stripes.base(tagged) + index * 64 + 8).assumingMemoryBound(to: Atomic<UInt64>.self)
            total += Double(bitPattern: stripe.pointee.load(ordering: .relaxed))
        }
        return total
    }
}
