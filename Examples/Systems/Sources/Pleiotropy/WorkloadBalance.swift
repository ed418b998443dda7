// SPDX-License-Identifier: Apache-2.0

import Foundation
import HealthProbes

/// Whether agents share the work: none may have done less than half of its fair share since the last look.
struct WorkloadBalance {
    /// Below this many tasks for each agent a look says nothing, and the next one looks back further.
    static let tasksMin = 5.0

    private var last: [String: Double] = [:]
    private(set) var result = CheckResult.pass("too few tasks to compare yet")

    /// Takes the agents' totals in and judges their growth.
    mutating func record(_ totals: [String: Double]) {
        let growth = totals.merging(last) { $0 - $1 }
        let all = growth.values.reduce(0, +)
        guard totals.count > 1, all >= Self.tasksMin * Double(totals.count) else { return }
        last = totals
        let fair = all / Double(totals.count)
        let idlest = growth.min { ($0.value, $0.key) < ($1.value, $1.key) }
        guard let idlest else { return }
        let share = (100 * idlest.value / fair).rounded()
        result =
            share < 50
            ? .warn("\(idlest.key) did \(share) % of its fair share", value: share, unit: "percent")
            : .pass("", value: share, unit: "percent")
    }
}
