// SPDX-License-Identifier: Apache-2.0

/// A set of ASCII bytes, tested with one shift; bytes from 0x80 on are outside.
package struct ByteClass: Sendable {
    private let low: UInt64
    private let high: UInt64

    /// Makes the set of the bytes for which `contains` holds.
    init(_ contains: (UInt8) -> Bool) {
        var low: UInt64 = 0
        var high: UInt64 = 0
        for byte in UInt8(0)..<64 where contains(byte) { low |= 1 << UInt64(byte) }
        for byte in UInt8(64)..<128 where contains(byte) { high |= 1 << UInt64(byte & 63) }
        self.low = low
        self.high = high
    }

    /// Whether `byte` is in the set.
    @inline(__always)
    func contains(_ byte: UInt8) -> Bool {
        let word = byte < 64 ? low : high
        return byte < 128 && (word &>> UInt64(byte & 63)) & 1 == 1
    }

    /// Whether all of `bytes` are in the set.
    @inline(__always)
    func containsAll(_ bytes: UnsafeRawBufferPointer) -> Bool {
        for byte in bytes where !contains(byte) { return false }
        return true
    }

    /// [RFC 9110 5.6.2](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2): `tchar`, of methods and field names.
    static let token = ByteClass { byte in
        isAlphanumeric(byte) || "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }

    /// What a request target may hold: visible ASCII without the fragment mark, which never belongs on the wire.
    static let target = ByteClass { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }

    /// [RFC 3986 3.2.2](https://www.rfc-editor.org/rfc/rfc3986#section-3.2.2): host and port, with the brackets of IPv6.
    static let authority = ByteClass { byte in
        isAlphanumeric(byte) || "-._~%!$&'()*+,;=:[]".utf8.contains(byte)
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }
}

/// Whether `byte` may stand in a field value: visible, obs-text, space or tab
/// ([RFC 9110 5.5](https://www.rfc-editor.org/rfc/rfc9110#section-5.5)).
@inline(__always)
package func isFieldValueByte(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte != 0x7F || byte == 0x09
}

/// Whether `bytes` spell `lowercase`, which must be lowercase ASCII, in any mixture of cases.
@inline(__always)
package func equalsIgnoringCase(_ bytes: UnsafeRawBufferPointer, _ lowercase: StaticString) -> Bool {
    guard bytes.count == lowercase.utf8CodeUnitCount else { return false }
    let expected = lowercase.utf8Start
    for index in 0..<bytes.count {
        let byte = bytes[index]
        let isUpper = byte &- UInt8(ascii: "A") < 26
        guard (isUpper ? byte | 0x20 : byte) == expected[index] else { return false }
    }
    return true
}

/// Whether `bytes` are exactly `literal`.
@inline(__always)
package func equals(_ bytes: UnsafeRawBufferPointer, _ literal: StaticString) -> Bool {
    guard bytes.count == literal.utf8CodeUnitCount else { return false }
    let expected = literal.utf8Start
    for index in 0..<bytes.count where bytes[index] != expected[index] { return false }
    return true
}
