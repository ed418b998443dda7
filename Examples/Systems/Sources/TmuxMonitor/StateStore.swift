// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The component that keeps what the last cycle found, so that other programs and the next run may read it.
struct StateStore {
    /// What the file holds.
    struct State: Codable, Equatable, Sendable {
        var version = 1
        var agents: [Agent]
    }

    let file: URL
    /// An unchanged state is saved again after this long.
    let interval: Duration

    private var saved: (state: State, at: ContinuousClock.Instant)?

    init(file: URL, interval: Duration) {
        self.file = file
        self.interval = interval
    }

    /// Makes the folder; a file that cannot be read is set aside under the name `.old`.
    mutating func initialize() throws {
        saved = nil
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        guard FileManager.default.fileExists(atPath: file.path) else { return }
        do {
            try Self.validate(Data(contentsOf: file))
        } catch {
            let old = file.appendingPathExtension("\(Int(Date().timeIntervalSince1970)).old")
            if FileManager.default.fileExists(atPath: old.path) { try FileManager.default.removeItem(at: old) }
            try FileManager.default.moveItem(at: file, to: old)
        }
    }

    /// Saves the agents if something changed, or the file has become old.
    mutating func save(_ agents: [Agent]) throws {
        let state = State(agents: agents)
        let now = ContinuousClock.now
        if let saved, saved.state == state, now - saved.at < interval { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        try encoder.encode(state).write(to: file, options: .atomic)
        saved = (state, now)
    }

    /// Passes for a file's content that reads back.
    static func validate(_ data: Data) throws {
        let state = try JSONDecoder().decode(State.self, from: data)
        guard state.version == 1 else { throw MonitorError("the state is of version \(state.version), expected 1") }
    }
}
