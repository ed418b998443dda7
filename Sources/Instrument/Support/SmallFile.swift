// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Reads files whole that are known to be small, such as those of `/proc`.
package enum SmallFile {
    /// The most bytes that are read.
    package static let bytesMax = 1 << 20

    /// The file's text; anything that is not UTF-8 is repaired.
    ///
    /// - Throws: `SystemError` of `open` or `read`.
    package static func text(_ path: String) throws(SystemError) -> String {
        String(decoding: try bytes(path), as: UTF8.self)
    }

    /// The file's bytes, up to ``bytesMax``; files of `/proc` tell no size, so it is read to its end.
    ///
    /// - Throws: `SystemError` of `open` or `read`.
    package static func bytes(_ path: String) throws(SystemError) -> [UInt8] {
        let file = try Descriptor.open(path, flags: O_RDONLY)
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while bytes.count < bytesMax {
            let count = read(file.number, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .last("read \(path)") }
            if count == 0 { break }
            bytes += chunk[..<count]
        }
        return bytes
    }
}
