// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import Instrument

@Suite struct ByteBufferTests {
    private func text(_ write: (inout ByteBuffer) -> Void) -> String {
        var buffer = ByteBuffer(capacity: 16)
        write(&buffer)
        return buffer.makeString()
    }

    @Test func growsPastItsCapacityAndKeepsWhatWasWritten() {
        let long = String(repeating: "abcdefghij", count: 100)
        #expect(
            text {
                $0.append(long)
                $0.append("!" as String)
            } == long + "!")
    }

    @Test func removalsMoveWhatFollows() {
        #expect(
            text {
                $0.append("0123456789" as String)
                $0.removeSubrange(2..<5)
            } == "0156789")
        #expect(
            text {
                $0.append("0123456789" as String)
                $0.truncate(to: 3)
            } == "012")
    }

    @Test func shrinksToTheGivenCapacityWhenEmptied() {
        var buffer = ByteBuffer(capacity: 16)
        buffer.append(String(repeating: "x", count: 10_000))
        buffer.removeAll(keeping: 64)
        #expect(buffer.count == 0)
        #expect(buffer.capacity == 64)
    }

    @Test(arguments: [0, 1, 9, 10, 99, 100, 12_345, 999_999, 1_000_000, UInt64.max / 10, .max - 1, .max] as [UInt64])
    func unsignedNumbersReadAsTheirDescription(value: UInt64) {
        #expect(text { $0.append(decimal: value) } == String(value))
    }

    @Test(arguments: [Int64.min, -100, -1, 0, 7, .max])
    func signedNumbersReadAsTheirDescription(value: Int64) {
        #expect(text { $0.append(decimal: value) } == String(value))
    }

    @Test func fixedWidthNumbersAreFilledWithZeros() {
        #expect(text { $0.append(decimal: 7, width: 3) } == "007")
        #expect(text { $0.append(decimal: 1234, width: 3) } == "234")
    }

    @Test(
        arguments: [
            (0.0, "0"), (-0.0, "-0"), (1.0, "1"), (-12.5, "-12.5"), (0.1, "0.1"), (0.001, "0.001"), (1.005, "1.005"),
            (123456.789, "123456.789"), (9_007_199_254_740_991, "9007199254740991"), (1e300, "1e+300"),
            (0.000_001, "1e-06"), (.leastNonzeroMagnitude, "5e-324"), (0.1 + 0.2, "0.30000000000000004"),
            (0.123_456_789, "0.123456789"), (9_007_198.000_000_001, "9007198.000000002"),
            (8_388_607.999_999_999, "8388607.999999999"),
            (1_234_567.123_456_7, "1234567.1234567"),
            (86_399.999_999_999, "86399.999999999"), (0.001_000_001, "0.001000001"),
        ] as [(Double, String)])
    func doublesHaveTheirShortestForm(value: Double, expected: String) {
        #expect(text { $0.append(finite: value) } == expected)
    }

    @Test func everyFiniteDoubleSurvivesTheRoundTrip() {
        let seed: UInt64 = 0x1577
        var random = SeededGenerator(seed: seed)
        for round in 0..<200_000 {
            let value: Double
            switch round % 5 {
            case 0: value = Double(bitPattern: random.next())
            case 1: value = Double(Int.random(in: -1_000_000_000...1_000_000_000, using: &random)) / 1_000
            case 2: value = Double(Int.random(in: 0...9_000_000_000_000_000, using: &random)) / 1_000_000_000
            case 3: value = Double(Int.random(in: 0...1_000_000_000_000, using: &random)) / 1_000_000
            default: value = Double.random(in: 0...10, using: &random)
            }
            guard value.isFinite else { continue }
            let written = text { $0.append(finite: value) }
            let shortest = value.description
            if !shortest.contains("e"), value != value.rounded() { #expect(written == shortest, "seed \(seed)") }
            #expect(Double(written)?.bitPattern == value.bitPattern, "seed \(seed): \(value) was written as \(written)")
        }
    }

    @Test(arguments: [
        ("plain text", #""plain text""#),
        ("say \"hi\"\\", #""say \"hi\"\\""#),
        ("\u{8}\t\n\u{c}\r\u{0}\u{1f}", #""\b\t\n\f\r\u0000\u001f""#),
        ("\u{7f}\u{80}\u{9b}\u{9f}\u{a0}", "\"\\u007f\\u0080\\u009b\\u009f\u{a0}\""),
        ("a\u{2028}b\u{2029}c\u{2027}\u{202a}", "\"a\\u2028b\\u2029c\u{2027}\u{202a}\""),
        ("grün 日本 🎉", #""grün 日本 🎉""#),
    ])
    func jsonStringsEscapeWhatMisleadsReaders(string: String, expected: String) {
        #expect(text { $0.append(json: string) } == expected)
    }

    @Test func jsonStringsAreReadBackByFoundationAtEveryLength() throws {
        let seed: UInt64 = 0xE5CA
        var random = SeededGenerator(seed: seed)
        let alphabet: [Character] = [
            "a", "z", "\"", "\\", "\n", "\u{7f}", "\u{85}", "é", "\u{2028}", "🎉", "\u{0}", "漢",
        ]
        for length in 0..<64 {
            for _ in 0..<50 {
                let string = String((0..<length).map { _ in alphabet.randomElement(using: &random)! })
                let written = text { $0.append(json: string) }
                let read = try JSONSerialization.jsonObject(with: Data(written.utf8), options: .fragmentsAllowed)
                #expect(read as? String == string, "seed \(seed)")
            }
        }
    }
}
