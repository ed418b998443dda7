// SPDX-License-Identifier: Apache-2.0

extension ByteBuffer {
    /// Appends `string` as a JSON string with its quotes (RFC 8259 section 7). Does not allocate for native strings.
    ///
    /// Escaped: `"`, `\`, C0, DEL, C1 and U+2028/U+2029, so that no terminal or line reader is led astray. All other
    /// characters stay as they are.
    package mutating func append(json string: String) {
        var string = string
        append(UInt8(ascii: "\""))
        string.withUTF8 { append(jsonEscaping: UnsafeRawBufferPointer($0)) }
        append(UInt8(ascii: "\""))
    }

    /// Appends valid UTF-8 with JSON's escapes and without quotes.
    package mutating func append(jsonEscaping text: UnsafeRawBufferPointer) {
        guard let start = text.baseAddress else { return }
        var clean = 0
        var position = 0
        let end = text.count
        while position < end {
            // Eight bytes at once while none of them needs a look.
            while position &+ 8 <= end {
                let word = UInt64(littleEndian: start.loadUnaligned(fromByteOffset: position, as: UInt64.self))
                if needsEscapeCheck(word) { break }
                position &+= 8
            }
            guard position < end else { break }
            let length = escapedSequenceLength(text, at: position)
            guard length > 0 else {
                position &+= 1
                continue
            }
            append(start + clean, count: position - clean)
            appendEscape(text, at: position, length: length)
            position &+= length
            clean = position
        }
        append(start + clean, count: end - clean)
    }

    @inline(never)
    private mutating func appendEscape(_ text: UnsafeRawBufferPointer, at position: Int, length: Int) {
        append(UInt8(ascii: "\\"))
        let byte = text[position]
        switch (length, byte) {
        case (1, UInt8(ascii: "\"")), (1, UInt8(ascii: "\\")): append(byte)
        case (1, 0x08): append(UInt8(ascii: "b"))
        case (1, 0x09): append(UInt8(ascii: "t"))
        case (1, 0x0A): append(UInt8(ascii: "n"))
        case (1, 0x0C): append(UInt8(ascii: "f"))
        case (1, 0x0D): append(UInt8(ascii: "r"))
        case (1, _): appendUnicodeEscape(UInt16(byte))
        case (2, _): appendUnicodeEscape(UInt16(text[position + 1]))
        default: appendUnicodeEscape(text[position + 2] == 0xA8 ? 0x2028 : 0x2029)
        }
    }

    private mutating func appendUnicodeEscape(_ unit: UInt16) {
        append(UInt8(ascii: "u"))
        for shift in [12, 8, 4, 0] as [UInt16] {
            let nibble = UInt8(truncatingIfNeeded: unit >> shift) & 0xF
            append(nibble < 10 ? 48 + nibble : 87 + nibble)
        }
    }
}

/// Whether any of eight bytes is a control, a quote, a backslash, DEL, or starts a two- or three-byte sequence that may
/// be C1 (C2 80...) or a line separator (E2 80 A8).
@inline(__always)
private func needsEscapeCheck(_ word: UInt64) -> Bool {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let high: UInt64 = 0x8080_8080_8080_8080
    // A byte is zero in x exactly where (x - ones) & ~x & high has its bit; borrows only add false alarms above it.
    let control = (word &- ones &* 0x20) & ~word
    let quote = word ^ (ones &* 0x22)
    let backslash = word ^ (ones &* 0x5C)
    let delete = word ^ (ones &* 0x7F)
    let hits =
        control | ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash) | ((delete &- ones) & ~delete)
    return (hits | word) & high != 0
}

/// The length of the sequence at `position` if it must be escaped, else 0.
@inline(__always)
private func escapedSequenceLength(_ text: UnsafeRawBufferPointer, at position: Int) -> Int {
    let byte = text[position]
    if byte < 0x20 || byte == 0x22 || byte == 0x5C || byte == 0x7F { return 1 }
    if byte == 0xC2, position + 1 < text.count, text[position + 1] < 0xA0 { return 2 }
    if byte == 0xE2, position + 2 < text.count, text[position + 1] == 0x80, text[position + 2] & 0xFE == 0xA8 {
        return 3
    }
    return 0
}
