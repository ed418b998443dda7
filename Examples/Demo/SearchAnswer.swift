// SPDX-License-Identifier: Apache-2.0

/// What `GET /search?q=word` answers.
struct SearchAnswer: Codable, Equatable, Sendable {
    /// The most files that one answer lists; `total_files` counts all of them.
    static let filesMax = 100

    var query: String
    var totalFiles: Int
    var totalCount: Int
    var files: [WordIndex.Match]

    enum CodingKeys: String, CodingKey {
        case query
        case totalFiles = "total_files"
        case totalCount = "total_count"
        case files
    }

    init(query: String, in index: WordIndex) {
        let matches = index.matches(for: query)
        self.query = query
        totalFiles = matches.count
        totalCount = matches.reduce(0) { $0 + $1.count }
        files = Array(matches.prefix(Self.filesMax))
    }
}

/// What is wrong with a request, as JSON.
struct ErrorAnswer: Codable, Equatable, Sendable {
    var error: String
}
