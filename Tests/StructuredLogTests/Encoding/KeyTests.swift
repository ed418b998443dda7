// SPDX-License-Identifier: Apache-2.0

import Instrument
import Testing

@testable import StructuredLog

/// How keys are hashed, copied and looked up.
@Suite struct KeyTests {
    /// Bytes behind which there are eight more, as `keyHash` asks for.
    private static func withRoom<Result>(_ bytes: [UInt8], _ body: (UnsafePointer<UInt8>) -> Result) -> Result {
        (bytes + Array(repeating: 0xAA, count: 8)).withUnsafeBufferPointer { body($0.baseAddress!) }
    }

    private static func copied(_ key: [UInt8]) -> (hash: UInt32?, copy: [UInt8]) {
        var output = [UInt8](repeating: 0, count: key.count + 8)
        let hash = output.withUnsafeMutableBytes { output in
            withRoom(key) { copyCleanKey($0, count: key.count, to: output.baseAddress!) }
        }
        return (hash, Array(output.prefix(key.count)))
    }

    @Test func aKeyIsCopiedWithTheHashThatItHasInTheLine() {
        for count in 0...40 {
            let key = (0..<count).map { UInt8(ascii: "a") + UInt8($0 % 26) }
            let (hash, copy) = Self.copied(key)
            #expect(hash == Self.withRoom(key) { keyHash($0, count: count) })
            #expect(copy == key)
        }
    }

    @Test func aKeyWithAnyOtherByteAnywhereIsNotCopied() {
        for count in 1...20 {
            for place in 0..<count {
                for byte in UInt8.min...UInt8.max {
                    var key = [UInt8](repeating: UInt8(ascii: "k"), count: count)
                    key[place] = byte
                    let isPlain = byte >= 0x20 && byte < 0x7F && byte != 0x22 && byte != 0x5C
                    #expect((Self.copied(key).hash != nil) == isPlain, "byte \(byte) at \(place) of \(count)")
                }
            }
        }
    }

    @Test func aSetHoldsWhatWasInserted() {
        var first = KeySet()
        var second = KeySet()
        let hashes = (0..<64).map { UInt32($0) &* 0x9E37_79B9 }
        for hash in hashes { #expect(!first.mayContain(hash)) }
        for hash in hashes.prefix(32) { _ = first.insert(hash) }
        for hash in hashes.suffix(32) { _ = second.insert(hash) }
        for hash in hashes.prefix(32) { #expect(first.mayContain(hash) && first.insert(hash)) }
        first.formUnion(second)
        for hash in hashes { #expect(first.mayContain(hash)) }
    }

    @Test func setsIntersectInEachOfTheirWords() {
        for bit in 0..<512 {
            var one = KeySet()
            var other = KeySet()
            _ = one.insert(UInt32(bit) << 23)
            #expect(!one.mayIntersect(other))
            _ = other.insert(UInt32(bit) << 23)
            #expect(one.mayIntersect(other))
            _ = other.insert(UInt32((bit + 1) % 512) << 23)
            #expect(one.mayIntersect(other))
        }
    }

    @Test func escapedAndPlainKeysAreOneNamespace() throws {
        let bench = try LogBench()
        let text = bench.fields {
            $0["naïve"] = 1
            $0["a\"b"] = 2
            $0[dynamic: "na\u{EF}ve"] = 3
            $0[dynamic: "a\"b"] = 4
            $0["\u{1}"] = 5
            $0[dynamic: ""] = 6
            $0[""] = 7
        }
        #expect(text == #""naïve":3,"a\"b":4,"\u0001":5,"":7"#)
    }

    @Test func aLiteralWithoutBytesOfItsOwnIsAKey() throws {
        let bench = try LogBench()
        #expect(bench.fields { $0.state.setField(LiteralKey(start: nil, count: 0xE9), true) } == "\"é\":true")
    }
}
