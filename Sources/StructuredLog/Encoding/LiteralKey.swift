// SPDX-License-Identifier: Apache-2.0

/// A literal key as two words. Made in the caller, where what a literal consists of is known at compile time; the whole
/// `StaticString` would take three words and a test for each field.
@usableFromInline
struct LiteralKey {
    /// Where its UTF-8 starts; nil for the one kind of literal that has no bytes of its own, a scalar.
    @usableFromInline let start: UnsafePointer<UInt8>?
    /// The bytes at `start`, or the scalar's value.
    @usableFromInline let count: Int

    @inlinable @inline(__always)
    init(_ literal: StaticString) {
        if literal.hasPointerRepresentation {
            self.init(start: literal.utf8Start, count: literal.utf8CodeUnitCount)
        } else {
            self.init(start: nil, count: Int(literal.unicodeScalar.value))
        }
    }

    @inlinable @inline(__always)
    init(start: UnsafePointer<UInt8>?, count: Int) {
        self.start = start
        self.count = count
    }
}

extension LineState {
    /// Writes `,"key":`. The value follows, then `endField`.
    ///
    /// - Parameter type: the value's type, unless what writes the value asks about it.
    /// - Returns: false when the value is hidden: the field is complete then.
    @inline(__always)
    mutating func beginField(_ key: LiteralKey, of type: (any Any.Type)? = nil) -> Bool {
        guard let start = key.start else { return beginField(scalar: key.count, of: type) }
        return beginField(UnsafeRawBufferPointer(start: start, count: key.count), of: type)
    }

    @inline(never)
    private mutating func beginField(scalar value: Int, of type: (any Any.Type)?) -> Bool {
        let scalar = Unicode.Scalar(UInt32(truncatingIfNeeded: value)) ?? "\u{FFFD}"
        return beginField(dynamic: String(Character(scalar)), of: type)
    }
}

// What the setters of `LogFields` call: out of line, so that a field costs its caller one call.
extension UnsafeMutablePointer where Pointee == LineState {
    @usableFromInline @inline(never)
    func setField(_ key: LiteralKey, _ value: String) {
        guard pointee.beginField(key, of: String.self) else { return }
        pointee.writeString(value)
        pointee.endField()
    }

    @usableFromInline @inline(never)
    func setField(_ key: LiteralKey, _ value: Int) {
        guard pointee.beginField(key, of: Int.self) else { return }
        pointee.line.append(decimal: Int64(value))
        pointee.endField()
    }

    @usableFromInline @inline(never)
    func setField(_ key: LiteralKey, _ value: Double) {
        guard pointee.beginField(key, of: Double.self) else { return }
        pointee.writeDouble(value)
        pointee.endField()
    }

    @usableFromInline @inline(never)
    func setField(_ key: LiteralKey, _ value: Bool) {
        guard pointee.beginField(key, of: Bool.self) else { return }
        pointee.writeBool(value)
        pointee.endField()
    }
}
