// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The folder whose FASTA files are analysed.
struct SequenceFolder: Sendable {
    let root: URL

    /// Makes the folder; an empty one gets a sample of eight genes, the same each time.
    func prepare() throws {
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
        guard try files().isEmpty else { return }
        let text = (1...8).map { ">gene-\($0)\n\(Self.gene(number: UInt64($0)))\n" }.joined()
        try Data(text.utf8).write(to: root.appendingPathComponent("sample.fasta"), options: .atomic)
    }

    /// The files that are there, by name.
    func files() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root.path).filter { $0.hasSuffix(".fasta") }.sorted()
    }

    /// The records of one file.
    func records(of file: String) throws -> [FASTARecord] {
        FASTARecord.records(in: try String(contentsOf: root.appendingPathComponent(file), encoding: .utf8))
    }

    /// 600 bases from a linear congruential generator (Knuth's MMIX), lines of 60.
    private static func gene(number: UInt64) -> String {
        var state = number
        let bases: [Character] = ["A", "C", "G", "T"]
        return (0..<10).map { _ in
            String(
                (0..<60).map { _ in
                    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    return bases[Int(state >> 62)]
                })
        }.joined(separator: "\n")
    }
}
