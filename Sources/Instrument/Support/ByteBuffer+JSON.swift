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
        reserve(text.count &+ 8)
        let clean = JSONEscape.copyClean(start, count: text.count, to: UnsafeMutableRawPointer(base + count))
        count &+= clean
        if clean < text.count { append(jsonEscaping: text, from: clean) }
    }

    /// Appends what stands in `text` from `start` on, where a byte may need an escape, with JSON's escapes.
    @inline(never)
    package mutating func append(jsonEscaping text: UnsafeRawBufferPointer, from start: Int) {
        guard let bytes = text.baseAddress else { return }
        var position = start
        while position < text.count {
            position = appendCarefully(text, at: position)
            let rest = text.count &- position
            reserve(rest &+ 8)
            let clean = JSONEscape.copyClean(
                bytes + position, count: rest, to: UnsafeMutableRawPointer(base + count))
            count &+= clean
            position &+= clean
        }
    }

    /// Appends the next eight bytes, or the few more that a character reaches beyond them, one by one.
    ///
    /// - Returns: the position behind what was appended.
    private mutating func appendCarefully(_ text: UnsafeRawBufferPointer, at start: Int) -> Int {
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

/// Tells text that needs no escape from text that may, a word at a time.
@usableFromInline
package enum JSONEscape {
    private static let ones: UInt64 = 0x0101_0101_0101_0101

    /// Copies the text as long as it needs no escape.
    ///
    /// Inlined where log lines write keys and values: as a call it cost more than the copy itself.
    ///
    /// - Parameter output: has room for the text and eight bytes more, which may be written to.
    /// - Returns: how many bytes were copied: all, or those in front of a word with a byte that may need an escape.
    @inlinable @inline(__always)
    package static func copyClean(
        _ text: UnsafeRawPointer, count: Int, to output: UnsafeMutableRawPointer
    ) -> Int {
        guard count >= 8 else {
            guard count > 0 else { return 0 }
            let word = shortWord(text, count: count)
            if mayNeedEscape(padded(word, count: count)) { return 0 }
            output.storeBytes(of: word.littleEndian, as: UInt64.self)
            return count
        }
        var position = 0
        repeat {
            let word = UInt64(littleEndian: text.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            if mayNeedEscape(word) { return position }
            output.storeBytes(of: word.littleEndian, toByteOffset: position, as: UInt64.self)
            position &+= 8
        } while position &+ 8 <= count
        guard position < count else { return count }
        // The last eight bytes, some of which were looked at already.
        let word = UInt64(littleEndian: text.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self))
        if mayNeedEscape(word) { return position }
        output.storeBytes(of: word.littleEndian, toByteOffset: count &- 8, as: UInt64.self)
        return count
    }

    /// Whether any of eight bytes is a control, a quote, a backslash, DEL, or the start of a sequence that may be C1
    /// (C2 80...) or a line separator (E2 80 A8).
    @inlinable @inline(__always)
    package static func mayNeedEscape(_ word: UInt64) -> Bool {
        !isPlainASCII(word) && mayNeedEscapeBeyondASCII(word)
    }

    /// Whether all of eight bytes are ASCII and none of them needs an escape.
    @inlinable @inline(__always)
    package static func isPlainASCII(_ word: UInt64) -> Bool {
        // A byte has its high bit in one of the terms if it is not ASCII, or after + 01 if it is DEL, or after a
        // subtraction that goes below zero: 02 is flipped so that the controls (00...1F) and the quote (22, as 20) stand
        // below 21 and nothing else does; the backslash (as 00) alone stands below 01. Carries and borrows only come
        // from bytes that are hits themselves.
        let hits =
            word | (word &+ 0x0101_0101_0101_0101)
            | ((word ^ 0x0202_0202_0202_0202) &- 0x2121_2121_2121_2121)
            | ((word ^ 0x5C5C_5C5C_5C5C_5C5C) &- 0x0101_0101_0101_0101)
        return hits & 0x8080_8080_8080_8080 == 0
    }

    /// The same for a word with a byte that is not ASCII or needs an escape.
    @inline(never) @usableFromInline
    static func mayNeedEscapeBeyondASCII(_ word: UInt64) -> Bool {
        let high = ones &* 0x80
        // A byte is zero in x exactly where (x - ones) & ~x & high has its bit; borrows only add false alarms above it.
        let control = (word &- ones &* 0x20) & ~word
        let quote = word ^ (ones &* 0x22)
        let backslash = word ^ (ones &* 0x5C)
        let delete = word ^ (ones &* 0x7F)
        let latin = word ^ (ones &* 0xC2)
        let general = word ^ (ones &* 0xE2)
        let hits =
            control | ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash)
            | ((delete &- ones) & ~delete) | ((latin &- ones) & ~latin) | ((general &- ones) & ~general)
        return hits & high != 0
    }

    /// One to seven bytes as the low bytes of a word, read without going beyond them; the others are zero.
    @inlinable @inline(__always)
    package static func shortWord(_ start: UnsafeRawPointer, count: Int) -> UInt64 {
        if count >= 4 {
            let low = UInt64(UInt32(littleEndian: start.loadUnaligned(as: UInt32.self)))
            let high = UInt64(
                UInt32(littleEndian: start.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)))
            return low | high &<< UInt64(truncatingIfNeeded: (count &- 4) &* 8)
        }
        let first = UInt64(start.load(as: UInt8.self))
        if count == 1 { return first }
        let last = UInt64(UInt16(littleEndian: start.loadUnaligned(fromByteOffset: count &- 2, as: UInt16.self)))
        return first | last &<< UInt64(truncatingIfNeeded: (count &- 2) &* 8)
    }

    /// A short word with blanks for the bytes that are not there.
    @inlinable @inline(__always)
    package static func padded(_ word: UInt64, count: Int) -> UInt64 {
        word | (0x2020_2020_2020_2020 &<< UInt64(truncatingIfNeeded: count &* 8))
    }
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
