// SPDX-License-Identifier: Apache-2.0

import Instrument
import Synchronization

/// Monotonic time without the spans in which the whole process stood still (SIGSTOP, a paused machine).
///
/// The scheduler reads it at least once a second. A reading that comes much later means that nothing ran at all, not
/// that checks or beats are late: the gap is left out, so that every deadline is as far away as before.
struct AwakeClock: Sendable {
    /// The scheduler never waits longer than this, in nanoseconds.
    static let tickNanoseconds: UInt64 = 1_000_000_000
    /// A gap from this length on counts as a suspension, in nanoseconds.
    static let gapNanoseconds: UInt64 = 2_000_000_000

    /// What has been left out so far, in nanoseconds.
    private(set) var suspended: UInt64 = 0
    private var last: UInt64?

    /// The awake time at `raw`, which is monotonic time as the system tells it.
    mutating func advance(to raw: UInt64) -> UInt64 {
        if let last, raw > last, raw - last >= AwakeClock.gapNanoseconds { suspended += raw - last }
        last = max(raw, last ?? raw)
        return raw - min(suspended, raw)
    }

    /// Starts to watch for gaps at `raw`; what went before does not count.
    mutating func rearm(at raw: UInt64) { last = raw }

    /// The system's time for an awake one.
    func raw(_ awake: UInt64) -> UInt64 { awake.addingSaturated(suspended) }
}

/// The clocks as a heartbeat reads them: without a lock, and right to within one tick after a suspension.
final class AwakeReading: Sendable {
    let time: TimeSource
    /// What `AwakeClock` has left out. Relaxed throughout: one word that only grows, through which nothing else is read.
    private let suspended = Atomic<UInt64>(0)

    init(time: TimeSource) { self.time = time }

    /// Notes what has been left out so far.
    func leaveOut(_ nanoseconds: UInt64) { suspended.store(nanoseconds, ordering: .relaxed) }

    /// What has been left out so far, in nanoseconds: it has grown where the process stood still.
    var leftOutNanoseconds: UInt64 { suspended.load(ordering: .relaxed) }

    /// Awake monotonic time, in nanoseconds.
    func monotonicNanoseconds() -> UInt64 {
        let raw = time.monotonicNanoseconds()
        return raw - min(raw, suspended.load(ordering: .relaxed))
    }
}
