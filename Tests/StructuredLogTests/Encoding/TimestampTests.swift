// SPDX-License-Identifier: Apache-2.0

import Instrument
import Testing

@testable import StructuredLog

@Suite struct TimestampTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
        (951_782_400_000_000_000, "2000-02-29T00:00:00.000Z"),
        (1_767_225_599_999_999_999, "2025-12-31T23:59:59.999Z"), (Int64.max, "2262-04-11T23:47:16.854Z"),
        (Int64.min, "1677-09-21T00:12:43.145Z"),
    ])
    func timestampsAreRFC3339(nanoseconds: Int64, expected: String) {
        var line = ByteBuffer()
        var writer = TimestampWriter()
        writer.append(nanoseconds, to: &line)
        writer.append(nanoseconds, to: &line)
        #expect(line.makeString() == expected + expected)
    }
}
