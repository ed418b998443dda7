// SPDX-License-Identifier: Apache-2.0

/// A date and time of the proleptic Gregorian calendar.
package struct CivilDate: Equatable, Sendable {
    /// 0 to 9999.
    package let year: Int
    /// 1 to 12.
    package let month: Int
    /// 1 to 31.
    package let day: Int
    /// 0 to 23.
    package let hour: Int
    /// 0 to 59.
    package let minute: Int
    /// 0 to 59.
    package let second: Int

    /// The UTC date of a Unix time, held within the years 0...9999.
    package init(unixSeconds: Int64) {
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

extension ByteBuffer {
    /// Appends RFC 3339 in UTC with milliseconds, such as `2026-01-01T00:00:00.000Z`: always 24 bytes. Does not allocate.
    ///
    /// - Parameter unixNanoseconds: since 1970; what lies before is told as 1970.
    package mutating func append(timestamp unixNanoseconds: Int64) {
        let milliseconds = max(0, unixNanoseconds) / 1_000_000
        let date = CivilDate(unixSeconds: milliseconds / 1_000)
        append(decimal: UInt64(date.year), width: 4)
        append(UInt8(ascii: "-"))
        append(decimal: UInt64(date.month), width: 2)
        append(UInt8(ascii: "-"))
        append(decimal: UInt64(date.day), width: 2)
        append(UInt8(ascii: "T"))
        append(decimal: UInt64(date.hour), width: 2)
        append(UInt8(ascii: ":"))
        append(decimal: UInt64(date.minute), width: 2)
        append(UInt8(ascii: ":"))
        append(decimal: UInt64(date.second), width: 2)
        append(UInt8(ascii: "."))
        append(decimal: UInt64(milliseconds % 1_000), width: 3)
        append(UInt8(ascii: "Z"))
    }
}
