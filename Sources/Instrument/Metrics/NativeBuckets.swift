// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Exponential buckets of a native histogram: fine ones wherever values fall, without choosing bounds beforehand.
///
/// Exported in protobuf alone; the other formats show the classic buckets beside them. A Prometheus server takes them
/// with `--enable-feature=native-histograms` (2.40 and later).
///
/// ```swift
/// let latency = try metrics.histogram("latency_seconds", help: "…", buckets: [], native: .standard)
/// ```
public struct NativeBuckets: Sendable, Equatable {
    /// The widest step from one bound to the next; 1.1 gives 8 buckets for each doubling.
    public var growthFactorMax: Double
    /// The most buckets of one series; past it the histogram starts over, widens its zero bucket or halves its
    /// resolution, the first of these that it may.
    public var bucketsMax: Int
    /// Magnitudes up to this count as zero.
    public var zeroThreshold: Double
    /// How far the zero bucket may be widened; equal to ``zeroThreshold`` to keep it.
    public var zeroThresholdMax: Double
    /// A histogram past its buckets starts over when it is at least this old; nil never starts it over.
    public var resetIntervalMin: Duration?

    /// Steps of 10 % at most, 160 buckets, never started over.
    public static let standard = NativeBuckets()

    /// Sets the buckets up.
    ///
    /// - Parameters:
    ///   - growthFactorMax: above 1; the next finer of the factors 2^(2^-n) is taken, n from -4 to 8.
    ///   - bucketsMax: 8 to 4,096.
    ///   - zeroThreshold: above 0.
    ///   - zeroThresholdMax: at least the threshold; by default equal to it.
    ///   - resetIntervalMin: the least age at which the histogram may start over.
    public init(
        growthFactorMax: Double = 1.1, bucketsMax: Int = 160, zeroThreshold: Double = 0x1p-128,
        zeroThresholdMax: Double? = nil, resetIntervalMin: Duration? = nil
    ) {
        self.growthFactorMax = growthFactorMax
        self.bucketsMax = bucketsMax
        self.zeroThreshold = zeroThreshold
        self.zeroThresholdMax = zeroThresholdMax ?? zeroThreshold
        self.resetIntervalMin = resetIntervalMin
    }

    /// The schema whose step is the largest within the factor.
    var schema: Int { min(8, max(-4, Int((-log2(log2(growthFactorMax))).rounded(.up)))) }

    /// Throws what makes no sense.
    func check(for metric: String) throws(MetricError) {
        func refuse(_ reason: String) -> MetricError { MetricError(.invalidOption, subject: metric, reason: reason) }
        guard growthFactorMax > 1, growthFactorMax.isFinite else {
            throw refuse("native growth factor is \(growthFactorMax); use a number above 1, such as 1.1")
        }
        guard (8...4_096).contains(bucketsMax) else {
            throw refuse("native bucketsMax is \(bucketsMax); use 8 to 4096")
        }
        guard zeroThreshold > 0, zeroThreshold.isFinite, zeroThresholdMax >= zeroThreshold, zeroThresholdMax.isFinite
        else {
            throw refuse(
                "native zero threshold is \(zeroThreshold), at most \(zeroThresholdMax); use numbers above 0 in this order"
            )
        }
    }
}
