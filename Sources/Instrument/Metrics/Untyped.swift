// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A value of unknown kind, under a name that others have given: a counter whose name has no `_total`, say.
///
/// For new metrics use ``Counter`` or ``Gauge``.
public struct Untyped: Metric {
    /// Untyped.
    public static let kind = MetricKind.untyped
    /// The series behind the handle.
    public let series: SeriesReference

    /// Makes a handle to an untyped series.
    @inlinable
    public init(series: SeriesReference) { self.series = series }

    /// Replaces the value. One relaxed store.
    @inlinable
    public func set(_ value: Double) { series.floating.pointee.store(value.bitPattern, ordering: .relaxed) }

    /// Adds to the value; a negative amount subtracts.
    @inlinable
    public func add(_ amount: Double) { _ = SeriesReference.add(amount, to: series.floating) }

    /// Adds one.
    @inlinable
    public func increment() { add(1) }

    /// The value.
    public var value: Double { series.plainValue }
}
