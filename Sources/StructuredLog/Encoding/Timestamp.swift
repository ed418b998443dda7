// SPDX-License-Identifier: Apache-2.0

import Instrument

/// RFC 3339 timestamps in UTC with milliseconds; the text of the current second is kept.
///
/// Raw memory for the kept text: it is part of a thread's line state and has that one owner.
struct TimestampWriter: ~Copyable {
    private let text: UnsafeMutablePointer<UInt8>
    private var second = Int64.min
    /// `2026-01-31T23:59:59.` without its milliseconds.
    private static let keptBytes = 20

    init() { text = .allocate(capacity: Self.keptBytes) }

    deinit { text.deallocate() }

    /// Appends `2026-01-31T23:59:59.123Z`. Years outside 0...9999 are held at those ends.
    @inline(__always)
    mutating func append(_ unixNanoseconds: Int64, to line: inout ByteBuffer) {
        var seconds = unixNanoseconds / 1_000_000_000
        var rest = unixNanoseconds &- seconds &* 1_000_000_000
        if rest < 0 {
            seconds &-= 1
            rest &+= 1_000_000_000
        }
        if seconds != second { render(seconds) }
        let milliseconds = UInt32(truncatingIfNeeded: rest) / 1_000_000
        let text = text
        line.append(most: 24) { output in
            let raw = UnsafeMutableRawPointer(output)
            raw.copyMemory(from: text, byteCount: Self.keptBytes)
            let hundreds = milliseconds / 100
            let tens = milliseconds / 10 &- hundreds &* 10
            let ones = milliseconds &- milliseconds / 10 &* 10
            output[20] = 48 &+ UInt8(truncatingIfNeeded: hundreds)
            output[21] = 48 &+ UInt8(truncatingIfNeeded: tens)
            output[22] = 48 &+ UInt8(truncatingIfNeeded: ones)
            output[23] = UInt8(ascii: "Z")
            return 24
        }
    }

    /// Appends `2026-01-31 23:59:59.123`, for people.
    mutating func appendSpaced(_ unixNanoseconds: Int64, to line: inout ByteBuffer) {
        let start = line.count
        append(unixNanoseconds, to: &line)
        line.base[start + 10] = UInt8(ascii: " ")
        line.truncate(to: line.count - 1)
    }

    @inline(never)
    private mutating func render(_ seconds: Int64) {
        second = seconds
        let date = CivilDate(unixSeconds: seconds)
        put(date.year, digits: 4, at: 0, then: "-")
        put(date.month, digits: 2, at: 5, then: "-")
        put(date.day, digits: 2, at: 8, then: "T")
        put(date.hour, digits: 2, at: 11, then: ":")
        put(date.minute, digits: 2, at: 14, then: ":")
        put(date.second, digits: 2, at: 17, then: ".")
    }

    private func put(_ value: Int, digits: Int, at start: Int, then separator: Unicode.Scalar) {
        var rest = value
        for position in stride(from: start + digits - 1, through: start, by: -1) {
            text[position] = 48 + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        text[start + digits] = UInt8(ascii: separator)
    }
}
