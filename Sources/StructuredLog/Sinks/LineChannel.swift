// SPDX-License-Identifier: Apache-2.0

/// Takes finished lines for one output. A class with two subclasses rather than a protocol: one table call a line.
///
/// `@unchecked Sendable`: subclasses keep their state under a lock.
class LineChannel: @unchecked Sendable {
    /// Takes a line, newline included. Safe from any thread.
    func accept(_ line: UnsafeRawBufferPointer, _ level: LogLevel) { preconditionFailure("a channel accepts lines") }

    /// Waits until what was accepted so far is settled; false at the deadline (monotonic nanoseconds).
    func flush(until deadline: UInt64) -> Bool { preconditionFailure("a channel can be flushed") }

    /// Writes what was accepted and closes; false when lines were dropped at the deadline.
    @discardableResult
    func shutdown(until deadline: UInt64) -> Bool { preconditionFailure("a channel can be shut down") }

    /// Has a file that was moved opened anew.
    func reopen() { preconditionFailure("a channel can reopen its target") }

    /// One consistent reading.
    var statistics: LogStatistics { preconditionFailure("a channel counts its lines") }
}
