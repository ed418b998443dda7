// SPDX-License-Identifier: Apache-2.0

/// A job's input that cannot be worked on.
struct InputError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// A named sequence of DNA.
struct DNASequence: Sendable {
    /// Trimers, four bases to the power of three.
    static let trimers = 64

    let name: String
    /// The bases as 0 to 3.
    private let bases: [UInt8]

    /// Reads the records of a FASTA file: a line `>name`, then lines of A, C, G and T.
    ///
    /// - Throws: `InputError` for a file without records and for other letters.
    static func records(in text: String) throws(InputError) -> [DNASequence] {
        var records: [DNASequence] = []
        for record in text.split(separator: ">") {
            let lines = record.split(whereSeparator: \.isNewline)
            guard let name = lines.first else { continue }
            records.append(try DNASequence(name: String(name), letters: lines.dropFirst().joined()))
        }
        guard !records.isEmpty else { throw InputError("the file has no records that begin with >") }
        return records
    }

    private init(name: String, letters: String) throws(InputError) {
        let alphabet: [Character: UInt8] = ["A": 0, "C": 1, "G": 2, "T": 3]
        var bases: [UInt8] = []
        for letter in letters {
            guard let base = alphabet[letter] else { throw InputError("sequence \"\(name)\" has a \"\(letter)\"") }
            bases.append(base)
        }
        self.name = name
        self.bases = bases
    }

    var count: Int { bases.count }

    /// How many bases are G or C.
    var strongCount: Int { bases.count { $0 == 1 || $0 == 2 } }

    /// How often each trimer occurs.
    var trimerCounts: [Double] {
        var counts = [Double](repeating: 0, count: Self.trimers)
        var word = 0
        for (position, base) in bases.enumerated() {
            word = (word << 2 | Int(base)) % Self.trimers
            if position >= 2 { counts[word] += 1 }
        }
        return counts
    }
}

/// What is found out about the sequences of a file.
struct AnalysisResult: Codable, Equatable, Sendable {
    var sequences: Int
    var bases: Int
    /// The share of G and C.
    var gcPercent: Double
    /// How many sequences are most like which reference.
    var taxa: [String: Int]?

    enum CodingKeys: String, CodingKey {
        case sequences, bases, taxa
        case gcPercent = "gc_percent"
    }

    /// Counts bases.
    static func composition(of sequences: [DNASequence]) -> AnalysisResult {
        let bases = sequences.reduce(0) { $0 + $1.count }
        let strong = sequences.reduce(0) { $0 + $1.strongCount }
        return AnalysisResult(
            sequences: sequences.count, bases: bases, gcPercent: bases == 0 ? 0 : 100 * Double(strong) / Double(bases))
    }

    /// Finds for each sequence the reference with the most similar trimers.
    static func taxa(of sequences: [DNASequence], among references: [DNASequence]) throws -> AnalysisResult {
        var result = composition(of: sequences)
        let profiles = references.map { ($0.name, $0.trimerCounts) }
        var taxa: [String: Int] = [:]
        for sequence in sequences {
            let counts = sequence.trimerCounts
            let nearest = profiles.max { similarity($0.1, counts) < similarity($1.1, counts) }
            guard let nearest else { throw InputError("there are no references") }
            taxa[nearest.0, default: 0] += 1
        }
        result.taxa = taxa
        return result
    }

    /// The cosine of the angle between two profiles; 0 if one has no trimers.
    private static func similarity(_ first: [Double], _ second: [Double]) -> Double {
        func product(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
        let lengths = (product(first, first) * product(second, second)).squareRoot()
        return lengths > 0 ? product(first, second) / lengths : 0
    }
}
