// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument
import Testing

@testable import StructuredLog

@Suite struct RotatedFileTests {
    @Test func namesAreReadBack() throws {
        let name = RotatedFile.name(of: "app.log", unixSeconds: 1_767_225_599, number: 12)
        #expect(name == "app.log.20251231T235959Z.12")
        let file = try #require(RotatedFile(name: name, base: "app.log", bytes: 5))
        #expect(file.unixSeconds == 1_767_225_599 && file.number == 12 && !file.name.hasSuffix(".log"))
    }

    @Test(arguments: [
        "app.log", "app.log.1", "app.log.20251231T235959Z", "app.log.20251231T235959Z.0", "app.log.20251331T235959Z.1",
        "app.log.20251231T235959Z.1.gz", "app.log.20251231T235959Z.01", "other.log.20251231T235959Z.1",
        "app.log.2025123éT235959Z.1", "app.log.+0251231T235959Z.1",
    ])
    func namesOfOthersAreLeftAlone(name: String) { #expect(RotatedFile(name: name, base: "app.log", bytes: 0) == nil) }

    @Test func periodsEndAtLocalMidnightAndFullHours() throws {
        let berlin = try #require(TimeZone(identifier: "Europe/Berlin"))
        // 2026-03-29 is 23 hours long there.
        let start: Int64 = 1_774_738_800
        #expect(LogRotation(every: .daily, timeZone: berlin).nextBoundary(after: start) == start + 23 * 3_600)
        #expect(LogRotation(every: .hourly).nextBoundary(after: start + 59) == start + 3_600)
        #expect(LogRotation().nextBoundary(after: start) == nil)
    }
}

@Suite struct BatchProgressTests {
    private let bytes = Array("one\ntwo two\nthree\n".utf8)

    @Test func linesAreCountedWhereverAWriteStops() {
        for first in 0...bytes.count {
            for second in first...bytes.count {
                var progress = BatchProgress()
                var lines = 0
                var total = 0
                bytes.withUnsafeBytes { raw in
                    for taken in [first, second - first, bytes.count - second] {
                        let done = progress.advance(by: taken, in: raw, lineCount: 3)
                        lines += done.lines
                        total += done.bytes
                        let start = raw[..<progress.offset].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
                        #expect(progress.lineStart == start && progress.isWithinLine == (progress.offset > start))
                    }
                }
                #expect(lines == 3 && total == bytes.count && progress.offset == bytes.count)
            }
        }
    }

    @Test func aLineStartsAgainFromItsFirstByte() {
        var progress = BatchProgress()
        bytes.withUnsafeBytes { raw in
            _ = progress.advance(by: 7, in: raw, lineCount: 3)
            progress.restartLine()
            #expect(progress.offset == 4 && progress.lines == 1 && !progress.isWithinLine)
            #expect(progress.advance(by: 14, in: raw, lineCount: 3) == (lines: 2, bytes: 14))
        }
    }

    @Test func retriesSlowDownToFiveSeconds() {
        let delays = (0..<8).map { AsynchronousChannel.retryDelay(afterAttempts: $0) / 1_000_000 }
        #expect(delays == [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000])
        #expect(AsynchronousChannel.retryDelay(afterAttempts: 1_000) == 5_000_000_000)
    }
}
