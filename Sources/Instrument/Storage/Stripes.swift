// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// Copies of a series' words, one for a few threads each, that a contended series is spread over.
///
/// A relaxed add costs 6 ns when a core owns the line and 64 ns when four cores fight for it. So a series that threads
/// were seen to collide on gets up to 16 copies, once and for good; quiet series stay one word. A thread uses the stripe
/// of the processor it runs on, so that two threads share one only while one of them is off its processor.
@usableFromInline
enum Stripes {
    /// The most stripes of one series; their count less one fits below the alignment of their address.
    static let countMax = 16
    /// Alignment of the memory.
    static let lineBytes = 64

    /// A counter's word for stripes when each increment asks for an exemplar: it never gets stripes.
    @usableFromInline static let asksForExemplars: UInt64 = 1

    /// How many stripes a contended series gets on this machine: a power of two, 1 on a single core.
    static let count: Int = {
        let cores = max(1, ProcessInfo.processInfo.activeProcessorCount)
        guard cores > 1 else { return 1 }
        var count = 1
        while count < cores * 4, count < countMax { count *= 2 }
        return count
    }()

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
        guard count > 1, series.stripes.pointee.load(ordering: .relaxed) == 0 else { return }
        let bytes = (count + extra) * bytesEach
        let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: lineBytes)
        memory.initializeMemory(as: UInt64.self, repeating: 0, count: bytes / 8)
        let tagged = UInt64(UInt(bitPattern: memory)) | UInt64(count - 1)
        let exchange = series.stripes.pointee.compareExchange(
            expected: 0, desired: tagged, successOrdering: .releasing, failureOrdering: .relaxed)
        guard exchange.exchanged else { return memory.deallocate() }
        series.head.pointee.stripeBytesTotal.wrappingAdd(bytes, ordering: .relaxed)
    }
}

extension SeriesReference {
    /// The stripe of the processor that the calling thread runs on.
    @inlinable @inline(__always)
    func ownStripe(_ tagged: UInt64, bytesEach: Int = 64) -> UnsafeMutableRawPointer {
        let index = Int(truncatingIfNeeded: head.pointee.stripeNumber()) & Int(truncatingIfNeeded: tagged & 15)
        return Stripes.base(tagged) + index &* bytesEach
    }

    /// Gives a counter its stripes if another thread adds to it right now: if the word is no longer the `total` that the
    /// caller's add has just made it.
    @usableFromInline @inline(never)
    func lookForContention(total: UInt64) {
        if integer.pointee.load(ordering: .relaxed) != total { Stripes.inflate(self) }
    }

    /// Adds to a counter whose increments ask for exemplars.
    @usableFromInline @inline(never)
    func addAskingForExemplar(_ amount: UInt64) {
        integer.pointee.wrappingAdd(amount, ordering: .relaxed)
        askForExemplar(value: Double(amount), bucket: 0)
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
        if tagged == 0 {
            if Self.add(amount, to: floating) != 0 { noteCollision() }
        } else if tagged == Stripes.asksForExemplars {
            _ = Self.add(amount, to: floating)
            askForExemplar(value: amount, bucket: 0)
        } else {
            let stripe = (ownStripe(tagged) + 8).assumingMemoryBound(to: Atomic<UInt64>.self)
            _ = Self.add(amount, to: stripe)
        }
    }

    /// Counts a lost race; the eighth spreads the series over stripes.
    @usableFromInline @inline(never)
    func noteCollision() {
        let old = collisions.pointee.wrappingAdd(1, ordering: .relaxed).oldValue
        if old >= 7 { Stripes.inflate(self) }
    }

    /// The sum of the integer words, wrapping at 2^64.
    var integerTotal: UInt64 {
        var total = integer.pointee.load(ordering: .relaxed)
        let tagged = stripes.pointee.load(ordering: .acquiring)
        guard tagged > Stripes.asksForExemplars else { return total }
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
        guard tagged > Stripes.asksForExemplars else { return total }
        for index in 0..<Stripes.count(tagged) {
            let stripe = (Stripes.base(tagged) + index * 64 + 8).assumingMemoryBound(to: Atomic<UInt64>.self)
            total += Double(bitPattern: stripe.pointee.load(ordering: .relaxed))
        }
        return total
    }
}
