// SPDX-License-Identifier: Apache-2.0

import Instrument

// The layouts that are not JSON. Their fields are first written as JSON like all others, which settles uniqueness,
// order and redaction, and then taken over value by value.

extension LineState {
    /// Writes the fields set aside as ` key=value`.
    mutating func appendTextFieldsSetAside() {
        let source = UnsafeRawBufferPointer(start: asideBytes.base, count: asideBytes.count)
        for index in 0..<asideMarks.count {
            let mark = asideMarks[index]
            let end = index + 1 < asideMarks.count ? asideMarks[index + 1].start : source.count
            beginText(UnsafeRawBufferPointer(rebasing: source[mark.keyStart..<mark.keyStart + mark.keyBytes]))
            line.append(textOfJSON: UnsafeRawBufferPointer(rebasing: source[mark.valueStart..<end]))
        }
        skippedBytes += asideSkippedBytes
    }

    /// Writes a field of the layout's own.
    mutating func writeText(_ key: StaticString, _ text: String) {
        beginText(UnsafeRawBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount))
        var text = text
        text.withUTF8 { bytes in
            let limit = shared.pointee.lineBytesMax
            let kept = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes).prefix(limit))
            line.append(textValue: String(decoding: kept, as: UTF8.self))
            skippedBytes += max(0, bytes.count - limit)
        }
    }

    private mutating func beginText(_ key: UnsafeRawBufferPointer) {
        marks.append(FieldMark(start: line.count, hash: 0, keyBytes: key.count))
        line.append(UInt8(ascii: " "))
        let start = line.count
        line.appendWithoutDirections(key, unquotes: false)
        for position in start..<line.count where !Self.isPlainKeyByte(line.base[position]) {
            line.base[position] = UInt8(ascii: "_")
        }
        line.append(UInt8(ascii: "="))
    }
}

extension LineState {
    private static func isPlainKeyByte(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte != UInt8(ascii: "=") && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }
}

extension ByteBuffer {
    /// Appends a text as a logfmt value: bare if it is one plain word, else quoted with JSON's escapes.
    mutating func append(textValue text: String) {
        var json = ByteBuffer(capacity: text.utf8.count + 16)
        json.append(json: text)
        json.withUnsafeBytes { append(textOfJSON: $0) }
    }

    /// Appends a text for people, without quotes around it: controls and bidirectional marks as escapes.
    ///
    /// - Parameter keepsQuotes: whether quotes stay as they are; else they are escaped.
    mutating func append(plainText text: String, keepsQuotes: Bool = true) {
        var json = ByteBuffer(capacity: text.utf8.count + 16)
        json.append(json: text)
        json.withUnsafeBytes { bytes in
            appendWithoutDirections(UnsafeRawBufferPointer(rebasing: bytes[1..<bytes.count - 1]), unquotes: keepsQuotes)
        }
    }

    /// Appends a JSON value, as this module writes it, as a logfmt value.
    fileprivate mutating func append(textOfJSON value: UnsafeRawBufferPointer) {
        switch value.first {
        case UInt8(ascii: "\""):
            let inner = UnsafeRawBufferPointer(rebasing: value[1..<value.count - 1])
            let isBare =
                !inner.isEmpty
                && inner.allSatisfy {
                    $0 > 0x20 && $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: "\\") && $0 != UInt8(ascii: "\"")
                }
            appendWithoutDirections(isBare ? inner : value, unquotes: false)
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            var escaped = ByteBuffer(capacity: value.count + 32)
            escaped.append(UInt8(ascii: "\""))
            escaped.append(jsonEscaping: value)
            escaped.append(UInt8(ascii: "\""))
            escaped.withUnsafeBytes { appendWithoutDirections($0, unquotes: false) }
        default: append(value)
        }
    }

    /// Copies escaped text; the marks that turn the writing direction become escapes, so that a terminal shows the bytes
    /// in the order in which they stand.
    fileprivate mutating func appendWithoutDirections(_ text: UnsafeRawBufferPointer, unquotes: Bool) {
        var position = 0
        while position < text.count {
            let byte = text[position]
            if byte == UInt8(ascii: "\\"), position + 1 < text.count {
                // An escape's two bytes go together, so that the second is not taken for the start of another.
                if !unquotes || text[position + 1] != UInt8(ascii: "\"") { append(byte) }
                append(text[position + 1])
                position += 2
            } else if let (unit, length) = directionMark(text, at: position) {
                append("\\u")
                for shift in stride(from: 12, through: 0, by: -4) {
                    let nibble = UInt8(truncatingIfNeeded: unit >> shift) & 0xF
                    append(nibble < 10 ? 48 + nibble : 87 + nibble)
                }
                position += length
            } else {
                append(byte)
                position += 1
            }
        }
    }
}

/// The bidirectional mark at `position`: U+061C, U+200E-F, U+202A-E, U+2066-9.
private func directionMark(_ text: UnsafeRawBufferPointer, at position: Int) -> (unit: UInt16, length: Int)? {
    switch text[position] {
    case 0xD8 where position + 1 < text.count && text[position + 1] == 0x9C: return (0x061C, 2)
    case 0xE2 where position + 2 < text.count:
        let (middle, last) = (text[position + 1], text[position + 2])
        if middle == 0x80, last == 0x8E || last == 0x8F || (0xAA...0xAE).contains(last) {
            return (0x2000 + UInt16(last) - 0x80, 3)
        }
        if middle == 0x81, (0xA6...0xA9).contains(last) { return (0x2040 + UInt16(last) - 0x80, 3) }
        return nil
    default: return nil
    }
}
