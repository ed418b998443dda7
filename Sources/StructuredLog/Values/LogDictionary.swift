// SPDX-License-Identifier: Apache-2.0

/// Fields as a dictionary literal, for calls that are not hot: `log.info("handled", ["status": 200, "path": path])`.
///
/// The literal allocates once; the closure form does not. Of equal keys the last one wins.
public struct LogDictionary: ExpressibleByDictionaryLiteral {
    @usableFromInline let elements: [(StaticString, (any LogValue)?)]

    /// Keeps the literal's elements in their order.
    @inlinable
    public init(dictionaryLiteral elements: (StaticString, (any LogValue)?)...) { self.elements = elements }
}

extension LogFields {
    /// Sets a field for each element of a dictionary literal; nil is null.
    public mutating func set(_ dictionary: LogDictionary) {
        let state = state
        dictionary.elements.withUnsafeBufferPointer { elements in
            for index in elements.indices {
                // The value is used where it stands: copying an existential out of its tuple costs more than writing it.
                // A tuple's elements follow each other, each at the next address that its alignment allows.
                let element = UnsafeRawPointer(elements.baseAddress! + index)
                let key = element.assumingMemoryBound(to: StaticString.self).pointee
                let value = (element + MemoryLayout<StaticString>.size).alignedUp(for: (any LogValue)?.self)
                guard state.pointee.beginField(LiteralKey(key)) else { continue }
                if !state.writeSimple(at: value) { state.writeAny(at: value) }
                state.pointee.endField()
            }
        }
    }
}

extension UnsafeMutablePointer where Pointee == LineState {
    /// Writes the `(any LogValue)?` at `address` if it is a string, a number, a boolean or nil, without taking it out of
    /// its box, which costs a copy and three calls.
    ///
    /// Invariant: an existential is three words of storage, then its type; values that fit and can be moved freely stand
    /// at the start of the storage; nil has no type
    /// ([type layout](https://github.com/swiftlang/swift/blob/main/docs/ABI/TypeLayout.rst#opaque-existential-containers)).
    ///
    /// - Returns: whether it was one of those.
    @inline(__always)
    fileprivate func writeSimple(at address: UnsafeRawPointer) -> Bool {
        let typeOffset = 3 * MemoryLayout<UnsafeRawPointer>.stride
        guard let type = address.load(fromByteOffset: typeOffset, as: UnsafeRawPointer?.self) else {
            pointee.line.append("null")
            return true
        }
        if pointee.shared.pointee.redaction.hasTypes { return false }
        if type == Self.identity(String.self) {
            pointee.writeString(address.assumingMemoryBound(to: String.self).pointee)
        } else if type == Self.identity(Int.self) {
            pointee.line.append(decimal: Int64(address.load(as: Int.self)))
        } else if type == Self.identity(Double.self) {
            pointee.writeDouble(address.load(as: Double.self))
        } else if type == Self.identity(Bool.self) {
            pointee.writeBool(address.load(as: Bool.self))
        } else {
            return false
        }
        return true
    }

    @inline(__always)
    private static func identity(_ type: any Any.Type) -> UnsafeRawPointer {
        unsafeBitCast(type, to: UnsafeRawPointer.self)
    }

    /// Writes the `(any LogValue)?` at `address`, which is not nil, through its witness.
    @inline(never)
    fileprivate func writeAny(at address: UnsafeRawPointer) {
        // An optional existential that is not nil is laid out like the existential.
        write(existential: address.assumingMemoryBound(to: (any LogValue).self).pointee)
    }
}
