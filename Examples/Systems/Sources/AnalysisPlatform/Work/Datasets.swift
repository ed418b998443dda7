// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The files that jobs read, in one folder.
struct Datasets: Sendable {
    /// Larger files are refused, in bytes.
    static let bytesMax = 64 << 20
    private static let chunkBytes = 64 << 10

    let folder: URL
    let source: URL

    /// A name that stays within its folder.
    ///
    /// - Throws: `InputError` for anything but letters, digits, `.`, `_` and `-`, and for a name that begins with a dot.
    static func checked(_ name: String) throws(InputError) -> String {
        let isPlain = name.utf8.allSatisfy { byte in
            let letter = Character(UnicodeScalar(byte))
            return letter.isASCII && (letter.isLetter || letter.isNumber || "._-".contains(letter))
        }
        guard isPlain, (1...100).contains(name.utf8.count), !name.hasPrefix(".") else {
            throw InputError("\"\(name)\" is no name; use letters, digits, \"_\", \"-\" and \".\"")
        }
        return name
    }

    /// A file that is there. Foundation's own error would tell clients where the folder is.
    private static func existing(_ name: String, in folder: URL) throws(InputError) -> URL {
        let file = folder.appendingPathComponent(try checked(name))
        guard FileManager.default.isReadableFile(atPath: file.path) else {
            throw InputError("there is no file \(name)")
        }
        return file
    }

    func store(_ bytes: [UInt8], as name: String) throws {
        try Data(bytes).write(to: folder.appendingPathComponent(try Self.checked(name)), options: .atomic)
    }

    func text(of name: String) throws -> String {
        let data = try Data(contentsOf: try Self.existing(name, in: folder))
        guard let text = String(validating: data, as: UTF8.self) else { throw InputError("\(name) is no text") }
        return text
    }

    /// Copies a file of the source into the folder; `count` hears of each piece.
    ///
    /// - Returns: how many bytes it has.
    func fetch(_ name: String, count: (Int) -> Void) throws -> Int {
        let reader = try FileHandle(forReadingFrom: try Self.existing(name, in: source))
        defer { try? reader.close() }
        let part = folder.appendingPathComponent(".\(name).\(UUID().uuidString)")
        guard FileManager.default.createFile(atPath: part.path, contents: nil) else {
            throw InputError("\(name) cannot be written")
        }
        // Nothing is left of a download that fails; one that succeeds has moved away.
        defer { try? FileManager.default.removeItem(at: part) }
        let writer = try FileHandle(forWritingTo: part)
        defer { try? writer.close() }
        var total = 0
        while let chunk = try reader.read(upToCount: Self.chunkBytes), !chunk.isEmpty {
            total += chunk.count
            guard total <= Self.bytesMax else { throw InputError("\(name) has more than \(Self.bytesMax) bytes") }
            try writer.write(contentsOf: chunk)
            count(chunk.count)
        }
        try writer.synchronize()
        guard rename(part.path, folder.appendingPathComponent(name).path) == 0 else {
            throw InputError("\(name) cannot be moved into place: error \(errno)")
        }
        return total
    }
}
