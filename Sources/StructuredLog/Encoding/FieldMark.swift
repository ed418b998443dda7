// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument

/// Where one field stands in a line: `,"key":value` from `start` to the next mark's start.
struct FieldMark {
    /// The offset of the comma.
    var start: Int
    /// The hash of the key as it is written.
    var hash: UInt32
    /// How many bytes the key takes as it is written, escapes included.
    var keyBytes: Int

    /// The offset of the key's first byte.
    var keyStart: Int { start + 2 }
    /// The offset of the value's first byte.
    var valueStart: Int { keyStart + keyBytes + 2 }
}

/// A growing row of marks that is emptied, not freed, after each line.
///
/// Raw memory because it is reached through the line's one pointer on the hot path; the buffer has one owner.
struct FieldMarks: ~Copyable {
    private var base: UnsafeMutablePointer<FieldMark>
    private var capacity: Int
    private(set) var count = 0

    init(capacity: Int = 32) {
        self.capacity = max(capacity, 1)
        base = .allocate(capacity: self.capacity)
    }

    deinit { base.deallocate() }

    subscript(index: Int) -> FieldMark {
        @inline(__always) get { base[index] }
        @inline(__always) set { base[index] = newValue }
    }

    @inline(__always)
    mutating func append(_ mark: FieldMark) {
        if count == capacity { grow() }
        base[count] = mark
        count &+= 1
    }

    /// Puts a copy of `others` in front, each moved by `offset` bytes.
    mutating func prepend(_ others: borrowing FieldMarks, movedBy offset: Int) {
        while capacity < count + others.count { grow() }
        (base + others.count).update(from: base, count: count)
        for index in 0..<others.count {
            base[index] = others[index]
            base[index].start += offset
        }
        count += others.count
    }

    mutating func remove(at index: Int) {
        (base + index).update(from: base + index + 1, count: count - index - 1)
        count -= 1
    }

    @inline(__always)
    mutating func truncate(to newCount: Int) { count = newCount }

    /// Moves every mark from `index` on by `distance` bytes.
    mutating func shift(from index: Int, by distance: Int) {
        for position in index..<max(index, count) { base[position].start += distance }
    }

    /// The mark in `range` whose key, in `line`, is the `keyBytes` bytes at `key`.
    func index(
        in range: Range<Int>, hash: UInt32, key: UnsafePointer<UInt8>, keyBytes: Int, line: UnsafePointer<UInt8>
    ) -> Int? {
        for index in range where base[index].hash == hash && base[index].keyBytes == keyBytes {
            if memcmp(line + base[index].keyStart, key, keyBytes) == 0 { return index }
        }
        return nil
    }

    @inline(never)
    private mutating func grow() {
        let larger = UnsafeMutablePointer<FieldMark>.allocate(capacity: capacity * 2)
        larger.update(from: base, count: count)
        base.deallocate()
        base = larger
        capacity *= 2
    }
}

/// A hash of the `count` bytes at `key`, for finding equal keys of one line. Not seeded: a line's number of keys is
/// bounded by its length, and a lookup is a scan of at most that many words.
///
/// Up to seven bytes beyond the key are read and ignored, so they must belong to the same allocation.
///
/// `copyCleanKey` makes the same hash on the way.
@inline(__always)
func keyHash(_ key: UnsafePointer<UInt8>, count: Int) -> UInt32 {
    let bytes = UnsafeRawPointer(key)
    var hash = KeyHash(count: count)
    var position = 0
    while position &+ 8 <= count {
        hash.add(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)))
        position &+= 8
    }
    let rest = count &- position
    if rest > 0 {
        let kept = UInt64.max &>> UInt64(truncatingIfNeeded: 64 &- rest &* 8)
        hash.add(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)) & kept)
    }
    return hash.value
}

/// Copies a key of plain ASCII, and hashes it.
///
/// - Parameter output: has room for the key and eight bytes more, which may be written to.
/// - Returns: the hash, or nil for any other key.
@inline(__always)
func copyCleanKey(_ key: UnsafeRawPointer, count: Int, to output: UnsafeMutableRawPointer) -> UInt32? {
    var hash = KeyHash(count: count)
    guard count >= 8 else {
        if count == 0 { return hash.value }
        let word = JSONEscape.shortWord(key, count: count)
        if !JSONEscape.isPlainASCII(JSONEscape.padded(word, count: count)) { return nil }
        output.storeBytes(of: word.littleEndian, as: UInt64.self)
        hash.add(word)
        return hash.value
    }
    var position = 0
    repeat {
        let word = UInt64(littleEndian: key.loadUnaligned(fromByteOffset: position, as: UInt64.self))
        if !JSONEscape.isPlainASCII(word) { return nil }
        output.storeBytes(of: word.littleEndian, toByteOffset: position, as: UInt64.self)
        hash.add(word)
        position &+= 8
    } while position &+ 8 <= count
    let rest = count &- position
    if rest > 0 {
        let word = UInt64(littleEndian: key.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self))
        if !JSONEscape.isPlainASCII(word) { return nil }
        output.storeBytes(of: word.littleEndian, toByteOffset: count &- 8, as: UInt64.self)
        hash.add(word &>> UInt64(truncatingIfNeeded: 64 &- rest &* 8))
    }
    return hash.value
}

/// A key's hash in the making: its length, then its words, the last one filled up with zeros.
private struct KeyHash {
    private static let factor: UInt64 = 0x9E37_79B9_7F4A_7C15
    private var state: UInt64

    @inline(__always)
    init(count: Int) { state = UInt64(truncatingIfNeeded: count) &* Self.factor }

    @inline(__always)
    mutating func add(_ word: UInt64) {
        state = (state ^ word) &* Self.factor
        state ^= state &>> 32
    }

    @inline(__always)
    var value: UInt32 { UInt32(truncatingIfNeeded: state &>> 16) }
}
