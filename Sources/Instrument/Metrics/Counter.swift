// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A total that only goes up: requests served, bytes sent, seconds spent.
///
/// Not for values that may fall: use a ``Gauge``. Whole and floating increments may be mixed; the value is their sum.
///
/// ```swift
/// let jobs = try metrics.counter("jobs_total", help: "Jobs.")
/// jobs.increment()
/// jobs.increment(by: 2.5)
/// ```
public struct Counter: Metric {
    /// Counter.
    public static let kind = MetricKind.counter
    /// The series behind the handle.
    public let series: SeriesReference

    /// Makes a handle to a counter's series.
    @inlinable
    public init(series: SeriesReference) { self.series = series }

    /// Adds one. Does not allocate, lock, retain or release; 6 ns, from four threads as well (`Counter.increment`).
    @inlinable
    public func increment() { add(1) }

    /// Adds a whole number. Costs what ``increment()`` costs.
    ///
    /// - Parameter amount: at least 0; a negative amount is refused and counted in `instrument_refused_updates_total`.
    @inlinable
    public func increment(by amount: Int) {
        guard amount >= 0 else { return series.refuseUpdate() }
        add(UInt64(truncatingIfNeeded: amount))
    }

    /// Adds any number. Costs about twice ``increment()``.
    ///
    /// - Parameter amount: finite and at least 0; anything else is refused and counted in
    ///   `instrument_refused_updates_total`.
    @inlinable
    public func increment(by amount: Double) {
        guard amount >= 0, amount < .infinity else { return series.refuseUpdate() }
        series.addFloating(amount)
    }

    /// Adds a duration in seconds, the base unit.
    ///
    /// - Parameter amount: not negative; else it is refused and counted in `instrument_refused_updates_total`.
    public func increment(by amount: Duration) {
        increment(by: Double(amount.saturatedNanoseconds) / 1e9)
    }

    /// Raises the total to one that is kept elsewhere, such as the kernel's count of CPU seconds; for collectors.
    ///
    /// - Parameter total: finite; one below the present total changes nothing.
    public func raise(to total: Double) {
        guard total.isFinite else { return series.refuseUpdate() }
        var present = series.floating.pointee.load(ordering: .relaxed)
        while Double(bitPattern: present) < total {
            let exchange = series.floating.pointee.compareExchange(
                expected: present, desired: total.bitPattern, ordering: .relaxed)
            if exchange.exchanged { return }
            present = exchange.original
        }
    }

    /// The total so far.
    public var value: Double { series.counterValue }

    // Relaxed: a counter orders nothing else. An add that passes a multiple of 64 looks for contention, see Stripes.
    @inlinable @inline(__always)
    func add(_ amount: UInt64) {
        let tagged = series.stripes.pointee.load(ordering: .acquiring)
        if tagged == 0 {
            let old = series.integer.pointee.wrappingAdd(amount, ordering: .relaxed).oldValue
            if old & 63 < amount { series.lookForContention(total: old &+ amount) }
        } else if tagged == Stripes.asksForExemplars {
            series.addAskingForExemplar(amount)
        } else {
            series.ownStripe(tagged).assumingMemoryBound(to: Atomic<UInt64>.self)
                .pointee.wrappingAdd(amount, ordering: .relaxed)
        }
    }
}

extension SeriesReference {
    /// The sum of a counter's parts. Whole numbers stay exact up to 2^53.
    var counterValue: Double {
        let floating = floatingTotal
        let integer = Double(integerTotal)
        return floating == 0 ? integer : integer + floating
    }

    /// Counts an update that was not taken.
    @usableFromInline @inline(never)
    func refuseUpdate() {
        head.pointee.storage._withUnsafeGuaranteedRef { $0.noteRefusedUpdate() }
    }
}
