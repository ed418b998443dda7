// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Demo

@Suite struct WordIndexTests {
    @Test func wordsAreRunsOfLettersDigitsAndUnderscoresInLowerCase() {
        let counts = WordIndex.countWords(in: "Let x_1 = let(Über, 42); // über-42\n")
        #expect(counts == ["let": 2, "x_1": 1, "über": 2, "42": 2])
    }

    @Test func matchesAreOrderedByCountThenFile() {
        let index = WordIndex(["b": ["word": 2], "a": ["word": 2, "other": 1], "c": ["word": 5]])
        #expect(index.matches(for: "WORD").map(\.file) == ["c", "a", "b"])
        #expect(index.matches(for: "WORD").map(\.count) == [5, 2, 2])
        #expect(index.matches(for: "absent").isEmpty)
        #expect(index.fileCount == 3)
        #expect(index.wordCount == 2)
    }
}

@Suite struct TextFolderTests {
    private func withFolder(_ files: [String: Data], _ body: (TextFolder) throws -> Void) throws {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("demo-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: root) }
        for (path, data) in files {
            let url = root.appendingPathComponent(path)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try data.write(to: url)
        }
        try body(TextFolder(root: root))
    }

    @Test func filesAreListedByPathWithoutHiddenOnes() throws {
        try withFolder(["b.txt": Data("b".utf8), "a/deep.txt": Data("a".utf8), ".hidden": Data("h".utf8)]) { folder in
            let paths = try folder.list().entries.map(\.path)
            #expect(paths == ["a/deep.txt", "b.txt"])
        }
    }

    @Test func aFilePastTheLimitIsSkippedAndCounted() throws {
        try withFolder(["large": Data(count: TextFolder.fileBytesMax + 1), "small": Data("s".utf8)]) { folder in
            let listing = try folder.list()
            #expect(listing.entries.map(\.path) == ["small"])
            #expect(listing.skipped == [.tooLarge])
        }
    }

    @Test func binaryFilesAreNotText() throws {
        try withFolder(["zero": Data([65, 0, 66]), "invalid": Data([0xFF, 0xFE])]) { folder in
            for entry in try folder.list().entries {
                #expect(folder.words(of: entry) == .failure(SkippedFile(reason: .notText)))
            }
        }
    }

    @Test func aFolderThatIsGoneIsAnError() {
        #expect(throws: (any Error).self) { _ = try TextFolder(root: URL(fileURLWithPath: "/does/not/exist")).list() }
    }
}
