// SPDX-License-Identifier: Apache-2.0

/// The `name=value` pairs of a query, decoded: `+` is a space, `%41` a byte; what is not well-formed stays as sent.
public struct QueryParameters: Sendable {
    /// The pairs in order; a name without `=` has an empty value.
    public let pairs: [(name: String, value: String)]

    /// More pairs than this are ignored.
    public static let pairsMax = 256

    /// Decodes a query without its question mark.
    public init(_ query: String) {
        var query = query
        self.init(query.withUTF8 { Self.pairs(of: UnsafeRawBufferPointer($0)) })
    }

    init(bytes: UnsafeRawBufferPointer) { self.init(Self.pairs(of: bytes)) }

    private init(_ pairs: [(name: String, value: String)]) { self.pairs = pairs }

    /// The first value of `name`, or nil.
    public subscript(name: String) -> String? { pairs.first { $0.name == name }?.value }

    /// Every value of `name`, in order.
    public func values(of name: String) -> [String] { pairs.filter { $0.name == name }.map(\.value) }

    /// Whether `name` is there, with or without a value.
    public func contains(_ name: String) -> Bool { pairs.contains { $0.name == name } }

    private static func pairs(of bytes: UnsafeRawBufferPointer) -> [(name: String, value: String)] {
        guard !bytes.isEmpty else { return [] }
        var pairs: [(name: String, value: String)] = []
        for part in bytes.split(separator: UInt8(ascii: "&")) {
            if pairs.count == pairsMax { break }
            let equals = part.firstIndex(of: UInt8(ascii: "=")) ?? part.endIndex
            let name = percentDecoded(part[..<equals], plusIsSpace: true)
            let value = equals < part.endIndex ? percentDecoded(part[(equals + 1)...], plusIsSpace: true) : ""
            pairs.append((name, value))
        }
        return pairs
    }
}

/// Decodes `%41`; a `%` without two hex digits stays, bytes that are not UTF-8 are repaired.
func percentDecoded(_ bytes: Slice<UnsafeRawBufferPointer>, plusIsSpace: Bool) -> String {
    guard bytes.contains(where: { $0 == UInt8(ascii: "%") || plusIsSpace && $0 == UInt8(ascii: "+") }) else {
        return String(decoding: bytes, as: UTF8.self)
    }
    var decoded: [UInt8] = []
    decoded.reserveCapacity(bytes.count)
    var position = bytes.startIndex
    while position < bytes.endIndex {
        let byte = bytes[position]
        if byte == UInt8(ascii: "%"), bytes.endIndex - position > 2,
            let high = hexValue(bytes[position + 1]), let low = hexValue(bytes[position + 2])
        {
            decoded.append(high << 4 | low)
            position += 3
        } else {
            decoded.append(plusIsSpace && byte == UInt8(ascii: "+") ? 0x20 : byte)
            position += 1
        }
    }
    return String(decoding: decoded, as: UTF8.self)
}

func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - 48
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - 87
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - 55
    default: nil
    }
}
