// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument
import TestSupport
import Testing

/// The escape scan looks at eight bytes at once; here it is compared with one that looks at one scalar at a time.
@Suite struct JSONEscapeTests {
    private static func naive(_ text: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        var index = 0
        func escape(_ unit: UInt32) {
            output += Array("\\u".utf8)
            let digits = String(unit, radix: 16)
            output += Array((String(repeating: "0", count: 4 - digits.count) + digits).utf8)
        }
        while index < text.count {
            let byte = text[index]
            switch byte {
            case 0x22, 0x5C: output += [0x5C, byte]
            case 0x08: output += Array("\\b".utf8)
            case 0x09: output += Array("\\t".utf8)
            case 0x0A: output += Array("\\n".utf8)
            case 0x0C: output += Array("\\f".utf8)
            case 0x0D: output += Array("\\r".utf8)
            case ..<0x20, 0x7F: escape(UInt32(byte))
            case 0xC2 where text[index + 1] < 0xA0:
                escape(UInt32(text[index + 1]))
                index += 1
            case 0xE2 where text[index + 1] == 0x80 && (text[index + 2] == 0xA8 || text[index + 2] == 0xA9):
                escape(text[index + 2] == 0xA8 ? 0x2028 : 0x2029)
                index += 2
            default: output.append(byte)
            }
            index += 1
        }
        return output
    }

    private static func escaped(_ text: [UInt8], into buffer: inout ByteBuffer) -> Bool {
        buffer.removeAll()
        text.withUnsafeBytes { buffer.append(jsonEscaping: $0) }
        let expected = naive(text)
        return buffer.withUnsafeBytes { $0.elementsEqual(expected) }
    }

    @Test func everyScalarIsEscapedAsByTheNaiveScanAtEachPhase() {
        var buffer = ByteBuffer(capacity: 16)
        var wrong: [UInt32] = []
        for value in UInt32(0)...0x10_FFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let bytes = Array(String(scalar).utf8)
            // All phases for what may need an escape and its neighbours, one in three of the rest.
            let isNear = value < 0x100 || (0x2020...0x2030).contains(value)
            if !isNear, value % 3 != 0 { continue }
            let phases = isNear ? 0..<64 : Int(value % 64)..<Int(value % 64) + 1
            for phase in phases {
                let text = [UInt8](repeating: 0x61, count: phase) + bytes + [UInt8](repeating: 0x62, count: phase % 9)
                if !Self.escaped(text, into: &buffer) { wrong.append(value) }
            }
        }
        #expect(wrong.isEmpty)
    }

    /// 10 million with JSON_ESCAPE_CASES=10000000 in a release build.
    @Test func randomTextsAreEscapedAsByTheNaiveScan() {
        let environment = ProcessInfo.processInfo.environment
        let cases = environment["JSON_ESCAPE_CASES"].flatMap { Int($0) } ?? 20_000
        let seed = environment["JSON_ESCAPE_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        // Bytes that matter, characters that look like them, and plain ones.
        let pieces: [[UInt8]] = [
            [0x22], [0x5C], [0x0A], [0x1F], [0x20], [0x7F], [0x7E], [0x21], [0x23], [0x5B], [0x5D], [0x00],
            [0xC2, 0x80], [0xC2, 0x9F], [0xC2, 0xA0], [0xC3, 0xA9], [0xE2, 0x80, 0xA7], [0xE2, 0x80, 0xA8],
            [0xE2, 0x80, 0xA9], [0xE2, 0x80, 0xAA], [0xE2, 0x81, 0xA8], [0xF0, 0x9F, 0x98, 0x80], [0xD8, 0x9C],
        ]
        var buffer = ByteBuffer(capacity: 16)
        var wrong = 0
        var text: [UInt8] = []
        for _ in 0..<cases {
            text.removeAll(keepingCapacity: true)
            for _ in 0..<Int(random.next() % 24) {
                let draw = random.next()
                if draw % 3 == 0 {
                    text += pieces[Int(truncatingIfNeeded: (draw >> 8) % UInt64(pieces.count))]
                } else {
                    text.append(0x61 + UInt8(truncatingIfNeeded: (draw >> 8) % 26))
                }
            }
            if !Self.escaped(text, into: &buffer) { wrong += 1 }
        }
        #expect(wrong == 0, "seed \(seed), \(cases) cases")
    }
}

@Suite struct NumberTextTests {
    private func text(_ value: Double) -> String {
        var buffer = ByteBuffer()
        buffer.append(finite: value)
        return buffer.makeString()
    }

    @Test func doublesReadBackToTheSameBits() {
        var random = SeededGenerator(seed: 7)
        var wrong: [Double] = []
        for _ in 0..<300_000 {
            let draw = random.next()
            let candidates = [
                Double(bitPattern: draw), Double(draw % 1_000_000) / 1_000, Double(draw % 10_000_000_000) / 1_000_000,
                -Double(draw % 100_000) / 100, Double(Int64(bitPattern: draw)), Double(draw % 1_000) / 7,
            ]
            for value in candidates where value.isFinite {
                if Double(text(value))?.bitPattern != value.bitPattern { wrong.append(value) }
            }
        }
        #expect(wrong.isEmpty)
    }

    @Test(arguments: [
        (0.0, "0"), (-0.0, "-0"), (12.5, "12.5"), (0.125, "0.125"), (-1.25, "-1.25"), (100, "100"), (0.001, "0.001"),
        (0.1, "0.1"), (1e9 + 0.5, "1000000000.5"), (9_007_199_254_740_991, "9007199254740991"), (1e300, "1e+300"),
        (0.000001, "1e-06"), (123_456.789, "123456.789"), (0.999999, "0.999999"),
        (Double.leastNonzeroMagnitude, "5e-324"),
    ])
    func doublesHaveTheirShortestText(value: Double, expected: String) { #expect(text(value) == expected) }

    @Test func wholeNumbersOfEveryLength() {
        var buffer = ByteBuffer()
        for exponent in 0..<20 {
            let power = (0..<exponent).reduce(UInt64(1)) { value, _ in value * 10 }
            for value in [power - 1, power, power + 1, power &* 9, UInt64.max / power] {
                buffer.removeAll()
                buffer.append(decimal: value)
                #expect(buffer.makeString() == String(value))
            }
        }
    }
}
