// SPDX-License-Identifier: Apache-2.0

/// A fast hash of label values, seeded anew in every process so that clients cannot choose colliding values.
///
/// Folded multiplication of 8-byte words, as in wyhash; a value's length is part of it, so that `("a", "bc")` and
/// `("ab", "c")` differ.
struct LabelHash {
    /// The secret of this process.
    static let processSeed: UInt64 = {
        var generator = SystemRandomNumberGenerator()
        return generator.next() | 1
    }()

    private var state: UInt64

    @inline(__always)
    init(seed: UInt64) { state = seed }

    @inline(__always)
    private mutating func mix(_ word: UInt64, _ salt: UInt64) {
        let product = (state ^ word).multipliedFullWidth(by: salt)
        state = product.high ^ product.low
    }

    /// Adds one value.
    @inline(__always)
    mutating func combine(_ value: UnsafeRawBufferPointer) {
        let count = value.count
        state ^= UInt64(truncatingIfNeeded: count) &* 0x9E37_79B9_7F4A_7C15
        guard let start = value.baseAddress else {
            mix(0, 0xA076_1D64_78BD_642F)
            return
        }
        if count >= 8 {
            var offset = 0
            while offset &+ 8 < count {
                mix(start.loadUnaligned(fromByteOffset: offset, as: UInt64.self), 0xA076_1D64_78BD_642F)
                offset &+= 8
            }
            mix(start.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self), 0xE703_7ED1_A0B4_28DB)
        } else {
            mix(shortWord(start, count), 0x8EBC_6AF0_9C88_C6E3)
        }
    }

    /// The hash of everything added.
    @inline(__always)
    func finish() -> UInt64 {
        let product = state.multipliedFullWidth(by: 0x5899_65CC_7537_4CC3)
        return product.high ^ product.low
    }
}

/// Up to 7 bytes as one word; different bytes of one length give different words.
@inline(__always)
func shortWord(_ start: UnsafeRawPointer, _ count: Int) -> UInt64 {
    if count >= 4 {
        let low = UInt64(start.loadUnaligned(as: UInt32.self))
        let high = UInt64(start.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self))
        return low | (high << 32)
    }
    guard count > 0 else { return 0 }
    let first = UInt64(start.load(as: UInt8.self))
    let middle = UInt64(start.load(fromByteOffset: count >> 1, as: UInt8.self))
    let last = UInt64(start.load(fromByteOffset: count &- 1, as: UInt8.self))
    return first | (middle << 8) | (last << 16)
}

/// Whether two runs of `count` bytes are the same; no call for the lengths that label values have.
@inline(__always)
func equalBytes(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, _ count: Int) -> Bool {
    guard count >= 8 else { return shortWord(left, count) == shortWord(right, count) }
    var offset = 0
    while offset &+ 8 < count {
        if left.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            != right.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        {
            return false
        }
        offset &+= 8
    }
    return left.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
        == right.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
}
