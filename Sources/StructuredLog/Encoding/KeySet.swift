// SPDX-License-Identifier: Apache-2.0

/// Keys as one bit each of 512: a key whose bit is missing is not in the set; one whose bit is there may be.
///
/// Beside eight reserved names, every fourth line of ten fields has a key that is looked at without need.
struct KeySet {
    private typealias Half = (UInt64, UInt64, UInt64, UInt64)
    private var words: (Half, Half) = ((0, 0, 0, 0), (0, 0, 0, 0))

    @inline(__always)
    init() {}

    /// Adds the key with this hash.
    ///
    /// - Returns: whether it may have been there before.
    @inline(__always)
    mutating func insert(_ hash: UInt32) -> Bool {
        let bit: UInt64 = 1 &<< UInt64(hash &>> 26)
        return withUnsafeMutableBytes(of: &words) { bytes in
            let old = bytes.baseAddress!.load(fromByteOffset: Self.offset(hash), as: UInt64.self)
            bytes.baseAddress!.storeBytes(of: old | bit, toByteOffset: Self.offset(hash), as: UInt64.self)
            return old & bit != 0
        }
    }

    /// Whether the key with this hash may be in the set.
    func mayContain(_ hash: UInt32) -> Bool {
        withUnsafeBytes(of: words) {
            $0.load(fromByteOffset: Self.offset(hash), as: UInt64.self) & (1 &<< UInt64(hash &>> 26)) != 0
        }
    }

    /// Where the key's word stands: below 64 bytes by the mask.
    @inline(__always)
    private static func offset(_ hash: UInt32) -> Int { Int(hash &>> 23 & 7) &* MemoryLayout<UInt64>.stride }

    /// Whether a key may be in both sets.
    func mayIntersect(_ other: borrowing KeySet) -> Bool {
        words.0.0 & other.words.0.0 | words.0.1 & other.words.0.1 | words.0.2 & other.words.0.2
            | words.0.3 & other.words.0.3 | words.1.0 & other.words.1.0 | words.1.1 & other.words.1.1
            | words.1.2 & other.words.1.2 | words.1.3 & other.words.1.3 != 0
    }

    /// Adds all keys of another set.
    @inline(__always)
    mutating func formUnion(_ other: borrowing KeySet) {
        words.0.0 |= other.words.0.0
        words.0.1 |= other.words.0.1
        words.0.2 |= other.words.0.2
        words.0.3 |= other.words.0.3
        words.1.0 |= other.words.1.0
        words.1.1 |= other.words.1.1
        words.1.2 |= other.words.1.2
        words.1.3 |= other.words.1.3
    }
}
