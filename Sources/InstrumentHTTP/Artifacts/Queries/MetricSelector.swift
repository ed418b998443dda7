// SPDX-License-Identifier: Apache-2.0

/// Names series as Prometheus does: a metric, and what its labels must be.
///
/// ```swift
/// let all: MetricSelector = "http_requests_total"
/// let failed: MetricSelector = #"http_requests_total{status=~"5.."}"#
/// let target = MetricSelector("up", ["job": jobName])
/// ```
///
/// A text that is no selector is told when the artifacts are checked, not here.
public struct MetricSelector: Sendable, Equatable, ExpressibleByStringLiteral {
    let name: String
    let matchers: [LabelMatcher]
    /// What is wrong with the text; nil when it could be read.
    let problem: String?

    /// Names the series of a metric whose labels have these values.
    ///
    /// - Parameters:
    ///   - name: the name of a sample, such as `x_seconds_count`.
    ///   - labels: labels and their values.
    public init(_ name: String, _ labels: KeyValuePairs<String, String> = [:]) {
        self.init(name: name, matchers: labels.map { LabelMatcher($0.key, .equal, $0.value) })
    }

    /// Reads a selector: a name, or a name with matchers in braces.
    public init(stringLiteral text: String) { self.init(parsing: text) }

    /// Reads a selector: a name, or a name with matchers in braces.
    public init(parsing text: String) {
        var parser = SelectorParser(text)
        do {
            let (name, matchers) = try parser.selector()
            self.init(name: name, matchers: matchers)
        } catch {
            self.init(name: text, matchers: [], problem: "selector \"\(text)\": \(error.reason)")
        }
    }

    /// Whether the text could be read.
    var isReadable: Bool { problem == nil }

    init(name: String, matchers: [LabelMatcher], problem: String? = nil) {
        self.name = name
        self.matchers = matchers
        self.problem = problem
    }

    /// The selector as PromQL, with further matchers behind its own.
    func text(adding scope: [LabelMatcher] = []) -> String {
        let own = Set(matchers.map(\.label))
        let all = matchers + scope.filter { !own.contains($0.label) }
        return all.isEmpty ? name : "\(name){\(all.map(\.text).joined(separator: ","))}"
    }

    /// The same with another name.
    func renamed(_ name: String) -> MetricSelector {
        MetricSelector(name: name, matchers: matchers, problem: problem)
    }

    /// The same with one more matcher.
    func adding(_ matcher: LabelMatcher) -> MetricSelector {
        MetricSelector(name: name, matchers: matchers + [matcher], problem: problem)
    }
}

/// Reads a selector's text.
private struct SelectorParser {
    struct Failure: Error {
        let reason: String
    }

    private var rest: Substring

    init(_ text: String) { rest = text[...] }

    mutating func selector() throws(Failure) -> (String, [LabelMatcher]) {
        skipSpaces()
        let name = word(colon: true)
        guard !name.isEmpty else {
            throw Failure(reason: "has no metric's name at \(place); use name{label=\"value\"}")
        }
        skipSpaces()
        var matchers: [LabelMatcher] = []
        if take("{") {
            skipSpaces()
            while !take("}") {
                matchers.append(try matcher())
                skipSpaces()
                if take(",") {
                    skipSpaces()
                } else if rest.first != "}" {
                    throw Failure(reason: "expected , or } at \(place)")
                }
            }
            skipSpaces()
        }
        guard rest.isEmpty else { throw Failure(reason: "has more text at \(place); use name{label=\"value\"}") }
        return (name, matchers)
    }

    private mutating func matcher() throws(Failure) -> LabelMatcher {
        let label = word(colon: false)
        guard !label.isEmpty else { throw Failure(reason: "has no label's name at \(place)") }
        skipSpaces()
        // The longer ones first: = is the beginning of =~.
        let comparisons: [LabelMatcher.Comparison] = [.matching, .notMatching, .different, .equal]
        guard let comparison = comparisons.first(where: { rest.hasPrefix($0.rawValue) }) else {
            throw Failure(reason: "expected =, !=, =~ or !~ at \(place)")
        }
        rest = rest.dropFirst(comparison.rawValue.count)
        skipSpaces()
        return LabelMatcher(label, comparison, try string())
    }

    private mutating func string() throws(Failure) -> String {
        guard let quote = rest.first, quote == "\"" || quote == "'" else {
            throw Failure(reason: "expected a string in quotes at \(place)")
        }
        rest = rest.dropFirst()
        var value = ""
        while let character = rest.popFirst() {
            if character == quote { return value }
            guard character == "\\" else {
                value.append(character)
                continue
            }
            switch rest.popFirst() {
            case "n": value.append("\n")
            case "r": value.append("\r")
            case "t": value.append("\t")
            case let escaped? where "\\\"'".contains(escaped): value.append(escaped)
            default: throw Failure(reason: "has an escape other than \\n \\r \\t \\\\ \\\" \\' in a string")
            }
        }
        throw Failure(reason: "has a string without its closing quote")
    }

    private mutating func word(colon: Bool) -> String {
        var word = ""
        while let character = rest.first, character.isASCII,
            character == "_" || character.isLetter || (character.isNumber && !word.isEmpty)
                || (colon && character == ":")
        {
            word.append(character)
            rest = rest.dropFirst()
        }
        return word
    }

    private mutating func take(_ character: Character) -> Bool {
        guard rest.first == character else { return false }
        rest = rest.dropFirst()
        return true
    }

    private mutating func skipSpaces() { rest = rest.drop(while: \.isWhitespace) }

    private var place: String { rest.isEmpty ? "its end" : "\"\(rest.prefix(16))\"" }
}
