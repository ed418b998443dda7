// SPDX-License-Identifier: Apache-2.0

/// How much two totals grew within a window. Pure.
struct GrowthWindow: Sendable {
    /// What came of looking back.
    struct Growth: Equatable, Sendable {
        var first: Double
        var second: Double
        /// The span that the growth took.
        var seconds: Double
    }

    private struct Sample: Sendable {
        var first: Double
        var second: Double
        var at: UInt64
    }

    /// Samples that are kept at most.
    static let samplesMax = 4_096

    private let length: UInt64
    private var samples: [Sample] = []

    init(length: UInt64) { self.length = length }

    /// Takes the totals in and returns how much they grew since the oldest sample of the window; nil for the first one.
    mutating func record(_ first: Double, _ second: Double, now: UInt64) -> Growth? {
        // The newest sample beyond the window stays: it marks the window's beginning.
        let old = samples.dropFirst().prefix { now - min($0.at, now) >= length }.count
        samples.removeFirst(old)
        if samples.count >= GrowthWindow.samplesMax { samples.removeFirst(samples.count - GrowthWindow.samplesMax + 1) }
        samples.append(Sample(first: first, second: second, at: now))
        guard let oldest = samples.first, oldest.at < now else { return nil }
        return Growth(
            first: max(0, first - oldest.first), second: max(0, second - oldest.second),
            seconds: Double(now - oldest.at) / 1e9)
    }
}
