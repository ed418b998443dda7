// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import Instrument

@Suite struct CivilDateTests {
    @Test func datesAreThoseOfTheCalendar() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(secondsFromGMT: 0))
        var random = SeededGenerator(seed: 11)
        // From 1600, the first year of the Gregorian calendar that Foundation does not convert to the Julian one.
        let first: Int64 = -11_676_096_000
        for index in 0..<20_000 {
            let seconds = index < 400 ? Int64(index) * 86_400 * 365 / 4 : first + Int64(random.next() % 265_000_000_000)
            let date = CivilDate(unixSeconds: seconds)
            let parts = calendar.dateComponents(
                [.year, .month, .day, .hour, .minute, .second], from: Date(timeIntervalSince1970: Double(seconds)))
            #expect(
                [date.year, date.month, date.day, date.hour, date.minute, date.second] == [
                    parts.year, parts.month, parts.day, parts.hour, parts.minute, parts.second,
                ])
        }
    }

    @Test func timestampsHaveMillisecondsAndNeverLieBefore1970() {
        var text = ByteBuffer()
        text.append(timestamp: 1_767_225_599_999_999_999)
        text.append(timestamp: -1)
        #expect(text.makeString() == "2025-12-31T23:59:59.999Z1970-01-01T00:00:00.000Z")
    }
}
