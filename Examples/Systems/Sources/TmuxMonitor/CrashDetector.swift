// SPDX-License-Identifier: Apache-2.0

/// The component that notices which agents ended since the cycle before. Pure.
struct CrashDetector {
    private var running: [String: Agent] = [:]

    /// Forgets what earlier cycles saw.
    mutating func initialize() { running = [:] }

    /// The names of agents that ran and do no longer, or whose number now names another process.
    mutating func crashes(in agents: [Agent]) -> [String] {
        let crashed = agents.filter { agent in
            guard let before = running[agent.name] else { return false }
            return agent.state == .crashed || before.pid == agent.pid && before.startTicks != agent.startTicks
        }
        running = Dictionary(
            agents.filter { $0.state != .crashed }.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
        return crashed.map(\.name)
    }
}
