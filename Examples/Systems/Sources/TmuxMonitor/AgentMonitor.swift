// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument
import StructuredLog

/// The component that finds the agents: it reads the session files and looks for their processes.
struct AgentMonitor {
    let folder: URL
    let metrics: MonitorMetrics
    let log: StructuredLogger

    private var ticks: [Int32: UInt64] = [:]

    init(folder: URL, metrics: MonitorMetrics, log: StructuredLogger) {
        self.folder = folder
        self.metrics = metrics
        self.log = log
    }

    /// Forgets what earlier cycles saw.
    ///
    /// - Throws: when the folder is not there; making an empty one would hide that every agent is lost.
    mutating func initialize() throws {
        ticks = [:]
        _ = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    }

    /// All agents, by name, each with its session. A session that cannot be read is counted, logged and passed over.
    ///
    /// - Throws: when the folder itself cannot be listed.
    mutating func detect() throws -> [(agent: Agent, session: SessionFile)] {
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".session") }.sorted()
        var found: [(Agent, SessionFile)] = []
        var seen: [Int32: UInt64] = [:]
        for file in files {
            do {
                let text = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
                let session = try SessionFile(text)
                let agent = agent(named: String(file.dropLast(".session".count)), session, seen: &seen)
                found.append((agent, session))
            } catch {
                metrics.detectionErrors.increment()
                log.info("agent_detection failed", error: error) { $0["session"] = file }
            }
        }
        ticks = seen
        metrics.detectedShare.set(files.isEmpty ? 100 : 100 * Double(found.count) / Double(files.count))
        return found
    }

    private func agent(named name: String, _ session: SessionFile, seen: inout [Int32: UInt64]) -> Agent {
        guard let process = ProcessReading.read(session.pid), !process.isZombie else {
            return Agent(name: name, pid: session.pid, startTicks: 0, state: .crashed, note: session.note)
        }
        seen[session.pid] = process.ticks
        return Agent(
            name: name, pid: session.pid, startTicks: process.startTicks,
            state: ticks[session.pid] == process.ticks ? .idle : .active, note: session.note)
    }
}
