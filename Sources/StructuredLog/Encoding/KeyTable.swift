// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument

/// A fixed set of keys, as they are written in a line, that the encoder looks for: the reserved keys of the presets.
///
/// `@unchecked Sendable`: immutable once made.
struct KeyTable: ~Copyable, @unchecked Sendable {
    /// The union of the keys' bits: a key whose bit is missing is not in the table.
    let mask: UInt128
    private let bytes: ByteBuffer
    private let marks: FieldMarks

    init(_ keys: some Sequence<String>) {
        var bytes = ByteBuffer()
        var marks = FieldMarks()
        var mask: UInt128 = 0
        for key in Set(keys).sorted() {
            let start = bytes.count
            bytes.append(",\"")
            let keyStart = bytes.count
            var text = key
            text.withUTF8 { bytes.append(jsonEscaping: UnsafeRawBufferPointer($0)) }
            let keyBytes = bytes.count - keyStart
            bytes.reserve(8)
            let hash = keyHash(bytes.base + keyStart, count: keyBytes)
            bytes.append("\":")
            marks.append(FieldMark(start: start, hash: hash, keyBytes: keyBytes))
            mask |= keyBit(hash)
        }
        self.mask = mask
        self.bytes = bytes
        self.marks = marks
    }

    /// Whether the escaped key of `count` bytes is in the table.
    func contains(_ key: UnsafePointer<UInt8>, count: Int, hash: UInt32) -> Bool {
        guard mask & keyBit(hash) != 0 else { return false }
        return marks.index(in: 0..<marks.count, hash: hash, key: key, keyBytes: count, line: bytes.base) != nil
    }
}
