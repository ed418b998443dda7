// SPDX-License-Identifier: Apache-2.0

/// A piece of work as it stands in the queue.
struct SequenceTask: Codable, Equatable, Sendable {
    /// The longest k-mers that may be asked for.
    static let kMaxRange = 1...32

    var id: String
    var name: String
    var bases: String
    /// K-mers of 1 to this many bases are counted.
    var kMax: Int

    /// Makes a task whose id is a digest of its content: the same sequence is the same work.
    init(name: String, bases: String, kMax: Int) {
        // FNV-1a of 64 bits.
        var digest: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bases.utf8 { digest = (digest ^ UInt64(byte)) &* 0x100_0000_01b3 }
        digest = (digest ^ UInt64(kMax)) &* 0x100_0000_01b3
        let hex = String(digest, radix: 16)
        id = String(repeating: "0", count: 16 - hex.count) + hex
        self.name = name
        self.bases = bases
        self.kMax = kMax
    }
}

/// What an agent finds out about a sequence.
struct SequenceReport: Codable, Equatable, Sendable {
    var id: String
    var name: String
    var length: Int
    /// The share of G and C, in percent.
    var gcPercent: Double
    /// How often each codon of the first reading frame occurs.
    var codons: [String: Int]
    /// Linguistic complexity: different k-mers found, of those that could have been, over all k; 1 repeats nothing.
    var complexity: Double

    enum CodingKeys: String, CodingKey {
        case id, name, length
        case gcPercent = "gc_percent"
        case codons, complexity
    }

    /// Analyses a sequence; gives other tasks a turn after each k.
    ///
    /// - Throws: `SequenceError` for anything but A, C, G and T.
    init(analysing task: SequenceTask) async throws {
        guard SequenceTask.kMaxRange.contains(task.kMax) else {
            throw SequenceError("k is \(task.kMax), expected \(SequenceTask.kMaxRange)")
        }
        let codes = try Self.codes(of: task.bases)
        id = task.id
        name = task.name
        length = codes.count
        let strong = codes.count { $0 == 1 || $0 == 2 }
        gcPercent = codes.isEmpty ? 0 : 100 * Double(strong) / Double(codes.count)
        codons = Self.codons(of: codes)
        var (found, possible) = (0.0, 0.0)
        for k in 1...task.kMax where k <= codes.count {
            found += Double(Self.distinct(k, in: codes))
            possible += min(k < 32 ? Double(UInt64(1) << UInt64(2 * k)) : .infinity, Double(codes.count - k + 1))
            await Task.yield()
        }
        complexity = possible > 0 ? found / possible : 0
    }

    /// The bases as two bits each: A 0, C 1, G 2, T 3.
    private static func codes(of bases: String) throws(SequenceError) -> [UInt8] {
        var codes: [UInt8] = []
        codes.reserveCapacity(bases.utf8.count)
        for byte in bases.utf8 {
            switch byte {
            case UInt8(ascii: "A"): codes.append(0)
            case UInt8(ascii: "C"): codes.append(1)
            case UInt8(ascii: "G"): codes.append(2)
            case UInt8(ascii: "T"): codes.append(3)
            default: throw SequenceError("base \(codes.count + 1) is byte \(byte), expected A, C, G or T")
            }
        }
        return codes
    }

    private static func codons(of codes: [UInt8]) -> [String: Int] {
        let letters: [Character] = ["A", "C", "G", "T"]
        var counts: [String: Int] = [:]
        for start in stride(from: 0, to: codes.count - codes.count % 3, by: 3) {
            counts[String(codes[start..<start + 3].map { letters[Int($0)] }), default: 0] += 1
        }
        return counts
    }

    /// How many different k-mers there are: each fits a word, two bits a base.
    private static func distinct(_ k: Int, in codes: [UInt8]) -> Int {
        let mask = k < 32 ? (UInt64(1) << UInt64(2 * k)) - 1 : UInt64.max
        var seen: Set<UInt64> = []
        var word: UInt64 = 0
        for (position, code) in codes.enumerated() {
            word = (word << 2 | UInt64(code)) & mask
            if position >= k - 1 { seen.insert(word) }
        }
        return seen.count
    }
}

/// A sequence that cannot be analysed.
struct SequenceError: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
