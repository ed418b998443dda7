// SPDX-License-Identifier: Apache-2.0

import Instrument

extension ByteBuffer {
    /// Appends an IMF-fixdate such as `Sun, 06 Nov 1994 08:49:37 GMT`
    /// ([RFC 9110 5.6.7](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7)). Does not allocate.
    ///
    /// - Parameter unixSeconds: seconds since 1970, from year 0 to 9999; others are clamped to 1970.
    mutating func append(httpDate unixSeconds: Int64) {
        let seconds = (0..<253_402_300_800).contains(unixSeconds) ? unixSeconds : 0
        let days = seconds / 86_400
        let date = CivilDate(daysSince1970: days)
        let weekdays: StaticString = "ThuFriSatSunMonTueWed"
        let months: StaticString = "JanFebMarAprMayJunJulAugSepOctNovDec"
        append(UnsafeRawPointer(weekdays.utf8Start + Int(days % 7) * 3), count: 3)
        append(", ")
        append(decimal: UInt64(date.day), width: 2)
        append(UInt8(ascii: " "))
        append(UnsafeRawPointer(months.utf8Start + (date.month - 1) * 3), count: 3)
        append(UInt8(ascii: " "))
        append(decimal: UInt64(date.year), width: 4)
        append(UInt8(ascii: " "))
        let time = UInt64(seconds % 86_400)
        append(decimal: time / 3_600, width: 2)
        append(UInt8(ascii: ":"))
        append(decimal: time / 60 % 60, width: 2)
        append(UInt8(ascii: ":"))
        append(decimal: time % 60, width: 2)
        append(" GMT")
    }
}

/// A day of the proleptic Gregorian calendar.
struct CivilDate {
    let year: Int
    let month: Int
    let day: Int

    /// Counts in eras of 400 years that begin on 1 March, so that the leap day comes last.
    ///
    /// - Precondition: `days` >= 0.
    init(daysSince1970 days: Int64) {
        let shifted = Int(days) + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }
}
