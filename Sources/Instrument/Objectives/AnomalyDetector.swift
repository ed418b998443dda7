// SPDX-License-Identifier: Apache-2.0

/// Tells how far a value is from what it used to be, in standard deviations.
///
/// Keeps an exponentially weighted mean and variance. A value is judged by what came before it, then learnt.
///
/// ```swift
/// var detector = AnomalyDetector(smoothing: 0.1)
/// for value in values where abs(detector.observe(value) ?? 0) > 3 { print("unusual: \(value)") }
/// ```
public struct AnomalyDetector: Sendable, Equatable {
    /// The weight of the newest value, above 0 and at most 1.
    public let smoothing: Double
    /// How many values are learnt before one is judged.
    public let warmUpCount: Int
    /// From this score on a value is learnt with a tenth of the weight, so that an outage does not become usual at once.
    public let dampingScore: Double
    /// The weighted mean.
    public private(set) var mean = 0.0
    /// The weighted variance.
    public private(set) var variance = 0.0
    /// How many values were learnt.
    public private(set) var count = 0

    /// Makes a detector that knows nothing yet.
    ///
    /// - Parameters:
    ///   - smoothing: the weight of the newest value, above 0 and at most 1; 0.1 remembers about 20 values.
    ///   - warmUpCount: how many values are learnt before one is judged, at least 1.
    ///   - dampingScore: from this score on a value is learnt with a tenth of the weight; infinite learns all alike.
    public init(smoothing: Double = 0.1, warmUpCount: Int = 10, dampingScore: Double = .infinity) {
        precondition(
            smoothing > 0 && smoothing <= 1, "AnomalyDetector: smoothing is \(smoothing); use above 0, at most 1")
        self.smoothing = smoothing
        self.warmUpCount = max(1, warmUpCount)
        self.dampingScore = dampingScore
    }

    /// Judges and learns a value.
    ///
    /// - Returns: its distance from the mean in standard deviations; nil while warming up or for a value that is not
    ///   finite. A value off a mean that never moved is infinitely far.
    public mutating func observe(_ value: Double) -> Double? {
        guard value.isFinite else { return nil }
        guard count >= warmUpCount else {
            learn(value, weight: smoothing)
            return nil
        }
        let distance = value - mean
        let score = distance == 0 ? 0 : distance / variance.squareRoot()
        learn(value, weight: score.magnitude > dampingScore ? smoothing / 10 : smoothing)
        return score
    }

    private mutating func learn(_ value: Double, weight: Double) {
        count += 1
        guard count > 1 else {
            mean = value
            return
        }
        let distance = value - mean
        let step = weight * distance
        mean += step
        variance = (1 - weight) * (variance + distance * step)
    }
}

/// A straight line through the newest values of a series: where it is heading, and when it gets to a limit.
public struct LinearTrend: Sendable, Equatable {
    private var points: [(seconds: Double, value: Double)] = []
    private var next = 0
    private let capacity: Int

    /// Makes a trend without values.
    ///
    /// - Parameter capacity: how many values it looks back, at least 2.
    public init(capacity: Int = 60) { self.capacity = max(2, capacity) }

    /// Adds a value.
    ///
    /// - Parameters:
    ///   - value: finite; others are left out.
    ///   - seconds: when; any zero will do.
    public mutating func observe(_ value: Double, at seconds: Double) {
        guard value.isFinite, seconds.isFinite else { return }
        if points.count < capacity {
            points.append((seconds, value))
        } else {
            points[next] = (seconds, value)
            next = (next + 1) % capacity
        }
    }

    /// The slope in units a second by least squares, and the line's value at the newest time; nil with less than two
    /// times.
    public var line: (slope: Double, latest: Double)? {
        guard let newest = points.map(\.seconds).max() else { return nil }
        let count = Double(points.count)
        let meanTime = points.reduce(0) { $0 + ($1.seconds - newest) } / count
        let meanValue = points.reduce(0) { $0 + $1.value } / count
        var spread = 0.0
        var product = 0.0
        for point in points {
            let time = point.seconds - newest - meanTime
            spread += time * time
            product += time * (point.value - meanValue)
        }
        guard spread > 0 else { return nil }
        let slope = product / spread
        return (slope, meanValue - slope * meanTime)
    }

    /// Seconds from the newest time until the line reaches `limit`: 0 when it is past it in its direction, infinite when
    /// it never gets there; nil without a line.
    ///
    /// - Parameters:
    ///   - limit: the value to reach.
    ///   - isUpper: whether the limit is one to stay below, such as a full disk; else one to stay above.
    public func seconds(to limit: Double, isUpper: Bool = true) -> Double? {
        guard let line else { return nil }
        let distance = limit - line.latest
        if isUpper ? distance <= 0 : distance >= 0 { return 0 }
        guard line.slope != 0, (line.slope > 0) == isUpper else { return .infinity }
        return distance / line.slope
    }

    /// Whether both hold the same values.
    public static func == (left: LinearTrend, right: LinearTrend) -> Bool {
        left.capacity == right.capacity && left.next == right.next
            && left.points.elementsEqual(right.points) { $0 == $1 }
    }
}
