// SPDX-License-Identifier: Apache-2.0

import Instrument
import Synchronization

/// What comes to a histogram between two looks at it.
final class HistogramGrowth: Sendable {
    private let histogram: Histogram
    private let last: Mutex<(at: ContinuousClock.Instant, count: Double, sum: Double)>
    private let lastMean = Mutex(0.0)

    init(_ histogram: Histogram) {
        self.histogram = histogram
        last = Mutex((.now, Double(histogram.count), histogram.sum))
    }

    /// Observations a second since the last look.
    func rate() -> Double {
        let growth = look()
        return growth.count / (growth.time / .seconds(1))
    }

    /// The mean of the observations since the last look; without any, the mean before.
    func mean() -> Double {
        let growth = look()
        return lastMean.withLock { mean in
            if growth.count > 0 { mean = growth.sum / growth.count }
            return mean
        }
    }

    private func look() -> (time: Duration, count: Double, sum: Double) {
        last.withLock { last in
            let now = (at: ContinuousClock.now, count: Double(histogram.count), sum: histogram.sum)
            defer { last = now }
            return (last.at.duration(to: now.at), now.count - last.count, now.sum - last.sum)
        }
    }
}
