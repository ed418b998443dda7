// SPDX-License-Identifier: Apache-2.0

import Foundation
import HealthProbes
import StructuredLog

/// The component that starts crashed agents again, each a few times an hour.
struct RecoveryManager {
    /// Starts of one agent within an hour.
    static let startsMax = 3

    let folder: URL
    let log: StructuredLogger

    private var starts: [String: RestartLog] = [:]
    private var children: Set<Int32> = []

    init(folder: URL, log: StructuredLogger) {
        self.folder = folder
        self.log = log
    }

    /// Takes note of what ended. How often agents were started is not forgotten: the limit holds for the hour.
    mutating func initialize() { reap() }

    /// Starts every one of these agents that may be started again.
    ///
    /// - Throws: `MonitorError` that tells of each one that stays down, and why.
    mutating func recover(_ lost: [(agent: Agent, session: SessionFile)]) throws {
        reap()
        // Sessions come and go: what nobody started within the hour need not be remembered.
        starts = starts.filter { $0.value.count(within: .seconds(3_600)) > 0 }
        var failures: [String] = []
        for (agent, session) in lost {
            do {
                try recover(agent.name, session)
            } catch {
                failures.append("agent \"\(agent.name)\": \(error)")
            }
        }
        if !failures.isEmpty { throw MonitorError(failures.joined(separator: "; ")) }
    }

    /// Starts an agent by its session's command and writes the new process's number into the session.
    private mutating func recover(_ name: String, _ session: SessionFile) throws {
        let words = session.command.split(separator: " ").map(String.init)
        guard !words.isEmpty else { throw MonitorError("its session has no command to start it by") }
        let history = starts[name] ?? RestartLog()
        starts[name] = history
        guard history.count(within: .seconds(3_600)) < Self.startsMax else {
            throw MonitorError("it ended after \(Self.startsMax) starts; look at its command")
        }
        try history.note()
        var renewed = session
        renewed.pid = try start(words)
        children.insert(renewed.pid)
        try Data(renewed.text.utf8).write(to: folder.appendingPathComponent("\(name).session"), options: .atomic)
        log.warning("agent restarted") {
            $0["agent"] = name
            $0["pid"] = Int(renewed.pid)
        }
    }

    /// Takes note of the ends of processes that were started here, so that none stays a zombie.
    private mutating func reap() {
        for child in children where waitpid(child, nil, WNOHANG) != 0 { children.remove(child) }
    }

    private func start(_ words: [String]) throws -> Int32 {
        var arguments = words.map { strdup($0) } + [nil]
        var environment = ProcessInfo.processInfo.environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for word in arguments + environment { free(word) } }
        var pid: Int32 = 0
        let code = posix_spawnp(&pid, words[0], nil, nil, &arguments, &environment)
        guard code == 0 else { throw MonitorError("\(words[0]): \(String(cString: strerror(code)))") }
        return pid
    }
}
