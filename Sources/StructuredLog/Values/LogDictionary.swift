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
        for (key, value) in dictionary.elements { set(key, value) }
    }

    private mutating func set(_ key: StaticString, _ value: (any LogValue)?) {
        if let value { set(key, existential: value) } else { self[key] = nil }
    }

    private mutating func set(_ key: StaticString, existential value: some LogValue) { self[key] = value }
}
