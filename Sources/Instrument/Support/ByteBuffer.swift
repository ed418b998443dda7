// SPDX-License-Identifier: Apache-2.0

/// A growing run of bytes that writers append UTF-8 to.
///
/// The one output buffer of the package: expositions, log lines and HTTP answers are all appended to one of these.
/// Growth doubles; `removeAll` keeps the storage. Capacity is checked once per append.
///
/// The type is usable from inlinable code, without which the compiler inlines none of its appends into other modules.
///
/// `@unchecked Sendable`: the memory has one owner, this value, and is reached through it alone.
@usableFromInline
package struct ByteBuffer: ~Copyable, @unchecked Sendable {
    /// The bytes; `count` of them are initialised.
    @usableFromInline package internal(set) var base: UnsafeMutablePointer<UInt8>
    /// How many bytes stand in the buffer.
    @usableFromInline package internal(set) var count = 0
    /// How many bytes fit without growing.
    @usableFromInline package internal(set) var capacity: Int

    /// Makes an empty buffer.
    package init(capacity: Int = 256) {
        let capacity = max(capacity, 16)
        base = .allocate(capacity: capacity)
        self.capacity = capacity
    }

    deinit { base.deallocate() }

    /// The bytes, for reading; valid inside the closure alone.
    @inlinable @inline(__always)
    package borrowing func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(start: base, count: count))
    }

    /// The bytes, for changing in place; valid inside the closure alone.
    package mutating func withMutableBytes<Result, Failure: Error>(
        _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeMutableRawBufferPointer(start: base, count: count))
    }

    /// The bytes as a string; anything that is not UTF-8 is repaired.
    package borrowing func makeString() -> String {
        String(decoding: UnsafeBufferPointer(start: base, count: count), as: UTF8.self)
    }

    /// Empties the buffer and keeps its storage, or gives back what is beyond `capacityMax` bytes.
    @inlinable @inline(__always)
    package mutating func removeAll(keeping capacityMax: Int = .max) {
        count = 0
        if capacity > capacityMax { shrink(to: capacityMax) }
    }

    @inline(never) @usableFromInline
    internal mutating func shrink(to capacityMax: Int) {
        base.deallocate()
        capacity = max(capacityMax, 16)
        base = .allocate(capacity: capacity)
    }

    /// Cuts the buffer down to its first `newCount` bytes.
    package mutating func truncate(to newCount: Int) {
        precondition(newCount >= 0 && newCount <= count, "ByteBuffer: cannot cut \(count) bytes to \(newCount)")
        count = newCount
    }

    /// Cuts `range` out; what follows moves forward.
    package mutating func removeSubrange(_ range: Range<Int>) {
        precondition(
            range.lowerBound >= 0 && range.upperBound <= count, "ByteBuffer: \(range) is outside \(count) bytes")
        (base + range.lowerBound).update(from: base + range.upperBound, count: count - range.upperBound)
        count -= range.count
    }

    /// Moves the bytes from `start` to the end into the place of `range`, which stands before them.
    package mutating func moveTail(from start: Int, over range: Range<Int>) {
        precondition(
            range.lowerBound >= 0 && range.upperBound <= start && start <= count,
            "ByteBuffer: cannot move bytes from \(start) over \(range) of \(count)")
        let tail = count - start
        let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: max(tail, 1))
        defer { copy.deallocate() }
        copy.update(from: base + start, count: tail)
        (base + range.lowerBound + tail).update(from: base + range.upperBound, count: start - range.upperBound)
        (base + range.lowerBound).update(from: copy, count: tail)
        count -= range.count
    }

    /// Makes room for `additional` more bytes.
    @inlinable @inline(__always)
    package mutating func reserve(_ additional: Int) {
        if capacity &- count < additional { grow(additional) }
    }

    @inline(never) @usableFromInline
    internal mutating func grow(_ additional: Int) {
        let wanted = max(capacity * 2, count + additional)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: wanted)
        larger.update(from: base, count: count)
        base.deallocate()
        base = larger
        capacity = wanted
    }

    /// Lets `body` write up to `most` bytes at the end and return how many it wrote.
    @inlinable @inline(__always)
    package mutating func append(most: Int, _ body: (UnsafeMutablePointer<UInt8>) -> Int) {
        reserve(most)
        let written = body(base + count)
        assert(written >= 0 && written <= most)
        count &+= written
    }

    /// Appends one byte.
    @inlinable @inline(__always)
    package mutating func append(_ byte: UInt8) {
        reserve(1)
        base[count] = byte
        count &+= 1
    }

    /// Appends bytes.
    @inlinable @inline(__always)
    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        append(start, count: bytes.count)
    }

    /// Appends `byteCount` bytes from `start`.
    @inlinable @inline(__always)
    package mutating func append(_ start: UnsafeRawPointer, count byteCount: Int) {
        reserve(byteCount)
        UnsafeMutableRawPointer(base + count).copyMemory(from: start, byteCount: byteCount)
        count &+= byteCount
    }

    /// Appends a literal. Does not allocate.
    @inlinable @inline(__always)
    package mutating func append(_ literal: StaticString) {
        precondition(literal.hasPointerRepresentation)
        append(UnsafeRawPointer(literal.utf8Start), count: literal.utf8CodeUnitCount)
    }

    /// Appends a string's UTF-8 unescaped. Does not allocate for native strings.
    ///
    /// Disfavoured, so that a literal is a `StaticString`: of two overloads the compiler would take this one.
    @_disfavoredOverload
    package mutating func append(_ string: String) {
        let isDone: Void? = string.utf8.withContiguousStorageIfAvailable { append(UnsafeRawBufferPointer($0)) }
        if isDone == nil {
            var copy = string
            copy.withUTF8 { append(UnsafeRawBufferPointer($0)) }
        }
    }

    /// Appends all bytes of another buffer.
    @inlinable @inline(__always)
    package mutating func append(_ other: borrowing ByteBuffer) {
        append(UnsafeRawPointer(other.base), count: other.count)
    }
}
