// SPDX-License-Identifier: Apache-2.0

import Instrument

/// Which values never reach a sink. They are replaced by `"[redacted]"` before the line is built.
///
/// ```swift
/// LogRedaction(keys: ["password", "authorization"], paths: ["user.card.number"], types: [SessionToken.self])
/// ```
///
/// It looks at fields, not into texts: keep secrets out of messages, or wrap them in ``LogSecret``, which hides itself
/// there too.
public struct LogRedaction: Sendable {
    /// Keys whose values are hidden at every depth; upper and lower case are the same.
    public var keys: Set<String>
    /// Paths of keys from the line's root, joined by dots; arrays do not count as a step. Case does not matter.
    public var paths: Set<String>
    /// Types whose values, as fields or as errors' texts, are hidden; in a task's context if the pipeline is older than
    /// the context.
    public var types: [any Any.Type]

    /// Makes a set of rules; by default it hides nothing.
    public init(keys: Set<String> = [], paths: Set<String> = [], types: [any Any.Type] = []) {
        self.keys = keys
        self.paths = paths
        self.types = types
    }

    /// Nothing is hidden but `LogSecret` values.
    public static let none = LogRedaction()
}

/// A value that no log shows: as a field, in an interpolated message and in a debugger's description it is
/// `[redacted]`.
///
/// ```swift
/// let token = LogSecret(header)
/// log.info("signed in with \(token)") { $0["token"] = token }   // both say [redacted]
/// ```
public struct LogSecret<Value>: LogValue, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The value itself.
    public var value: Value

    /// Hides a value.
    public init(_ value: Value) { self.value = value }

    /// Writes `"[redacted]"`.
    public func write(to value: inout LogValueWriter) { value.string(RedactionTable.replacement) }

    /// `[redacted]`.
    public var description: String { RedactionTable.replacement }
    /// `[redacted]`.
    public var debugDescription: String { RedactionTable.replacement }
    /// Nothing to look into.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension LogSecret: Sendable where Value: Sendable {}

/// The rules as the encoder asks them: hashes of keys and of paths in one small table.
///
/// A path's hash is the hash of its keys' hashes, 64 bits wide: another path of the same hash, one in 10^18, would be
/// hidden too, never shown.
struct RedactionTable: Sendable {
    static let replacement = "[redacted]"

    /// Whether there is nothing to look for when a field begins: no key, no path, and none of the types whose setters write
    /// their value themselves.
    let isEmpty: Bool
    /// Whether types are looked at.
    let hasTypes: Bool
    /// Whether values of hidden types are written behind a mark that names the type, for a pipeline to decide later.
    let marksTypes: Bool
    private let keys: Set<UInt64>
    private let paths: Set<UInt64>
    private let types: Set<ObjectIdentifier>

    /// - Parameter reserved: the keys that a host's field cannot have: its field is written with `_` appended, and the
    ///   rules that name it hold for that name too.
    init(_ rules: LogRedaction, reserved: [String] = [], marksTypes: Bool = false) {
        self.marksTypes = marksTypes
        let reserved = Set(reserved.map { $0.lowercased() })
        keys = Set(
            rules.keys.flatMap { key in
                Self.names(key, reserved).map { Self.hash(ofEscaped: $0) }
            })
        paths = Set(
            rules.paths.flatMap { path in
                let steps = path.split(separator: ".").map(String.init)
                guard let first = steps.first else { return [UInt64]() }
                return Self.names(first, reserved).map { first in
                    ([first] + steps.dropFirst()).reduce(Self.root) { Self.step($0, Self.hash(ofEscaped: $1)) }
                }
            })
        types = Set(rules.types.map { ObjectIdentifier($0) })
        hasTypes = !types.isEmpty
        let plain: [any Any.Type] = [String.self, Int.self, Double.self, Bool.self]
        isEmpty = keys.isEmpty && paths.isEmpty && types.isDisjoint(with: plain.map { ObjectIdentifier($0) })
    }

    static let root: UInt64 = 0xCBF2_9CE4_8422_2325

    /// The path of a key inside the object at `parent`.
    static func step(_ parent: UInt64, _ key: UInt64) -> UInt64 {
        var mixed = (parent ^ key) &* 0x9E37_79B9_7F4A_7C15
        mixed ^= mixed >> 29
        return mixed &* 0xBF58_476D_1CE4_E5B9
    }

    /// FNV-1a over the key as it is written, with ASCII letters in lower case.
    static func hash(_ key: UnsafeRawBufferPointer) -> UInt64 {
        var hash = root
        for byte in key {
            let isCapital = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
            hash = (hash ^ UInt64(isCapital ? byte | 0x20 : byte)) &* 0x100_0000_01B3
        }
        return hash
    }

    /// The names by which the host's field of this key may stand at a line's root.
    private static func names(_ key: String, _ reserved: Set<String>) -> [String] {
        reserved.contains(key.lowercased()) ? [key, key + "_"] : [key]
    }

    private static func hash(ofEscaped key: String) -> UInt64 {
        var escaped = ByteBuffer()
        var key = key
        key.withUTF8 { escaped.append(jsonEscaping: UnsafeRawBufferPointer($0)) }
        return escaped.withUnsafeBytes { hash($0) }
    }

    /// Whether the value of this key, at this path, is hidden.
    func hides(key: UInt64, path: UInt64) -> Bool { keys.contains(key) || paths.contains(path) }

    /// Whether values of this type are hidden.
    func hides(_ type: any Any.Type) -> Bool { hasTypes && types.contains(ObjectIdentifier(type)) }

    /// Whether values of the type that a mark names are hidden.
    func hides(_ mark: TypeMark) -> Bool {
        hasTypes && types.contains { TypeMark($0) == mark }
    }
}

/// Names a value's type in front of the value, where no line has it: in a context that no pipeline has seen yet.
///
/// A control byte, which no JSON of this module contains, then the type's address in hexadecimal.
struct TypeMark: Equatable {
    static let start: UInt8 = 0x01
    static let byteCount = 17

    private let address: UInt64

    init(_ type: ObjectIdentifier) { address = UInt64(UInt(bitPattern: type)) }

    /// Reads the mark that `text` starts with; nil if it does not.
    init?(_ text: UnsafeRawBufferPointer) {
        guard text.first == Self.start, text.count >= Self.byteCount else { return nil }
        address = text[1..<Self.byteCount].reduce(0) { $0 << 4 | UInt64($1 < 0x3A ? $1 - 0x30 : $1 - 0x57) }
    }

    func append(to line: inout ByteBuffer) {
        line.append(Self.start)
        for shift in stride(from: 60, through: 0, by: -4) {
            let nibble = UInt8(truncatingIfNeeded: address >> UInt64(shift)) & 0xF
            line.append(nibble < 10 ? 0x30 + nibble : 0x57 + nibble)
        }
    }
}
