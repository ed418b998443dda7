// SPDX-License-Identifier: Apache-2.0

import Instrument

/// How old a file is although the wall clock may step. Pure.
///
/// At the first look and after each change the age is what the wall clock says; from then on it grows with monotonic
/// time, so that setting the clock neither ages nor renews anything.
struct FileAge: Sendable {
    private var modified: Int64?
    private var ageThen: UInt64 = 0
    private var seenAt: UInt64 = 0

    /// The age in nanoseconds of a file that was modified at `modified` (nanoseconds since 1970).
    mutating func age(modified: Int64, now: UInt64, unix: Int64) -> UInt64 {
        if modified != self.modified {
            self.modified = modified
            ageThen = UInt64(max(0, unix - modified))
            seenAt = now
        }
        return ageThen + (now - min(seenAt, now))
    }
}
