// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Observations with quantiles over a sliding window, computed here: `x{quantile="0.95"}`.
///
/// Not for what several processes do together: quantiles cannot be added up, a ``Histogram``'s buckets can.
/// A quantile is off by 1 % at most. A series' window takes up to 64 KiB, made at its first observation; while it is
/// empty the quantiles are NaN. Count and sum run over the life of the process.
///
/// Each fifth of the window has room for values of 46 powers of two, of either sign: as many as there are from a nanosecond
/// to 19 hours. A value of a further one counts towards quantiles as the nearest value that there is room for, and in
/// `instrument_summary_values_beyond_total`; count and sum have it as it is. Magnitudes below 2.2e-308 count as 0.
///
/// ```swift
/// let sizes = try metrics.summary("response_size_bytes", help: "…", quantiles: [0.5, 0.95, 0.99])
/// sizes.observe(1_532)
/// ```
public struct Summary: Metric {
    /// Summary.
    public static let kind = MetricKind.summary
    /// The series behind the handle.
    public let series: SeriesReference

    /// Makes a handle to a summary's series.
    @inlinable
    public init(series: SeriesReference) { self.series = series }

    /// Counts a value.
    ///
    /// - Parameter value: in the base unit; NaN and infinities are refused and counted in
    ///   `instrument_refused_updates_total`.
    public func observe(_ value: Double) {
        guard value.isFinite else { return series.refuseUpdate() }
        let window = series.makeWindow()
        let isHeld = window._withUnsafeGuaranteedRef {
            $0.observe(value, at: series.head.pointee.monotonicNanoseconds())
        }
        if !isHeld { series.noteValueBeyond() }
        series.addFloating(value)
        Counter(series: series).add(1)
    }

    /// Counts a whole number.
    public func observe(_ value: Int) { observe(Double(value)) }

    /// Counts a duration, in seconds.
    public func observe(_ duration: Duration) { observe(Double(duration.saturatedNanoseconds) / 1e9) }

    /// How many values were counted.
    public var count: UInt64 { series.integerTotal }

    /// The sum of all values.
    public var sum: Double { series.floatingTotal }

    /// The value below which a share of the window's observations lies; NaN when the window is empty.
    ///
    /// - Parameter quantile: 0 to 1.
    public func quantile(_ quantile: Double) -> Double { series.readSummary(quantiles: [quantile]).values[0] }
}

extension SeriesReference {
    /// Counts a value whose octave its window had no room for.
    @inline(never)
    fileprivate func noteValueBeyond() { head.pointee.storage._withUnsafeGuaranteedRef { $0.noteValueBeyond() } }

    /// The window of a summary, made at the first call.
    fileprivate func makeWindow() -> Unmanaged<QuantileWindow> {
        if let window { return window }
        let length = head.pointee.storage._withUnsafeGuaranteedRef { $0.description.shape.window }
        let made = Unmanaged.passRetained(QuantileWindow(window: length))
        // Release: who reads the address sees the window whole. The loser of a race gives its window back.
        let exchange = extra.pointee.compareExchange(
            expected: 0, desired: UInt64(UInt(bitPattern: made.toOpaque())), successOrdering: .releasing,
            failureOrdering: .relaxed)
        if exchange.exchanged { return made }
        made.release()
        return window.unsafelyUnwrapped
    }

    private var window: Unmanaged<QuantileWindow>? {
        UnsafeRawPointer(bitPattern: UInt(extra.pointee.load(ordering: .acquiring))).map { .fromOpaque($0) }
    }

    /// Reads count, sum and quantiles of a summary.
    func readSummary(quantiles: [Double]) -> (count: UInt64, sum: Double, values: [Double]) {
        let now = head.pointee.monotonicNanoseconds()
        let values = window?._withUnsafeGuaranteedRef { $0.quantiles(quantiles, at: now) }
        return (integerTotal, floatingTotal, values ?? quantiles.map { _ in .nan })
    }
}
