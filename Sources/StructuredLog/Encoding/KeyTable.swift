// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument

/// A fixed set of keys, as they are written in a line, that the encoder looks for: the reserved keys of the presets.
///
/// `@unchecked Sendable`: immutable once made.
struct KeyTable: ~Copyable, @unchecked Sendable {
    /// The keys; reserved from the start in every line's set.
    let keys: KeySet
    private let bytes: ByteBuffer
    private let marks: FieldMarks

    init(_ names: some Sequence<String>) {
        var bytes = ByteBuffer()
        var marks = FieldMarks()
        var keys = KeySet()
        for name in Set(names).sorted() {
            let start = bytes.count
            bytes.append(",\"")
            let keyStart = bytes.count
            var text = name
            text.withUTF8 { bytes.append(jsonEscaping: UnsafeRawBufferPointer($0)) }
            let keyBytes = bytes.count - keyStart
            bytes.reserve(8)
            let hash = keyHash(bytes.base + keyStart, count: keyBytes)
            bytes.append("\":")
            marks.append(FieldMark(start: start, hash: hash, keyBytes: keyBytes))
            _ = keys.insert(hash)
        }
        self.keys = keys
        self.bytes = bytes
        self.marks = marks
    }

    /// Whether the escaped key of `count` bytes is in the table.
    func contains(_ key: UnsafePointer<UInt8>, count: Int, hash: UInt32) -> Bool {
        guard keys.mayContain(hash) else { return false }
        return marks.index(in: 0..<marks.count, hash: hash, key: key, keyBytes: count, line: bytes.base) != nil
    }
}
