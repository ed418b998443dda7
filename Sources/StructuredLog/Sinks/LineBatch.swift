// SPDX-License-Identifier: Apache-2.0

import Instrument

/// Lines that are written together.
///
/// Reached through plain pointers, so that adding a line counts no references: a batch is filled under its queue's lock,
/// then belongs to the writer thread alone, then waits to be filled again; the queue frees it.
struct LineBatch: ~Copyable {
    /// The most that is written together.
    static let bytesMax = 65_536

    private(set) var bytes: ByteBuffer
    /// The level of each line, so that lines given up can be counted by level.
    private(set) var levels: ByteBuffer

    private init() {
        bytes = ByteBuffer(capacity: 4_096)
        levels = ByteBuffer(capacity: 64)
    }

    /// Makes an empty batch; `free` gives it back.
    static func make() -> UnsafeMutablePointer<LineBatch> {
        let batch = UnsafeMutablePointer<LineBatch>.allocate(capacity: 1)
        batch.initialize(to: LineBatch())
        return batch
    }

    /// Gives a batch back.
    static func free(_ batch: UnsafeMutablePointer<LineBatch>) {
        batch.deinitialize(count: 1)
        batch.deallocate()
    }

    var lineCount: Int { levels.count }

    /// Whether another `additional` bytes belong in this batch.
    @inline(__always)
    func hasRoom(for additional: Int) -> Bool { bytes.count == 0 || bytes.count &+ additional <= Self.bytesMax }

    @inline(__always)
    mutating func append(_ line: UnsafeRawBufferPointer, _ level: LogLevel) {
        bytes.append(line)
        levels.append(level.rawValue)
    }

    /// Appends a line that is made in place.
    mutating func append(_ level: LogLevel, _ write: (inout ByteBuffer) -> Void) {
        write(&bytes)
        levels.append(level.rawValue)
    }

    mutating func removeAll() {
        bytes.removeAll(keeping: Self.bytesMax * 2)
        levels.removeAll()
    }

    func level(ofLine index: Int) -> LogLevel { LogLevel(rawValue: levels.base[index]) ?? .critical }
}

/// How far a batch has been written: pure bookkeeping, so that it can be tested without a sink.
struct BatchProgress {
    /// The next byte to write.
    private(set) var offset = 0
    /// Whole lines written.
    private(set) var lines = 0
    /// The start of the line in which `offset` stands.
    private(set) var lineStart = 0

    /// Whether the next byte continues a line of which a part was written.
    var isWithinLine: Bool { offset > lineStart }

    /// Notes that `taken` more bytes were written.
    ///
    /// - Parameter lineCount: how many lines `bytes` are.
    /// - Returns: how many lines, of how many bytes, were completed by them.
    mutating func advance(
        by taken: Int, in bytes: UnsafeRawBufferPointer, lineCount: Int
    ) -> (lines: Int, bytes: Int) {
        let earlier = (lines: lines, start: lineStart)
        if offset + taken == bytes.count {
            // The usual case: everything was taken at once, and nobody has to look for newlines.
            (offset, lines, lineStart) = (bytes.count, lineCount, bytes.count)
            return (lines - earlier.lines, lineStart - earlier.start)
        }
        for position in offset..<offset + taken where bytes[position] == UInt8(ascii: "\n") {
            lines += 1
            lineStart = position + 1
        }
        offset += taken
        return (lines - earlier.lines, lineStart - earlier.start)
    }

    /// Goes back to the start of the line: its first part is lost or was taken back.
    mutating func restartLine() { offset = lineStart }
}
