// SPDX-License-Identifier: Apache-2.0

/// A label's name together with the type of its values.
///
/// A `String` is a name with any text as value; an ``EnumLabel`` one whose values the compiler knows.
public protocol LabelName<Value>: Sendable {
    /// What `with(...)` takes for this label.
    associatedtype Value: Sendable

    /// The name as exported.
    var labelName: String { get }

    /// The text of every value, in the order of their memory representation; nil when any text will do.
    var caseTexts: [String]? { get }
}

extension String: LabelName {
    /// Any text.
    public typealias Value = String

    /// The string itself.
    public var labelName: String { self }

    /// None: any text will do.
    public var caseTexts: [String]? { nil }
}

/// A label whose values are the cases of an enum: `with(.get, .ok)` is checked by the compiler and indexes a table.
///
/// ```swift
/// enum Method: String, CaseIterable { case get, post }
/// let requests = try metrics.counter("requests_total", help: "…", labels: EnumLabel<Method>("method"))
/// requests.with(.get).increment()
/// ```
///
/// A case's text is its raw value if that is a string, else its name.
public struct EnumLabel<Value: CaseIterable & Sendable>: LabelName {
    /// The name as exported.
    public let labelName: String

    /// Names a label.
    ///
    /// - Precondition: `Value` is an enum without associated values and with at most 256 cases.
    public init(_ labelName: String) {
        self.labelName = labelName
        precondition(
            EnumOrdinal.isDense(Value.self),
            "label \"\(labelName)\": \(Value.self) is not an enum of 1 to 256 plain cases; use a String label")
    }

    /// The text of every case, by ordinal.
    public var caseTexts: [String]? {
        var texts = [String](repeating: "", count: Value.allCases.count)
        for value in Value.allCases { texts[EnumOrdinal.of(value)] = EnumOrdinal.text(of: value) }
        return texts
    }
}

/// The number of an enum's case within its type.
@usableFromInline
enum EnumOrdinal {
    /// The value's only byte: Swift numbers plain cases from 0 in order of declaration, in one byte up to 256 of them
    /// and in none for a single one. ``isDense(_:)`` has checked that for the type.
    @inlinable @inline(__always)
    static func of<Value>(_ value: Value) -> Int {
        MemoryLayout<Value>.size == 0 ? 0 : Int(withUnsafeBytes(of: value) { $0[0] })
    }

    /// Whether the cases of a type are the bytes 0 to their count less one.
    static func isDense<Value: CaseIterable>(_ type: Value.Type) -> Bool {
        let count = type.allCases.count
        guard MemoryLayout<Value>.size <= 1, count >= 1, count <= 256, _isPOD(type) else { return false }
        return Set(type.allCases.map { of($0) }) == Set(0..<count)
    }

    /// The raw value if it is a string, else the case's name.
    static func text<Value>(of value: Value) -> String {
        if let raw = value as? any RawRepresentable<String> { return raw.rawValue }
        return String(describing: value)
    }
}
