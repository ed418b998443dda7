// SPDX-License-Identifier: Apache-2.0

import Instrument

extension ByteBuffer {
    /// Appends an IMF-fixdate such as `Sun, 06 Nov 1994 08:49:37 GMT`
    /// ([RFC 9110 5.6.7](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7)). Does not allocate.
    ///
    /// - Parameter unixSeconds: seconds since 1970, from year 0 to 9999; others are clamped to 1970.
    mutating func append(httpDate unixSeconds: Int64) {
        let seconds = (0..<253_402_300_800).contains(unixSeconds) ? unixSeconds : 0
        let date = CivilDate(unixSeconds: seconds)
        let weekdays: StaticString = "ThuFriSatSunMonTueWed"
        let months: StaticString = "JanFebMarAprMayJunJulAugSepOctNovDec"
        append(UnsafeRawPointer(weekdays.utf8Start + Int(seconds / 86_400 % 7) * 3), count: 3)
        append(", ")
        append(decimal: UInt64(date.day), width: 2)
        append(UInt8(ascii: " "))
        append(UnsafeRawPointer(months.utf8Start + (date.month - 1) * 3), count: 3)
        append(UInt8(ascii: " "))
        append(decimal: UInt64(date.year), width: 4)
        append(UInt8(ascii: " "))
        append(decimal: UInt64(date.hour), width: 2)
        append(UInt8(ascii: ":"))
        append(decimal: UInt64(date.minute), width: 2)
        append(UInt8(ascii: ":"))
        append(decimal: UInt64(date.second), width: 2)
        append(" GMT")
    }
}
