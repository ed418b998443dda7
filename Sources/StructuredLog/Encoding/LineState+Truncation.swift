// SPDX-License-Identifier: Apache-2.0

import Instrument

extension LineState {
    /// Cuts the line, whose `closing` is still to come, down to the limit: the longest fields go first, the message
    /// last, and the head's level, time and trace never. What it was meant to measure is noted at its end.
    @inline(never)
    mutating func cut(to limit: Int, _ layout: LogPreset.Layout) {
        let closingBytes = layout.closing.utf8CodeUnitCount
        let original = line.count + skippedBytes + closingBytes
        let note = Note(layout, original: original)
        let available = limit - closingBytes - note.byteCount
        adoptContext()
        while line.count > available, marks.count > 0 {
            var longest = 0
            var longestBytes = -1
            for index in 0..<marks.count {
                let end = index + 1 < marks.count ? marks[index + 1].start : line.count
                if end - marks[index].start >= longestBytes {
                    longest = index
                    longestBytes = end - marks[index].start
                }
            }
            let start = marks[longest].start
            line.removeSubrange(start..<start + longestBytes)
            marks.remove(at: longest)
            marks.shift(from: longest, by: -longestBytes)
        }
        if line.count > available {
            let kept = escapedPrefix(of: message, bytesMax: max(0, message.count - (line.count - available)))
            let cut = message.lowerBound + kept..<message.upperBound
            line.removeSubrange(cut)
            marks.shift(from: 0, by: -cut.count)
            attributesStart -= cut.count
            message = message.lowerBound..<cut.lowerBound
        }
        line.append(note.words)
        line.append(decimal: UInt64(original))
    }

    /// What a line says that was cut.
    private struct Note {
        let words: StaticString
        let byteCount: Int

        init(_ layout: LogPreset.Layout, original: Int) {
            words = layout.isJSON ? ",\"truncated\":true,\"original_bytes\":" : " truncated=true original_bytes="
            byteCount = words.utf8CodeUnitCount + String(original).utf8.count
        }
    }

    /// The longest start of an escaped text within `bytesMax` bytes that splits neither a character nor an escape.
    private func escapedPrefix(of range: Range<Int>, bytesMax: Int) -> Int {
        var kept = 0
        while kept < range.count {
            let byte = line.base[range.lowerBound + kept]
            let length: Int
            switch byte {
            case UInt8(ascii: "\\"): length = line.base[range.lowerBound + kept + 1] == UInt8(ascii: "u") ? 6 : 2
            case ..<0x80: length = 1
            case ..<0xE0: length = 2
            case ..<0xF0: length = 3
            default: length = 4
            }
            guard kept + length <= bytesMax else { break }
            kept += length
        }
        return kept
    }
}

extension LineState {
    /// Ends the line: cuts it down if it is too long, closes the object, and adds the newline.
    @inline(__always)
    mutating func finish(_ layout: LogPreset.Layout) {
        let limit = shared.pointee.lineBytesMax
        if line.count &+ 2 &+ skippedBytes > limit { finishLong(limit, layout) }
        if layout == .seed {
            line.append(most: 2) { output in
                output[0] = UInt8(ascii: "}")
                output[1] = UInt8(ascii: "\n")
                return 2
            }
        } else {
            if layout == .otel { openAttributes() }
            line.append(layout.closing)
            line.append(UInt8(ascii: "\n"))
        }
    }

    /// Without a source in front of it the first attribute has no use for its comma.
    @inline(never)
    private mutating func openAttributes() {
        guard line.count > attributesStart, line.base[attributesStart] == UInt8(ascii: ",") else { return }
        line.removeSubrange(attributesStart..<attributesStart + 1)
    }

    @inline(never)
    private mutating func finishLong(_ limit: Int, _ layout: LogPreset.Layout) {
        guard line.count + layout.closing.utf8CodeUnitCount + skippedBytes > limit else { return }
        cut(to: limit, layout)
    }
}
