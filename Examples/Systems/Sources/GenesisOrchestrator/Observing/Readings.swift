// SPDX-License-Identifier: Apache-2.0

import Foundation
import HealthProbes
import Instrument
import Synchronization

/// Figures that forecasts and anomaly checks look at.
enum Readings {
    /// Bytes used on the file system of `path`, and its size.
    static func disk(_ path: String) throws -> (used: Double, size: Double) {
        let attributes = try FileManager.default.attributesOfFileSystem(forPath: path)
        guard let size = attributes[.systemSize] as? NSNumber, let free = attributes[.systemFreeSize] as? NSNumber
        else { throw CheckFailure("the file system of \(path) does not tell its size") }
        return (size.doubleValue - free.doubleValue, size.doubleValue)
    }

    /// Resident memory of this process, in bytes; from `/proc`, so on Linux alone.
    static func memory() throws -> Double {
        let fields = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
        guard fields.count > 1, let pages = Double(fields[1]) else { throw CheckFailure("/proc/self/statm is odd") }
        return pages * Double(sysconf(Int32(_SC_PAGESIZE)))
    }

}

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

/// The share of the last hundred plans that did not fail.
final class StabilityScore: Sendable {
    private static let keptMax = 100
    private let outcomes = Mutex<[Bool]>([])
    private let score: Gauge

    init(_ score: Gauge) { self.score = score }

    func record(isGood: Bool) {
        outcomes.withLock { outcomes in
            if outcomes.count == Self.keptMax { outcomes.removeFirst() }
            outcomes.append(isGood)
            score.set(Double(outcomes.count { $0 }) / Double(outcomes.count))
        }
    }
}
