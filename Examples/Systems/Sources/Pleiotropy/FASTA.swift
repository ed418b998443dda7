// SPDX-License-Identifier: Apache-2.0

/// One record of a FASTA text: a line `>name` and the lines of bases below it.
struct FASTARecord: Equatable, Sendable {
    /// The first word behind `>`.
    var name: String
    /// The bases, in upper case, as they stand: whether they are bases is for the analysis to say.
    var bases: String

    /// Reads all records; text in front of the first `>` and records without bases are left out.
    static func records(in text: String) -> [FASTARecord] {
        var records: [FASTARecord] = []
        for line in text.split(whereSeparator: \.isNewline) {
            if line.first == ">" {
                let words = line.dropFirst().split(whereSeparator: \.isWhitespace)
                records.append(FASTARecord(name: words.first.map { String($0) } ?? "unnamed", bases: ""))
            } else if let last = records.indices.last {
                records[last].bases += line.filter { !$0.isWhitespace }.uppercased()
            }
        }
        return records.filter { !$0.bases.isEmpty }
    }
}
