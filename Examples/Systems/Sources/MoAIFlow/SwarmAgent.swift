// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import HealthProbes
import Instrument
import StructuredLog

/// An agent: on a thread of its own it takes messages from the inbox, counts their words and stores what it found.
///
/// A message is a text file; each agent takes those whose names fall to it. A file that never ends, such as a pipe that
/// nobody writes to, stalls the agent that reads it, which the check `agents` tells.
final class SwarmAgent: Sendable {
    /// Larger messages are refused, in bytes.
    static let messageBytesMax = 1 << 20
    /// A turn takes no more messages than these, so that the agent beats in time.
    static let messagesPerTurn = 100

    let name: String
    let heartbeat: Heartbeat

    private let number: Int
    private let settings: Settings
    private let database: SwarmDatabase
    private let metrics: FlowMetrics
    private let log: StructuredLogger
    private let stopping = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)

    init(
        number: Int, settings: Settings, database: SwarmDatabase, metrics: FlowMetrics, health: HealthRegistry,
        log: StructuredLogger
    ) throws {
        name = "agent-\(number)"
        self.number = number
        self.settings = settings
        self.database = database
        self.metrics = metrics
        self.log = log.child { [name] in $0["agent_id"] = name }
        heartbeat = try health.heartbeat(name, every: settings.agentInterval, tolerance: settings.agentInterval * 0.9)
    }

    /// Starts working.
    func start() { Thread.detachNewThread { self.run() } }

    /// Ends after the present message.
    func stop() { stopping.signal() }

    /// Waits until the agent has ended.
    func waitUntilEnded() { ended.wait() }

    private func run() {
        let pause = settings.agentInterval / .milliseconds(1)
        record("agent_spawned", "{}")
        repeat { turn() } while stopping.wait(timeout: .now() + pause / 1_000) == .timedOut
        record("agent_stopped", "{}")
        ended.signal()
    }

    private func turn() {
        do {
            for message in try waitingMessages().prefix(Self.messagesPerTurn) { process(message) }
            try database.noteSeen(agent: name)
            if number == 1 {
                let pruned = try database.prune()
                if pruned > 0 { log.info("old events pruned") { $0["events"] = pruned } }
            }
        } catch {
            log.error("turn failed", error: error)
        }
        // An agent whose turn failed is alive: what failed has a check of its own, and no restart cures it.
        heartbeat.beat()
    }

    /// The messages that fall to this agent, in order of their names.
    private func waitingMessages() throws -> [URL] {
        try FileManager.default.contentsOfDirectory(at: settings.inbox, includingPropertiesForKeys: nil)
            .filter { url in
                let name = url.lastPathComponent
                // Writers rename a message into place when it is complete.
                guard !name.hasPrefix(".") else { return false }
                return name.utf8.reduce(0) { $0 + Int($1) } % settings.agentCount == number - 1
            }
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
    }

    private func process(_ message: URL) {
        let watch = Stopwatch()
        metrics.operations.increment()
        do {
            let file = try FileHandle(forReadingFrom: message)
            let data = try file.read(upToCount: Self.messageBytesMax + 1) ?? Data()
            try file.close()
            guard data.count <= Self.messageBytesMax, let text = String(validating: data, as: UTF8.self) else {
                throw MessageError(description: "message is no text of at most \(Self.messageBytesMax) bytes")
            }
            let words = text.split { !$0.isLetter && !$0.isNumber }
            let report = Report(
                message: message.lastPathComponent, words: words.count, lines: text.split(separator: "\n").count,
                distinct: Set(words.map { $0.lowercased() }).count)
            try database.insert(
                "task_completed", agent: name, payload: String(decoding: JSONEncoder().encode(report), as: UTF8.self))
            try FileManager.default.removeItem(at: message)
            log.debug("message processed") { fields in
                fields["file"] = message.lastPathComponent
                fields["words"] = words.count
                fields["seconds"] = Double(watch.elapsedNanoseconds) / 1e9
            }
        } catch {
            metrics.errors.increment()
            log.error("message failed", error: error) { $0["file"] = message.lastPathComponent }
            if error is MessageError { setAside(message) }
        }
    }

    /// Moves a message that no second try would help out of the way.
    private func setAside(_ message: URL) {
        do {
            let place = settings.failed.appendingPathComponent("\(UUID().uuidString)-\(message.lastPathComponent)")
            try FileManager.default.moveItem(at: message, to: place)
            try database.insert("task_failed", agent: name, payload: "{}")
        } catch {
            log.error("message cannot be set aside", error: error) { $0["file"] = message.lastPathComponent }
        }
    }

    private func record(_ eventType: String, _ payload: String) {
        do {
            try database.insert(eventType, agent: name, payload: payload)
        } catch {
            log.error("failed to insert event", error: error) { $0["event_type"] = eventType }
        }
    }

    private struct Report: Encodable {
        var message: String
        var words: Int
        var lines: Int
        var distinct: Int
    }
}

/// A message that cannot be processed however often it is tried.
struct MessageError: Error, CustomStringConvertible {
    let description: String
}
