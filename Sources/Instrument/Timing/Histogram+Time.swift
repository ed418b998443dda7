// SPDX-License-Identifier: Apache-2.0

// `time { }` is inlinable because it takes a closure: the call costs two clock reads and an observation
// (benchmark `Histogram.time`), and neither allocates nor retains.

extension Histogram {
    /// Runs `body` and counts how long it took, also when it throws.
    ///
    /// ```swift
    /// let rows = try latency.time { try query() }
    /// ```
    @inlinable
    public func time<Result: ~Copyable, Failure: Error>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let start = series.head.pointee.monotonicNanoseconds()
        defer { observeElapsed(since: start) }
        return try body()
    }

    /// Runs `body` on the caller's actor and counts how long it took, also when it throws or is cancelled.
    @inlinable
    public func time<Result: ~Copyable, Failure: Error>(
        isolation: isolated (any Actor)? = #isolation, _ body: () async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        let start = series.head.pointee.monotonicNanoseconds()
        defer { observeElapsed(since: start) }
        return try await body()
    }

    @inlinable
    func observeElapsed(since start: UInt64) {
        observe(nanoseconds: Int64(bitPattern: series.head.pointee.monotonicNanoseconds() &- start))
    }
}
