// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// One copy of a histogram's words: sums, buckets, and the flag of the thread that writes them.
///
/// An atomic add costs 6 ns, a compare-and-swap of the sum twice that. Instead a thread takes the lane with one exchange
/// (acquire), changes sum and buckets by plain relaxed loads and stores, and gives it back (release): one locked
/// instruction for all words. Nobody waits: a thread that finds its lane taken uses atomic adds on the shared lane, which
/// no thread ever owns. So an observation is always finished in a bounded number of steps, even when an owner is
/// preempted. A reader takes no lane: each word is whole by itself, never decreases within a lane, and the count is the
/// sum of the buckets read.
///
/// | lane | sums | owner | buckets |
/// |---|---|---|---|
/// | in the record | 0, 8 | 60 | 64... |
/// | stripe | 0, 8 | 16 | 32... |
struct HistogramLane {
    let sums: UnsafeMutableRawPointer
    let owner: UnsafeMutablePointer<Atomic<UInt8>>
    let buckets: UnsafeMutablePointer<Atomic<UInt64>>

    /// Bytes in front of the buckets of a stripe.
    static let stripeHeaderBytes = 32

    /// The lane in the record itself.
    @inline(__always)
    init(record series: SeriesReference) {
        sums = series.base
        owner = series.owner
        buckets = series.cells.assumingMemoryBound(to: Atomic<UInt64>.self)
    }

    /// A stripe.
    @inline(__always)
    init(stripe: UnsafeMutableRawPointer) {
        sums = stripe
        owner = (stripe + 16).assumingMemoryBound(to: Atomic<UInt8>.self)
        buckets = (stripe + Self.stripeHeaderBytes).assumingMemoryBound(to: Atomic<UInt64>.self)
    }

    /// Nanoseconds that were observed.
    var integerSum: UnsafeMutablePointer<Atomic<UInt64>> {
        @inline(__always) get { sums.assumingMemoryBound(to: Atomic<UInt64>.self) }
    }

    /// Doubles that were observed.
    var floatingSum: UnsafeMutablePointer<Atomic<UInt64>> {
        @inline(__always) get { (sums + 8).assumingMemoryBound(to: Atomic<UInt64>.self) }
    }

    /// Takes the lane; false when another thread has it.
    @inline(__always)
    func take() -> Bool { owner.pointee.exchange(1, ordering: .acquiring) == 0 }

    /// Gives the lane back.
    @inline(__always)
    func give() { owner.pointee.store(0, ordering: .releasing) }

    /// Writes an observation as the lane's owner.
    @inline(__always)
    func record(_ observation: Observation, bucket: Int) {
        let count = buckets + bucket
        count.pointee.store(count.pointee.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
        switch observation {
        case .value(let value):
            let sum = Double(bitPattern: floatingSum.pointee.load(ordering: .relaxed)) + value
            floatingSum.pointee.store(sum.bitPattern, ordering: .relaxed)
        case .nanoseconds(let nanoseconds):
            let sum = Int64(bitPattern: integerSum.pointee.load(ordering: .relaxed)) &+ nanoseconds
            if sum.magnitude < 1 << 62 {
                integerSum.pointee.store(UInt64(bitPattern: sum), ordering: .relaxed)
            } else {
                carry(sum)
            }
        }
    }

    /// Moves an integer sum of 146 years over to the floating one before it can wrap.
    @inline(never)
    private func carry(_ sum: Int64) {
        let floating = Double(bitPattern: floatingSum.pointee.load(ordering: .relaxed)) + Double(sum) / 1e9
        floatingSum.pointee.store(floating.bitPattern, ordering: .relaxed)
        integerSum.pointee.store(0, ordering: .relaxed)
    }

    /// Writes an observation into the shared lane, where many threads write at once.
    @inline(never)
    func share(_ observation: Observation, bucket: Int) {
        (buckets + bucket).pointee.wrappingAdd(1, ordering: .relaxed)
        switch observation {
        case .value(let value): _ = SeriesReference.add(value, to: floatingSum)
        case .nanoseconds(let nanoseconds): _ = SeriesReference.add(Double(nanoseconds) / 1e9, to: floatingSum)
        }
    }
}

/// What was observed: a number, or a time kept in whole nanoseconds until it is exported as seconds.
enum Observation {
    case value(Double)
    case nanoseconds(Int64)

    /// The number that buckets compare: the value, or seconds. Division rounds correctly, so that 5 ms is 0.005.
    @inline(__always)
    var magnitude: Double {
        switch self {
        case .value(let value): value
        case .nanoseconds(let nanoseconds): Double(nanoseconds) / 1e9
        }
    }
}
