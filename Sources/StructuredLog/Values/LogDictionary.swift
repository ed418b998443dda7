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
        dictionary.elements.withUnsafeBufferPointer { elements in
            for index in elements.indices {
                // The value is used where it stands: copying an existential out of its tuple costs more than writing it.
                // A tuple's elements follow each other, each at the next address that its alignment allows.
                let element = UnsafeRawPointer(elements.baseAddress! + index)
                let key = element.assumingMemoryBound(to: StaticString.self)
                let value = (element + MemoryLayout<StaticString>.size).alignedUp(for: (any LogValue)?.self)
                set(key.pointee, at: value)
            }
        }
    }
}
