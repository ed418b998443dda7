// SPDX-License-Identifier: Apache-2.0

/// Protocol Buffers' wire format, as far as metrics need it.
///
/// See <https://protobuf.dev/programming-guides/encoding/>.
extension ByteBuffer {
    /// Appends a variable-length integer.
    @inline(__always)
    mutating func append(varint value: UInt64) {
        append(most: 10) { output in
            var rest = value
            var length = 0
            while rest >= 0x80 {
                output[length] = UInt8(truncatingIfNeeded: rest) | 0x80
                length &+= 1
                rest >>= 7
            }
            output[length] = UInt8(truncatingIfNeeded: rest)
            return length &+ 1
        }
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

    /// Appends a `LabelPair`.
    mutating func append(label name: String, _ value: String) {
        append(field: 1) { output in
            output.append(field: 1, string: name)
            output.append(field: 2, string: value)
        }
    }

    /// Appends a message that `write` fills in place.
    ///
    /// - Parameter width: how many bytes its length will probably take; see ``append(delimited:_:)``.
    @inline(__always)
    mutating func append(field number: UInt64, width: Int = 1, message write: (inout ByteBuffer) -> Void) {
        append(varint: number << 3 | 2)
        append(delimited: width, write)
    }

    /// Appends a message behind its length, for which `width` bytes are set aside. Only a length that takes another number
    /// of bytes, seven bits each, moves the message.
    @inline(__always)
    mutating func append(delimited width: Int, _ write: (inout ByteBuffer) -> Void) {
        let start = count
        // Written once the length is known.
        append(most: width) { _ in width }
        write(&self)
        let length = count &- start &- width
        let highest = UInt64(1) &<< UInt64(7 &* width)
        if length >= highest || UInt64(length) < highest >> 7 && width > 1 { moveMessage(at: start, from: width) }
        storeLength(length, at: start)
    }

    /// Moves a message that was written behind the wrong number of bytes for its length.
    @inline(never)
    private mutating func moveMessage(at start: Int, from width: Int) {
        let length = count - start - width
        var needed = 1
        while length >> (7 * needed) != 0 { needed += 1 }
        reserve(needed)
        (base + start + needed).update(from: base + start + width, count: length)
        count = start + needed + length
    }

    @inline(__always)
    private mutating func storeLength(_ length: Int, at start: Int) {
        var rest = length
        var place = start
        while rest >= 0x80 {
            base[place] = UInt8(truncatingIfNeeded: rest) | 0x80
            place &+= 1
            rest >>= 7
        }
        base[place] = UInt8(truncatingIfNeeded: rest)
    }
}
