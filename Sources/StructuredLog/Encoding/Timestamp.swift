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

/// A date and time of the proleptic Gregorian calendar.
struct CivilDate: Equatable {
    var year: Int
    var month: Int
    var day: Int
    var hour: Int
    var minute: Int
    var second: Int

    /// The UTC date of a Unix time, held within the years 0...9999.
    init(unixSeconds: Int64) {
        let bounded = min(max(unixSeconds, -62_167_219_200), 253_402_300_799)
        var days = bounded / 86_400
        var rest = Int(bounded % 86_400)
        if rest < 0 {
            rest += 86_400
            days -= 1
        }
        // Days are counted from 0000-03-01, so that a leap day is the last of its year, in eras of 400 years.
        let shifted = Int(days) + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        hour = rest / 3_600
        minute = rest / 60 % 60
        second = rest % 60
    }
}
