// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Reads settings out of environment variables; says which one is wrong, what it holds and what would do.
struct EnvironmentReader {
    private let values: [String: String]

    init(_ values: [String: String]) { self.values = values }

    /// The value of `name`, or nil when it is missing or empty.
    subscript(name: String) -> String? {
        guard let value = values[name], !value.isEmpty else { return nil }
        return value
    }

    /// A whole number.
    func integer(_ name: String, in range: ClosedRange<Int>) throws(ServerError) -> Int? {
        guard let value = self[name] else { return nil }
        guard let number = Int(value), range.contains(number) else {
            throw wrong(name, value, "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// One of an enumeration's raw values.
    func choice<Choice: RawRepresentable<String> & CaseIterable>(_ name: String) throws(ServerError) -> Choice? {
        guard let value = self[name] else { return nil }
        guard let choice = Choice(rawValue: value.lowercased()) else {
            throw wrong(name, value, "one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return choice
    }

    /// What stands between commas, without blanks around it.
    func list(_ name: String) -> [String] {
        (self[name] ?? "").split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    }

    /// A switch: `true`, `1`, `yes`, `on` or their opposites, in any case.
    func switchedOn(_ name: String) throws(ServerError) -> Bool? {
        guard let value = self[name] else { return nil }
        switch value.lowercased() {
        case "1", "true", "yes", "on": return true
        case "0", "false", "no", "off": return false
        default: throw wrong(name, value, "true or false")
        }
    }

    func wrong(_ name: String, _ value: String, _ expected: String) -> ServerError {
        ServerError(.invalidConfiguration, "environment variable \(name): got \"\(value)\", expected \(expected)")
    }
}
