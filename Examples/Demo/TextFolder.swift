// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The folder whose text files are indexed.
struct TextFolder: Sendable {
    /// Limits; a file past one is skipped and counted, never read in part.
    static let fileBytesMax = 1 << 20
    /// See `fileBytesMax`.
    static let filesMax = 20_000

    /// A file as the last listing saw it; equal stamps mean that nothing changed.
    struct Entry: Equatable, Sendable {
        /// The path below the folder.
        var path: String
        var byteCount: Int
        var modified: Date
    }

    /// Why a file is not in the index.
    enum Skip: String, CaseIterable, Sendable {
        case tooLarge = "too_large"
        case notText = "not_text"
        case unreadable
        case tooMany = "too_many"
    }

    /// What a listing found.
    struct Listing: Sendable {
        var entries: [Entry] = []
        var skipped: [Skip] = []
    }

    let root: URL

    /// Lists the folder's regular files, hidden ones left out, in the order of their paths.
    ///
    /// - Throws: when the folder itself cannot be listed.
    func list() throws -> Listing {
        _ = try FileManager.default.contentsOfDirectory(atPath: root.path)
        let keys: [URLResourceKey] = [.isRegularFileKey, .fileSizeKey, .contentModificationDateKey]
        var listing = Listing()
        // Errors further down belong to a file or folder of its own: counted, and the listing goes on.
        var unreadable = 0
        let enumerator = FileManager.default.enumerator(
            at: root, includingPropertiesForKeys: keys, options: [.skipsHiddenFiles],
            errorHandler: { _, _ in
                unreadable += 1
                return true
            })
        while let url = enumerator?.nextObject() as? URL {
            guard let values = try? url.resourceValues(forKeys: Set(keys)), values.isRegularFile == true,
                let byteCount = values.fileSize, let modified = values.contentModificationDate
            else { continue }
            if byteCount > Self.fileBytesMax {
                listing.skipped.append(.tooLarge)
            } else if listing.entries.count == Self.filesMax {
                listing.skipped.append(.tooMany)
            } else {
                listing.entries.append(Entry(path: relativePath(of: url), byteCount: byteCount, modified: modified))
            }
        }
        listing.skipped += Array(repeating: .unreadable, count: unreadable)
        listing.entries.sort { $0.path < $1.path }
        return listing
    }

    /// The words of one file.
    ///
    /// - Returns: the counts, or why the file holds no text.
    func words(of entry: Entry) -> Result<WordIndex.WordCounts, SkippedFile> {
        guard let data = try? Data(contentsOf: root.appendingPathComponent(entry.path)) else {
            return .failure(SkippedFile(reason: .unreadable))
        }
        guard !data.contains(0), let text = String(validating: data, as: UTF8.self) else {
            return .failure(SkippedFile(reason: .notText))
        }
        return .success(WordIndex.countWords(in: text))
    }

    private func relativePath(of url: URL) -> String {
        let prefix = root.standardizedFileURL.path + "/"
        let path = url.standardizedFileURL.path
        return path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : path
    }
}

/// A file that was left out of the index.
struct SkippedFile: Error, Equatable {
    let reason: TextFolder.Skip
}
