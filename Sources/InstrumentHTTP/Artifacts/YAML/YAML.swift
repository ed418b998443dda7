// SPDX-License-Identifier: Apache-2.0

/// A YAML document as a tree, written in block style.
///
/// Keys keep their order. Every text reads back as the same text by YAML 1.1 and 1.2 parsers: what could be read as a
/// number, a truth value or structure is quoted ([YAML 1.2.2, 7.3](https://yaml.org/spec/1.2.2/#73-flow-scalar-styles)).
indirect enum YAML: Sendable, Equatable {
    case text(String)
    case number(Int)
    case flag(Bool)
    case list([YAML])
    case map([Entry])

    /// A key and its value.
    struct Entry: Sendable, Equatable {
        let key: String
        let value: YAML

        init(_ key: String, _ value: YAML) {
            self.key = key
            self.value = value
        }
    }

    /// A map of keys to texts.
    static func map(texts: [(String, String)]) -> YAML { .map(texts.map { Entry($0.0, .text($0.1)) }) }

    /// The document, after comment lines.
    func document(comment: String = "") -> String {
        var output = comment.split(separator: "\n").map { "# \($0)\n" }.joined()
        write(into: &output, indent: 0)
        return output
    }

    private func write(into output: inout String, indent: Int) {
        let margin = String(repeating: " ", count: indent)
        switch self {
        case .text, .number, .flag: output += "\(scalar)\n"
        case .list(let items):
            for item in items {
                output += margin + "-"
                item.writeBehindMark(into: &output, indent: indent + 2)
            }
        case .map(let entries):
            for entry in entries {
                output += margin + Self.quoted(entry.key) + ":"
                entry.value.writeBehindKey(into: &output, indent: indent)
            }
        }
    }

    private var isEmpty: Bool {
        switch self {
        case .list(let items): items.isEmpty
        case .map(let entries): entries.isEmpty
        case .text, .number, .flag: false
        }
    }

    /// A scalar's text, or that of an empty collection.
    private var scalar: String {
        switch self {
        case .text(let text): Self.quoted(text)
        case .number(let number): String(number)
        case .flag(let flag): flag ? "true" : "false"
        case .list: "[]"
        case .map: "{}"
        }
    }

    private func writeBehindKey(into output: inout String, indent: Int) {
        switch self {
        case .list where !isEmpty:
            output += "\n"
            write(into: &output, indent: indent + 2)
        case .map where !isEmpty:
            output += "\n"
            write(into: &output, indent: indent + 2)
        default: output += " \(scalar)\n"
        }
    }

    /// The first entry of a map stands on the line of its `-`.
    private func writeBehindMark(into output: inout String, indent: Int) {
        switch self {
        case .map where !isEmpty, .list where !isEmpty:
            var inner = ""
            write(into: &inner, indent: indent)
            output += " " + inner.dropFirst(indent)
        default: output += " \(scalar)\n"
        }
    }

    // MARK: Scalars

    /// Words that some version of YAML reads as something else than text.
    private static let reserved: Set<String> = ["true", "false", "yes", "no", "on", "off", "y", "n", "null", "~"]

    /// The text as a scalar: plain where no parser can mistake it, in single quotes where every character may stand
    /// for itself, else in double quotes with escapes.
    static func quoted(_ text: String) -> String {
        if isPlain(text) { return text }
        if text.unicodeScalars.allSatisfy(isPrintable) {
            // By scalar: a quote with a combining mark is another character than a quote.
            return "'" + text.unicodeScalars.map { $0 == "'" ? "''" : String($0) }.joined() + "'"
        }
        return text.inDoubleQuotes { isPrintable($0) ? nil : "\\U" + hexadecimal($0.value) }
    }

    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last else { return false }
        let isLetter = first | 0x20 >= UInt8(ascii: "a") && first | 0x20 <= UInt8(ascii: "z")
        guard isLetter || first == UInt8(ascii: "_"), last != UInt8(ascii: " ") else { return false }
        let allowed = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./ ()".utf8)
        return text.utf8.allSatisfy(allowed.contains) && !reserved.contains(text.lowercased())
    }

    /// Whether a character may stand in quotes as it is; line breaks of any kind and what YAML calls unprintable may not.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20...0x7E, 0xA0...0x2027, 0x202A...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD, 0x1_0000...0x10_FFFF: true
        default: false
        }
    }

    private static func hexadecimal(_ value: UInt32) -> String {
        let digits = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}
