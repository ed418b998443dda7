// SPDX-License-Identifier: Apache-2.0

extension ByteBuffer {
    /// Appends `string` as a JSON string with its quotes (RFC 8259 section 7). Does not allocate for native strings.
    ///
    /// Escaped: `"`, `\`, C0, DEL, C1 and U+2028/U+2029, so that no terminal or line reader is led astray. All other
    /// characters stay as they are.
    package mutating func append(json string: String) {
        append(UInt8(ascii: "\""))
        append(jsonEscaping: string)
        append(UInt8(ascii: "\""))
    }

    /// Appends a string with JSON's escapes and without quotes.
    package mutating func append(jsonEscaping string: String) {
        // Native strings lend their storage without a copy, so without counting a reference.
        let isDone: Void? = string.utf8.withContiguousStorageIfAvailable {
            append(jsonEscaping: UnsafeRawBufferPointer($0))
        }
        if isDone == nil {
            var copy = string
            copy.withUTF8 { append(jsonEscaping: UnsafeRawBufferPointer($0)) }
        }
    }

    /// Appends valid UTF-8 with JSON's escapes and without quotes.
    ///
    /// Eight bytes are looked at and copied at once while none of them needs an escape.
    package mutating func append(jsonEscaping text: UnsafeRawBufferPointer) {
        guard let start = text.baseAddress else { return }
        let end = text.count
        reserve(end &+ 8)
        var position = 0
        var output = UnsafeMutableRawPointer(base + count)
        while position &+ 8 <= end {
            let word = UInt64(littleEndian: start.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            if needsEscapeCheck(word) {
                // One character by itself, then words again.
                position = appendCarefully(text, at: position, output: output)
                output = UnsafeMutableRawPointer(base + count)
                continue
            }
            output.storeBytes(of: word.littleEndian, as: UInt64.self)
            output += 8
            position &+= 8
        }
        let rest = end &- position
        if rest > 0 {
            let word = shortWord(start + position, count: rest)
            // Blanks stand in for the bytes that are not there.
            if needsEscapeCheck(word | (0x2020_2020_2020_2020 &<< UInt64(truncatingIfNeeded: rest &* 8))) {
                repeat {
                    position = appendCarefully(text, at: position, output: output)
                    output = UnsafeMutableRawPointer(base + count)
                } while position < end
                return
            }
            // There is room for eight bytes; those beyond the text are not counted.
            output.storeBytes(of: word.littleEndian, as: UInt64.self)
            output += rest
        }
        count = output - UnsafeMutableRawPointer(base)
    }

    /// Appends clean bytes up to and with one that may need an escape.
    ///
    /// - Parameter output: where the next byte goes; `count` catches up with it.
    /// - Returns: the position behind what was appended. There is room for the rest of the text again.
    @inline(never)
    private mutating func appendCarefully(
        _ text: UnsafeRawBufferPointer, at start: Int, output: UnsafeMutableRawPointer
    ) -> Int {
        count = output - UnsafeMutableRawPointer(base)
        var position = start
        let end = min(start &+ 8, text.count)
        while position < end {
            let length = escapedSequenceLength(text, at: position)
            if length > 0 {
                appendEscape(text, at: position, length: length)
                position &+= length
            } else {
                append(text[position])
                position &+= 1
            }
        }
        reserve(text.count &- position &+ 8)
        return position
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

/// Whether any of eight bytes is a control, a quote, a backslash, DEL, or the start of a sequence that may be C1
/// (C2 80...) or a line separator (E2 80 A8).
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
    if hits & high != 0 { return true }
    if word & high == 0 { return false }
    let latin = word ^ (ones &* 0xC2)
    let general = word ^ (ones &* 0xE2)
    return (((latin &- ones) & ~latin) | ((general &- ones) & ~general)) & high != 0
}

/// One to seven bytes as the low bytes of a word, read without going beyond them; the others are zero.
@inline(__always)
private func shortWord(_ start: UnsafeRawPointer, count: Int) -> UInt64 {
    if count >= 4 {
        let low = UInt64(UInt32(littleEndian: start.loadUnaligned(as: UInt32.self)))
        let high = UInt64(UInt32(littleEndian: start.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)))
        return low | high &<< UInt64(truncatingIfNeeded: (count &- 4) &* 8)
    }
    let first = UInt64(start.load(as: UInt8.self))
    if count == 1 { return first }
    let last = UInt64(UInt16(littleEndian: start.loadUnaligned(fromByteOffset: count &- 2, as: UInt16.self)))
    return first | last &<< UInt64(truncatingIfNeeded: (count &- 2) &* 8)
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
