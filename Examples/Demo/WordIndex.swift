// SPDX-License-Identifier: Apache-2.0

/// Which words stand in which files, and how often.
///
/// A value: an indexing cycle builds a new one and publishes it whole, so a search never sees half a cycle.
struct WordIndex: Sendable {
    /// One file's words with their counts.
    typealias WordCounts = [String: Int]

    /// A file that holds a word.
    struct Match: Codable, Equatable, Sendable {
        var file: String
        var count: Int
    }

    private var matchesByWord: [String: [Match]] = [:]
    /// How many files were indexed.
    private(set) var fileCount = 0

    /// How many different words were found.
    var wordCount: Int { matchesByWord.count }

    /// Makes an index of files' words; matches are ordered by count, then by file name.
    init(_ files: [String: WordCounts] = [:]) {
        fileCount = files.count
        for (file, counts) in files {
            for (word, count) in counts {
                matchesByWord[word, default: []].append(Match(file: file, count: count))
            }
        }
        for word in matchesByWord.keys {
            matchesByWord[word]?.sort { ($1.count, $0.file) < ($0.count, $1.file) }
        }
    }

    /// The files that hold `word`, upper and lower case being the same.
    func matches(for word: String) -> [Match] {
        matchesByWord[word.lowercased()] ?? []
    }

    /// Counts the words of a text: runs of letters, digits and `_`, in lower case.
    static func countWords(in text: String) -> WordCounts {
        var counts: WordCounts = [:]
        for word in text.split(whereSeparator: { !($0.isLetter || $0.isNumber || $0 == "_") }) {
            counts[word.lowercased(), default: 0] += 1
        }
        return counts
    }
}
