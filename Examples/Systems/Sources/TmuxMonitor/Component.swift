// SPDX-License-Identifier: Apache-2.0

import Foundation
import HealthProbes

/// The parts that a cycle is made of.
enum Component: String, CaseIterable, Sendable {
    case agentMonitor = "agent_monitor"
    case crashDetector = "crash_detector"
    case recoveryManager = "recovery_manager"
    case stateStore = "state_store"
    case notifier

    /// Without these it has nothing to do.
    var dependsOn: [Component] {
        switch self {
        case .agentMonitor, .notifier: []
        case .crashDetector, .stateStore: [.agentMonitor]
        case .recoveryManager: [.crashDetector]
        }
    }

    /// Whether the monitor is of no use without it.
    var isCritical: Bool { self == .agentMonitor || self == .stateStore || self == .crashDetector }
}

/// How each component's last turn went.
final class ComponentBoard: @unchecked Sendable {
    /// The lock guards `failures`, all that changes here.
    private let lock = NSLock()
    private var failures: [Component: String] = [:]

    /// Notes the outcome of a turn; nil for a good one.
    func note(_ component: Component, failure: String?) { lock.withLock { failures[component] = failure } }

    /// Passes while the component's last turn went well.
    func require(_ component: Component) throws {
        if let failure = lock.withLock({ failures[component] }) { throw CheckFailure(failure) }
    }
}
