// SPDX-License-Identifier: Apache-2.0

extension ByteBuffer {
    /// Appends a label's value with `\`, `"` and line feeds escaped, as the text formats ask.
    mutating func append(labelValue value: UnsafeRawBufferPointer) {
        var clean = 0
        for (index, byte) in value.enumerated() {
            let escaped: UInt8
            switch byte {
            case UInt8(ascii: "\\"): escaped = UInt8(ascii: "\\")
            case UInt8(ascii: "\""): escaped = UInt8(ascii: "\"")
            case UInt8(ascii: "\n"): escaped = UInt8(ascii: "n")
            default: continue
            }
            append(UnsafeRawBufferPointer(rebasing: value[clean..<index]))
            append(UInt8(ascii: "\\"))
            append(escaped)
            clean = index + 1
        }
        append(UnsafeRawBufferPointer(rebasing: value[clean...]))
    }

    /// Appends a string as the value of a label.
    mutating func append(labelValue value: String) {
        var value = value
        value.withUTF8 { append(labelValue: UnsafeRawBufferPointer($0)) }
    }

    /// Appends `name="value"`, with a comma in front unless it opens the list.
    mutating func append(label name: String, value: UnsafeRawBufferPointer, isFirst: inout Bool) {
        append(isFirst ? UInt8(ascii: "{") : UInt8(ascii: ","))
        isFirst = false
        append(name)
        append("=\"")
        append(labelValue: value)
        append(UInt8(ascii: "\""))
    }

    /// Appends a HELP text: `\` and line feeds escaped, and for OpenMetrics quotes as well.
    mutating func append(help: String, escapingQuotes: Bool) {
        for byte in help.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): append("\\\\")
            case UInt8(ascii: "\n"): append("\\n")
            case UInt8(ascii: "\"") where escapingQuotes: append("\\\"")
            default: append(byte)
            }
        }
    }
}
