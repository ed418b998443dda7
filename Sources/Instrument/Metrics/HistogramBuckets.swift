// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The upper bounds of a histogram's buckets, inclusive; the last bucket, `+Inf`, is always there.
///
/// Durations are observed in seconds, sizes in bytes. Choose bounds around the values that an alert asks for.
///
/// ```swift
/// let latency = try metrics.histogram("latency_seconds", help: "…", buckets: [0.01, 0.1, 0.5, 1])
/// ```
public struct HistogramBuckets: Sendable, Equatable, ExpressibleByArrayLiteral {
    /// The bounds as given.
    public let bounds: [Double]

    /// The most bounds of one histogram.
    public static let boundsMax = 1_000

    /// Takes bounds as they are; registration checks that they ascend.
    public init(_ bounds: [Double]) { self.bounds = bounds }

    /// Takes bounds as they are; registration checks that they ascend.
    public init(arrayLiteral elements: Double...) { bounds = elements }

    /// 5 ms to 10 s: for the duration of network requests.
    public static let `default` = HistogramBuckets([0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10])

    /// 64 B to 64 MiB by factors of 4: for sizes of requests and responses.
    public static let bytes = HistogramBuckets.exponential(start: 64, factor: 4, count: 11)

    /// 1 s to 6 h: for jobs.
    public static let jobs = HistogramBuckets([
        1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 21_600,
    ])

    /// Bounds of equal distance.
    ///
    /// - Parameters:
    ///   - start: the first bound.
    ///   - width: the distance.
    ///   - count: how many bounds.
    public static func linear(start: Double, width: Double, count: Int) -> HistogramBuckets {
        HistogramBuckets((0..<max(0, count)).map { start + width * Double($0) })
    }

    /// Bounds that each are a multiple of the one before.
    ///
    /// - Parameters:
    ///   - start: the first bound, above 0.
    ///   - factor: the multiple, above 1.
    ///   - count: how many bounds.
    public static func exponential(start: Double, factor: Double, count: Int) -> HistogramBuckets {
        HistogramBuckets((0..<max(0, count)).map { start * pow(factor, Double($0)) })
    }

    /// Bounds without a closing +Inf, checked.
    func checked(for metric: String) throws(MetricError) -> [Double] {
        var bounds = bounds
        if bounds.last == .infinity { bounds.removeLast() }
        if bounds.count > Self.boundsMax {
            throw MetricError(
                .invalidOption, subject: metric,
                reason: "has \(bounds.count) buckets; use at most \(Self.boundsMax), or a native histogram")
        }
        for (index, bound) in bounds.enumerated() {
            guard bound.isFinite, index == 0 || bounds[index - 1] < bound else {
                throw MetricError(
                    .invalidOption, subject: metric,
                    reason:
                        "bucket \(index) is \(bound), which is not a finite number above the one before; sort the bounds"
                )
            }
        }
        return bounds
    }
}
