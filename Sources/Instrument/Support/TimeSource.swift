// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Where time comes from: the system, or a clock that a test moves by hand.
///
/// Two readings: monotonic time for durations and deadlines, wall time for timestamps.
public struct TimeSource: Sendable {
    /// The manual clock, or nil for the system. One branch on the hot path; nothing is retained to read the system's.
    @usableFromInline let manual: ManualClock?

    @usableFromInline
    init(manual: ManualClock?) { self.manual = manual }

    /// The operating system's clocks.
    public static let system = TimeSource(manual: nil)

    /// A clock that only moves when it is told to.
    public static func manual(_ clock: ManualClock) -> TimeSource { TimeSource(manual: clock) }

    /// Whether time stands still until a test moves it: then nothing may wait for the system's clock.
    package var isManual: Bool { manual != nil }

    /// Nanoseconds on a clock that never goes back; its zero has no meaning. Does not allocate.
    @inlinable
    public func monotonicNanoseconds() -> UInt64 {
        guard let manual else { return TimeSource.systemMonotonicNanoseconds() }
        return manual.monotonicNanoseconds()
    }

    /// Nanoseconds since 1970-01-01T00:00:00Z; may jump when the system's clock is set. Does not allocate.
    @inlinable
    public func unixNanoseconds() -> Int64 {
        guard let manual else { return TimeSource.systemUnixNanoseconds() }
        return manual.unixNanoseconds()
    }

    /// The system's monotonic clock, in nanoseconds. Does not allocate.
    public static func systemMonotonicNanoseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(bitPattern: Int64(time.tv_sec)) &* 1_000_000_000 &+ UInt64(bitPattern: Int64(time.tv_nsec))
    }

    /// The system's wall clock, in nanoseconds since 1970. Does not allocate.
    public static func systemUnixNanoseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }
}

/// A clock for tests: it stands still until it is advanced.
public final class ManualClock: Sendable {
    private struct Reading {
        var monotonic: UInt64
        var unix: Int64
    }

    private let reading: Lock<Reading>

    /// Makes a clock that stands at the given readings.
    ///
    /// - Parameters:
    ///   - monotonicNanoseconds: the first monotonic reading.
    ///   - unixNanoseconds: the first wall reading; by default 2026-01-01T00:00:00Z.
    public init(monotonicNanoseconds: UInt64 = 1_000_000_000, unixNanoseconds: Int64 = 1_767_225_600_000_000_000) {
        reading = Lock(Reading(monotonic: monotonicNanoseconds, unix: unixNanoseconds))
    }

    /// Moves both readings forward.
    ///
    /// - Parameter duration: how far; a negative duration is a caller bug.
    public func advance(by duration: Duration) {
        let nanoseconds = duration.saturatedNanoseconds
        precondition(nanoseconds >= 0, "ManualClock: monotonic time never goes back; use stepWallClock(by:)")
        reading.withLock {
            $0.monotonic += UInt64(nanoseconds)
            $0.unix += nanoseconds
        }
    }

    /// Moves the wall reading alone, in either direction, as an administrator or NTP would.
    public func stepWallClock(by duration: Duration) {
        let nanoseconds = duration.saturatedNanoseconds
        reading.withLock { $0.unix += nanoseconds }
    }

    /// The monotonic reading.
    public func monotonicNanoseconds() -> UInt64 { reading.withLock { $0.monotonic } }

    /// The wall reading.
    public func unixNanoseconds() -> Int64 { reading.withLock { $0.unix } }
}

extension Duration {
    /// Whole nanoseconds, cut off at the range of `Int64` (292 years).
    package var saturatedNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        if overflow { return seconds < 0 ? .min : .max }
        let (sum, carried) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000)
        if carried { return seconds < 0 ? .min : .max }
        return sum
    }
}
