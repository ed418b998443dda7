// SPDX-License-Identifier: Apache-2.0

/// What kind of metric a family holds.
public enum MetricKind: String, Sendable, CaseIterable {
    /// A total that never goes down.
    case counter
    /// A value that goes up and down.
    case gauge
    /// Observations counted in buckets.
    case histogram
    /// Observations with quantiles over a sliding window.
    case summary
    /// Text that describes the process, as labels.
    case info
    /// One of several named states.
    case stateSet
    /// A value of unknown kind, for names that others have given.
    case untyped
}

/// A handle to one series: ``Counter``, ``Gauge``, ``Histogram`` and their like.
///
/// Handles are small values; copying and calling them touches no reference count, and they stay valid for the life of
/// the process. Every method is safe from any thread. Only the package's own types can conform: no other module can
/// make a ``SeriesReference``.
public protocol Metric: MetricSource {
    /// The kind of the type's families.
    static var kind: MetricKind { get }
    /// The series behind the handle.
    var series: SeriesReference { get }
    /// Makes a handle to a series of this kind.
    init(series: SeriesReference)
}
