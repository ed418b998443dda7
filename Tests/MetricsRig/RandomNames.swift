// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument
import TestSupport

/// Random names, labels, values and help texts. Each is refused with an error, or stands in the exposition and in the
/// list of what a parser must read back, one JSON array a line: name, help, label, value of the label, sample.
enum RandomNames {
    private static let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789")
    private static let foreign: [Unicode.Scalar] = [
        " ", "-", ".", "{", "}", "\"", "\\", "\n", "\r", "\t", "\u{0}", "\u{7F}", "\u{85}", "é", "\u{2028}", "\u{FEFF}",
        "𝛼", "=",
        ",", "#", "1", ":",
    ]

    static func write(count: Int, seed: UInt64, into folder: String) throws {
        var generator = SeededGenerator(seed: seed)
        var refused = 0
        var kept = 0
        try Data().write(to: URL(fileURLWithPath: "\(folder)/expected"))
        let expected = try FileHandle(forWritingTo: URL(fileURLWithPath: "\(folder)/expected"))
        // A registry for each file keeps the files at a size that parsers like.
        let perFile = 5_000
        for file in 0..<((count + perFile - 1) / perFile) {
            let metrics = MetricRegistry()
            var lines = ""
            for index in 0..<min(perFile, count - file * perFile) {
                // Three of four are valid by construction.
                let isValid = Int.random(in: 0..<4, using: &generator) > 0
                let name = (isValid ? validName(&generator) : text(&generator)) + (isValid ? "_\(file)_\(index)" : "")
                let label = isValid ? validName(&generator) + "_l" : text(&generator)
                let help = text(&generator)
                let value = text(&generator)
                let sample = Double(bitPattern: generator.next())
                do {
                    let family = try metrics.gauge(name, help: help, labels: label)
                    family.with(value).set(sample.isNaN ? .nan : sample)
                    kept += 1
                    let fields: [String] = [
                        "\(file)", name, help, label, value, String(sample.isNaN ? 0 : sample.bitPattern, radix: 16),
                        sample.isNaN ? "nan" : "number",
                    ]
                    lines += String(decoding: try JSONEncoder().encode(fields), as: UTF8.self) + "\n"
                } catch let error as MetricError {
                    if isValid || error.description.isEmpty { throw error }
                    refused += 1
                }
            }
            expected.write(Data(lines.utf8))
            for format in [ExpositionFormat.prometheusText, .openMetrics] {
                try Data(metrics.expositionBytes(format)).write(to: URL(fileURLWithPath: "\(folder)/\(format).\(file)"))
            }
        }
        print("\(kept) kept, \(refused) refused, seed \(seed)")
    }

    private static func validName(_ generator: inout SeededGenerator) -> String {
        let count = Int.random(in: 1...12, using: &generator)
        let first = letters[Int.random(in: 0..<52, using: &generator)]
        return String(first) + String((1..<count).map { _ in letters.randomElement(using: &generator)! })
    }

    private static func text(_ generator: inout SeededGenerator) -> String {
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...10, using: &generator) {
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: text.append(foreign.randomElement(using: &generator)!)
            case 1:
                let scalar = Unicode.Scalar(UInt32.random(in: 1...0x10_FFFF, using: &generator))
                if let scalar { text.append(scalar) }
            default: text.append(contentsOf: String(letters.randomElement(using: &generator)!).unicodeScalars)
            }
        }
        return String(text)
    }
}
