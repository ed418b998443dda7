// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A value that goes up and down: queue depth, temperature, requests in flight.
///
/// Not for totals: a ``Counter`` survives restarts in `rate()`.
///
/// ```swift
/// let depth = try metrics.gauge("queue_depth", help: "Jobs waiting.")
/// depth.set(3)
/// ```
public struct Gauge: Metric {
    /// Gauge.
    public static let kind = MetricKind.gauge
    /// The series behind the handle.
    public let series: SeriesReference

    /// Makes a handle to a gauge's series.
    @inlinable
    public init(series: SeriesReference) { self.series = series }

    /// Replaces the value. One relaxed store: does not allocate, lock, retain or release.
    @inlinable
    public func set(_ value: Double) { series.floating.pointee.store(value.bitPattern, ordering: .relaxed) }

    /// Replaces the value by a whole number, exact up to 2^53.
    @inlinable
    public func set(_ value: Int) { set(Double(value)) }

    /// Replaces the value by a duration in seconds, the base unit.
    public func set(_ value: Duration) { set(Double(value.saturatedNanoseconds) / 1e9) }

    /// Replaces the value by the wall clock's time, in seconds since 1970.
    public func setToCurrentTime() { set(Double(series.clock.unixNanoseconds()) / 1e9) }

    /// Adds to the value; a negative amount subtracts.
    @inlinable
    public func add(_ amount: Double) { _ = SeriesReference.add(amount, to: series.floating) }

    /// Adds a whole number.
    @inlinable
    public func add(_ amount: Int) { add(Double(amount)) }

    /// Adds one.
    @inlinable
    public func increment() { add(1.0) }

    /// Subtracts one.
    @inlinable
    public func decrement() { add(-1.0) }

    /// The value.
    public var value: Double { Double(bitPattern: series.floating.pointee.load(ordering: .relaxed)) }

    /// Counts `body` as in flight while it runs: up by one at the start, down by one on return, throw or cancellation.
    @inlinable
    public func track<Result: ~Copyable, Failure: Error>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        increment()
        defer { decrement() }
        return try body()
    }

    /// Counts `body` as in flight while it runs, on the caller's actor.
    @inlinable
    public func track<Result: ~Copyable, Failure: Error>(
        isolation: isolated (any Actor)? = #isolation, _ body: () async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        increment()
        defer { decrement() }
        return try await body()
    }
}

extension SeriesReference {
    /// The clock of the family's registry.
    var clock: TimeSource { head.pointee.storage._withUnsafeGuaranteedRef { $0.time } }
}
