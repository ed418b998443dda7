// SPDX-License-Identifier: Apache-2.0

/// What became of the lines of one output, read in one piece: `accepted == written + dropped + inFlight` at any moment.
public struct LogStatistics: Sendable, Equatable {
    /// Lines that were handed over, in-band reports included.
    public internal(set) var accepted: UInt64 = 0
    /// Lines that the sink took whole.
    public internal(set) var written: UInt64 = 0
    /// Lines that were given up, by level.
    public internal(set) var droppedByLevel: [UInt64] = Array(repeating: 0, count: LogLevel.allCases.count)
    /// Lines that wait to be written.
    public internal(set) var inFlight: UInt64 = 0
    /// Bytes of the lines written, newlines included.
    public internal(set) var writtenBytes: UInt64 = 0
    /// Bytes of the lines dropped.
    public internal(set) var droppedBytes: UInt64 = 0
    /// Writes that failed, whether or not a later attempt took the line, and file changes that failed.
    public internal(set) var errors: UInt64 = 0
    /// Lines that the output wrote by itself to report drops; they count as accepted and written too.
    public internal(set) var reports: UInt64 = 0
    /// Files that were set aside.
    public internal(set) var rotations: UInt64 = 0
    /// Files that were opened anew because another program moved them.
    public internal(set) var reopenings: UInt64 = 0
    /// The errno of the failure that closed the output for good, such as a pipe without a reader.
    public internal(set) var closedBy: Int32?

    /// Failures of the target's own, as far as they are part of `errors`.
    var targetFailures: UInt64 = 0

    /// Takes over what the target did besides writing.
    mutating func note(_ counts: TargetCounts) {
        rotations = counts.rotations
        reopenings = counts.reopenings
        errors += counts.failures - targetFailures
        targetFailures = counts.failures
    }

    /// Lines that were given up.
    public var dropped: UInt64 { droppedByLevel.reduce(0, +) }

    /// Counts a line that is given up before it was queued.
    mutating func refuse(_ level: LogLevel, bytes: Int) {
        accepted += 1
        drop(level, bytes: bytes)
    }

    /// Counts a line as dropped; the caller has accounted for its acceptance.
    mutating func drop(_ level: LogLevel, bytes: Int) {
        droppedByLevel[Int(level.rawValue)] += 1
        droppedBytes += UInt64(bytes)
    }
}
