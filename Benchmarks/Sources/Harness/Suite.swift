// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Runs cases whose names contain a filter, and prints a line for each and a table of all.
///
/// A line: `name<TAB>ours_ns<TAB>reference<TAB>reference_ns<TAB>ratio`. Figures are the fastest rounds.
public final class Suite {
    private let filter: String
    private var rows: [Row] = []
    private var references: [String: Cost] = [:]
    private var failures: [String] = []

    private struct Row {
        let name: String
        let ours: Cost
        let reference: String
        let referenceCost: Cost?
        let bar: Double?
    }

    /// Makes a suite that runs the cases whose names contain `filter`.
    public init(filter: String) { self.filter = filter }

    /// Whether the filter takes a case.
    public func takes(_ name: String) -> Bool { filter.isEmpty || name.contains(filter) }

    /// Measures a case beside its reference and prints its line.
    ///
    /// - Parameters:
    ///   - name: such as `Counter.increment/4 threads`.
    ///   - bar: the most nanoseconds it may cost, for the table; a bar is a wish, not a failure.
    ///   - reference: what it is compared with, measured right before it; once for each name.
    ///   - measure: measures the case.
    public func add(
        _ name: String, bar: Double? = nil, reference: (name: String, measure: () -> Cost)? = nil,
        measure: () -> Cost
    ) {
        guard takes(name) else { return }
        var cost: Cost?
        if let reference {
            cost = references[reference.name] ?? reference.measure()
            references[reference.name] = cost
        }
        add(name, bar: bar, ours: measure(), reference: reference?.name ?? "-", cost: cost)
    }

    /// Adds a case that was measured already.
    public func add(_ name: String, bar: Double? = nil, ours: Cost, reference: String, cost: Cost?) {
        rows.append(Row(name: name, ours: ours, reference: reference, referenceCost: cost, bar: bar))
        let numbers = [
            name, figure(ours.minimum), reference, cost.map { figure($0.minimum) } ?? "-",
            cost.map { String(format: "%.2f", ours.minimum / $0.minimum) } ?? "-",
        ]
        print(numbers.joined(separator: "\t"))
        fflush(nil)
    }

    /// What a case cost that was measured in this run.
    public func cost(of name: String) -> Cost? { rows.first { $0.name == name }?.ours }

    /// The cases measured so far.
    public var caseNames: [String] { rows.map(\.name) }

    /// Notes that a result of a run was wrong; the command then fails.
    public func expect(_ condition: Bool, _ claim: String) {
        guard !condition else { return }
        failures.append(claim)
        print("WRONG RESULT\t\(claim)")
    }

    /// Prints the table for people.
    ///
    /// - Returns: whether every result was right.
    public func finish() -> Bool {
        let width = (rows.map(\.name.count).max() ?? 0) + 2
        print("")
        print(
            pad("case", width) + pad("min ns", 11) + pad("median", 11) + pad("bar", 9) + pad("reference", 40)
                + pad("min ns", 11) + "ratio")
        for row in rows {
            let ratio = row.referenceCost.map { String(format: "%.2f", row.ours.minimum / $0.minimum) } ?? "-"
            print(
                pad(row.name, width) + pad(figure(row.ours.minimum), 11) + pad(figure(row.ours.median), 11)
                    + pad(row.bar.map { figure($0) } ?? "-", 9) + pad(row.reference, 40)
                    + pad(row.referenceCost.map { figure($0.minimum) } ?? "-", 11) + ratio)
        }
        for failure in failures { print("WRONG RESULT: \(failure)") }
        return failures.isEmpty
    }

    private func figure(_ nanoseconds: Double) -> String {
        String(format: nanoseconds < 1_000 ? "%.1f" : "%.0f", nanoseconds)
    }

    private func pad(_ text: String, _ width: Int) -> String {
        text.count < width ? text + String(repeating: " ", count: width - text.count) : text + " "
    }
}

/// Keeps a value from being optimised away.
@inline(never)
public func blackHole<Value>(_ value: Value) {}
