// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The cycles of the last hour, or of whatever is to be kept.
final class CycleHistory: @unchecked Sendable {
    /// One cycle.
    struct Sample: Codable, Equatable, Sendable {
        var unixSeconds: Double
        var milliseconds: Double
        var agents: Int

        enum CodingKeys: String, CodingKey {
            case unixSeconds = "unix_seconds"
            case milliseconds, agents
        }
    }

    /// Samples that are kept at most, however long the retention is.
    static let samplesMax = 36_000
    /// The newest samples, which say how it is now; all others say what is usual.
    private static let recentCount = 5

    private let retention: TimeInterval
    /// The lock guards `kept`, all that changes here.
    private let lock = NSLock()
    private var kept: [Sample] = []

    init(retention: Duration) { self.retention = retention / .seconds(1) }

    /// Adds a cycle and drops those that have become too old.
    func add(_ sample: Sample) {
        lock.withLock {
            kept.append(sample)
            let old = kept.prefix { sample.unixSeconds - $0.unixSeconds > retention }.count
            kept.removeFirst(max(old, kept.count - Self.samplesMax))
        }
    }

    /// The cycles, the newest last.
    var samples: [Sample] { lock.withLock { kept } }

    /// The median of the newest cycles, in milliseconds; 0 before the first.
    var recentMilliseconds: Double { Self.median(samples.suffix(Self.recentCount)) }

    /// The median of all cycles but the newest, in milliseconds; 0 while there are none.
    var usualMilliseconds: Double { Self.median(samples.dropLast(Self.recentCount)) }

    private static func median(_ samples: ArraySlice<Sample>) -> Double {
        let sorted = samples.map(\.milliseconds).sorted()
        return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
    }
}
