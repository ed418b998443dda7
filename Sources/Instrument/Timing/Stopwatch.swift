// SPDX-License-Identifier: Apache-2.0

/// Measures a time that no closure spans: from a request's first byte to its last, say.
///
/// ```swift
/// let watch = Stopwatch()
/// // ...
/// latency.observe(watch.elapsed)
/// ```
public struct Stopwatch: Sendable {
    private let time: TimeSource
    private let start: UInt64

    /// Starts.
    public init(time: TimeSource = .system) {
        self.time = time
        start = time.monotonicNanoseconds()
    }

    /// The time since the start. Does not allocate.
    public var elapsed: Duration { .nanoseconds(elapsedNanoseconds) }

    /// The same in nanoseconds.
    public var elapsedNanoseconds: Int64 { Int64(bitPattern: time.monotonicNanoseconds() &- start) }

    /// Counts the time since the start; the watch runs on.
    ///
    /// - Returns: that time.
    @discardableResult
    public func observe(in histogram: Histogram) -> Duration {
        let nanoseconds = elapsedNanoseconds
        histogram.observe(nanoseconds: nanoseconds)
        return .nanoseconds(nanoseconds)
    }
}
