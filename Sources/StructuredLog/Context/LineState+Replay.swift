// SPDX-License-Identifier: Apache-2.0

import Instrument

// Fields that were written without rules are written again, with those of the line's pipeline. The input is JSON of this
// module's own making, so it is walked, not parsed.

extension LineState {
    /// Writes the fields of a context by the rules of this line's pipeline.
    mutating func replay(_ context: ContextBytes) {
        skippedBytes += context.skippedBytes
        context.bytes.withUnsafeBytes { bytes in
            for index in 0..<context.marks.count {
                let mark = context.marks[index]
                let end = index + 1 < context.marks.count ? context.marks[index + 1].start : bytes.count
                let key = UnsafeRawBufferPointer(rebasing: bytes[mark.keyStart..<mark.keyStart + mark.keyBytes])
                replay(key, UnsafeRawBufferPointer(rebasing: bytes[mark.valueStart..<end]))
            }
        }
    }

    private mutating func replay(_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        guard beginField(escaped: key) else { return }
        replayValue(value)
        endField()
    }

    private mutating func replayValue(_ value: UnsafeRawBufferPointer) {
        if let mark = TypeMark(value) {
            if shared.pointee.redaction.hides(mark) { return line.append(json: RedactionTable.replacement) }
            return replayValue(UnsafeRawBufferPointer(rebasing: value[TypeMark.byteCount...]))
        }
        guard redacts || value.contains(TypeMark.start), let first = value.first,
            first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
        else { return line.append(value) }
        let isObject = first == UInt8(ascii: "{")
        let scope = open(first)
        var position = 1
        while position < value.count - 1 {
            if value[position] == UInt8(ascii: ",") { position += 1 }
            if isObject {
                let keyEnd = Self.endOfValue(value, from: position)
                let valueEnd = Self.endOfValue(value, from: keyEnd + 1)
                replay(
                    UnsafeRawBufferPointer(rebasing: value[position + 1..<keyEnd - 1]),
                    UnsafeRawBufferPointer(rebasing: value[keyEnd + 1..<valueEnd]))
                position = valueEnd
            } else {
                let end = Self.endOfValue(value, from: position)
                beginElement()
                replayValue(UnsafeRawBufferPointer(rebasing: value[position..<end]))
                position = end
            }
        }
        close(scope, isObject ? UInt8(ascii: "}") : UInt8(ascii: "]"))
    }

    /// Where the value that starts at `start` ends.
    private static func endOfValue(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var position = start
        var depth = 0
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                position += 1
                while bytes[position] != UInt8(ascii: "\"") {
                    position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
                }
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 0 { return position }
                depth -= 1
            case UInt8(ascii: ","), UInt8(ascii: ":"):
                if depth == 0 { return position }
            default: break
            }
            position += 1
        }
        return position
    }
}
