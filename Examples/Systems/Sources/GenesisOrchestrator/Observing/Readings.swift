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

    /// A reading of the mean duration since the reading before; without any, the mean before.
    static func meanDuration(_ histogram: Histogram) -> @Sendable () -> Double {
        let last = LastMean()
        return { last.mean(count: Double(histogram.count), sum: histogram.sum) }
    }

    private final class LastMean: Sendable {
        private let state = Mutex((count: 0.0, sum: 0.0, mean: 0.0))

        func mean(count: Double, sum: Double) -> Double {
            state.withLock { state in
                if count > state.count { state = (count, sum, (sum - state.sum) / (count - state.count)) }
                return state.mean
            }
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
