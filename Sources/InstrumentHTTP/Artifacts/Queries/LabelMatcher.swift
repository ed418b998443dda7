// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What a selector asks of one label.
struct LabelMatcher: Sendable, Equatable {
    enum Comparison: String, Sendable, CaseIterable {
        case equal = "="
        case different = "!="
        case matching = "=~"
        case notMatching = "!~"
    }

    let label: String
    let comparison: Comparison
    let value: String

    init(_ label: String, _ comparison: Comparison = .equal, _ value: String) {
        self.label = label
        self.comparison = comparison
        self.value = value
    }

    var text: String { "\(label)\(comparison.rawValue)\(PromQLText.quoted(value))" }

    /// Whether a label of this value is selected; regular expressions match whole values.
    func accepts(_ text: String) -> Bool {
        switch comparison {
        case .equal: text == value
        case .different: text != value
        case .matching: matches(text)
        case .notMatching: !matches(text)
        }
    }

    /// What is wrong with its regular expression; nil when there is none, or nothing is wrong.
    var problem: String? {
        guard comparison == .matching || comparison == .notMatching else { return nil }
        let code = value.replacing(/\\./, with: "")
        guard !["(?=", "(?!", "(?<=", "(?<!"].contains(where: code.contains) else {
            return "\"\(value)\" looks ahead or behind, which Prometheus cannot; use !~ or another expression"
        }
        guard (try? NSRegularExpression(pattern: value)) != nil else {
            return "\"\(value)\" is no regular expression; correct it"
        }
        return nil
    }

    private func matches(_ text: String) -> Bool {
        text.range(of: "^(?:\(value))$", options: .regularExpression) != nil
    }

    /// A value that is selected, and one that is not; nil when none is found.
    func example(accepted: Bool, cases: [String]) -> String? {
        var candidates = cases
        switch comparison {
        case .equal, .different: candidates += [value, value + "x"]
        case .matching, .notMatching:
            // The first of its alternatives without what stands for other characters.
            let first = value.split(separator: "|", omittingEmptySubsequences: false).first.map(String.init) ?? ""
            for text in [value, first, first.replacing("(", with: "").replacing(")", with: "")] {
                candidates.append(text.replacing(".*", with: "").replacing(".+", with: "x"))
                candidates.append(text.replacing(".*", with: "").replacing(".+", with: "x").replacing(".", with: "0"))
                candidates.append(text.replacing("\\", with: ""))
            }
        }
        candidates += ["200", "503", "a", "other", ""]
        return candidates.first { accepts($0) == accepted }
    }
}
