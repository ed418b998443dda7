// SPDX-License-Identifier: Apache-2.0

/// Protocol Buffers' wire format, as far as metrics need it.
///
/// See <https://protobuf.dev/programming-guides/encoding/>.
extension ByteBuffer {
    /// Appends a variable-length integer.
    mutating func append(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }

    /// Appends a signed integer so that small magnitudes stay short.
    mutating func append(zigzag value: Int64) {
        append(varint: UInt64(bitPattern: (value << 1) ^ (value >> 63)))
    }

    /// Appends a field of type uint64, int64 or enum.
    mutating func append(field number: UInt64, varint value: UInt64) {
        append(varint: number << 3)
        append(varint: value)
    }

    /// Appends a field of type sint32.
    mutating func append(field number: UInt64, zigzag value: Int64) {
        append(varint: number << 3)
        append(zigzag: value)
    }

    /// Appends a field of type double.
    mutating func append(field number: UInt64, double value: Double) {
        append(varint: number << 3 | 1)
        append(most: 8) { output in
            UnsafeMutableRawPointer(output).storeBytes(of: value.bitPattern.littleEndian, as: UInt64.self)
            return 8
        }
    }

    /// Appends a field of type string.
    mutating func append(field number: UInt64, string value: String) {
        var value = value
        value.withUTF8 { append(field: number, bytes: UnsafeRawBufferPointer($0)) }
    }

    /// Appends a field of bytes.
    mutating func append(field number: UInt64, bytes: UnsafeRawBufferPointer) {
        append(varint: number << 3 | 2)
        append(varint: UInt64(bytes.count))
        append(bytes)
    }

    /// Appends a message that `write` fills in place; its length is put in front of it afterwards.
    mutating func append(field number: UInt64, message write: (inout ByteBuffer) -> Void) {
        append(varint: number << 3 | 2)
        append(delimited: write)
    }

    /// Appends a message behind its length.
    mutating func append(delimited write: (inout ByteBuffer) -> Void) {
        let start = count
        write(&self)
        let length = count - start
        // Written where it belongs first, then moved behind its length, which is one to five bytes long.
        var width = 1
        while length >> (7 * width) != 0 { width += 1 }
        append(most: width) { _ in width }
        withMutableBytes { bytes in
            let base = bytes.baseAddress! + start
            base.advanced(by: width).copyMemory(from: base, byteCount: length)
            var rest = length
            for index in 0..<width {
                let more: UInt8 = index + 1 < width ? 0x80 : 0
                base.storeBytes(of: UInt8(truncatingIfNeeded: rest & 0x7F) | more, toByteOffset: index, as: UInt8.self)
                rest >>= 7
            }
        }
    }
}
