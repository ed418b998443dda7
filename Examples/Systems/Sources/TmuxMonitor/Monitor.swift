// SPDX-License-Identifier: Apache-2.0

import Foundation
import HealthProbes
import Instrument
import StructuredLog

/// The cycle: find the agents, notice crashes, start what crashed, keep the state, tell people.
final class Monitor: @unchecked Sendable {
    let board = ComponentBoard()
    let history: CycleHistory
    /// Restarts of components.
    let restarts = RestartLog()

    private let settings: Settings
    private let metrics: MonitorMetrics
    private let log: StructuredLogger

    /// The lock guards all below: cycles, restarts and events come from different threads.
    private let lock = NSLock()
    private var agentMonitor: AgentMonitor
    private var crashDetector = CrashDetector()
    private var recoveryManager: RecoveryManager
    private var stateStore: StateStore
    private var notifier: Notifier
    private var agents: [Agent] = []
    private var cycles = 0

    init(_ settings: Settings, metrics: MonitorMetrics, log: StructuredLogger) {
        self.settings = settings
        self.metrics = metrics
        self.log = log
        let sessions = settings.dataFolder.appendingPathComponent("sessions")
        history = CycleHistory(retention: settings.retention)
        agentMonitor = AgentMonitor(folder: sessions, metrics: metrics, log: log)
        recoveryManager = RecoveryManager(folder: sessions, log: log)
        stateStore = StateStore(
            file: settings.dataFolder.appendingPathComponent("state/state.json"), interval: settings.stateSave)
        notifier = Notifier(
            file: settings.dataFolder.appendingPathComponent("notifications.jsonl"), delay: settings.warningDelay)
    }

    /// What the last cycle found.
    var lastAgents: [Agent] { lock.withLock { agents } }

    /// The file that the state is kept in.
    var stateFile: URL { lock.withLock { stateStore.file } }

    /// Makes the folder for sessions and initializes every component once, at the start.
    func start() throws {
        try FileManager.default.createDirectory(
            at: lock.withLock { agentMonitor.folder }, withIntermediateDirectories: true)
        for component in Component.allCases { try initialize(component) }
    }

    /// Initializes a component again: the cure for one that fails.
    ///
    /// - Throws: why it cannot be initialized.
    func restart(_ component: Component) throws {
        try restarts.note()
        log.warning("component restart") { $0["component"] = component.rawValue }
        do {
            try initialize(component)
        } catch {
            log.error("component initialize failed", error: error) { $0["component"] = component.rawValue }
            throw error
        }
    }

    /// Tells the notifier about a check.
    func note(_ event: HealthEvent) { lock.withLock { notifier.record(event) } }

    /// Runs one cycle.
    func cycle() {
        let watch = Stopwatch()
        let (agents, number) = lock.withLock {
            if let found = turn(.agentMonitor, { try agentMonitor.detect() }) {
                follow(found)
            }
            turn(.notifier) { try notifier.send() }
            cycles += 1
            return (self.agents, cycles)
        }
        let seconds = Double(watch.elapsedNanoseconds) / 1e9
        log.info("cycle complete") {
            $0["cycle"] = number
            $0["agents"] = agents.count
            $0["duration_ms"] = seconds * 1_000
        }
        guard settings.collectsMetrics else { return }
        history.add(
            CycleHistory.Sample(
                unixSeconds: Date().timeIntervalSince1970, milliseconds: seconds * 1_000, agents: agents.count))
        metrics.cycleDuration.set(seconds)
        metrics.agentsTotal.set(agents.count)
        metrics.agentsHealthy.set(agents.count { $0.state != .crashed })
        metrics.agentsIdle.set(agents.count { $0.state == .idle })
        metrics.agentsPerSecond.set(seconds > 0 ? Double(agents.count) / seconds : 0)
    }

    /// What depends on the agents having been found.
    private func follow(_ found: [(agent: Agent, session: SessionFile)]) {
        agents = found.map(\.agent)
        let crashed = turn(.crashDetector) { crashDetector.crashes(in: agents) } ?? []
        for name in crashed { log.error("agent crashed") { $0["agent"] = name } }
        // One that ends between two cycles was never seen running: it is down all the same.
        let lost = found.filter { $0.agent.state == .crashed || crashed.contains($0.agent.name) }
        turn(.recoveryManager) { try recoveryManager.recover(lost.filter { !$0.session.command.isEmpty }) }
        turn(.stateStore) { try stateStore.save(agents) }
    }

    /// Lets a component have its turn, and notes how it went.
    @discardableResult
    private func turn<Result>(_ component: Component, _ work: () throws -> Result) -> Result? {
        do {
            let result = try work()
            board.note(component, failure: nil)
            return result
        } catch {
            metrics.errors.increment()
            log.error("component failed", error: error) { $0["component"] = component.rawValue }
            board.note(component, failure: "\(error)")
            return nil
        }
    }

    private func initialize(_ component: Component) throws {
        try lock.withLock {
            switch component {
            case .agentMonitor: try agentMonitor.initialize()
            case .crashDetector: crashDetector.initialize()
            case .recoveryManager: recoveryManager.initialize()
            case .stateStore: try stateStore.initialize()
            case .notifier: notifier.initialize()
            }
        }
        log.info("component initialized") { $0["component"] = component.rawValue }
    }
}
