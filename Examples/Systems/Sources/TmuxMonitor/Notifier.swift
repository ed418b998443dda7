// SPDX-License-Identifier: Apache-2.0

import Foundation
import HealthProbes

/// The component that tells people: critical failures at once, warnings once they have lasted. What is only information
/// stays in the log.
struct Notifier {
    /// How urgent something is.
    enum AlertClass: String, Codable, Sendable {
        case critical
        case warning
    }

    /// One line of the file.
    struct Notification: Codable, Equatable, Sendable {
        var time: Date
        var severity: AlertClass
        var subject: String
        var message: String
    }

    /// Notifications that are kept while the file cannot be written; the oldest ones go first.
    static let unsentMax = 1_000

    let file: URL
    /// How long a warning lasts until it is told.
    let delay: Duration

    private var pending: [String: (since: ContinuousClock.Instant, message: String)] = [:]
    private var unsent: [Notification] = []

    init(file: URL, delay: Duration) {
        self.file = file
        self.delay = delay
    }

    /// Forgets what has not been told yet.
    mutating func initialize() {
        pending = [:]
        unsent = []
    }

    /// Takes note of a check's change.
    mutating func record(_ event: HealthEvent) {
        guard case .check(let name) = event.subject, event.occasion == .transition, !event.isExpected else { return }
        pending[name] = nil
        switch (event.status, event.isCritical) {
        case (.fail, true):
            unsent.append(
                Notification(time: Date(), severity: .critical, subject: name, message: event.message))
        case (.fail, false), (.warn, _):
            pending[name] = (.now, event.message)
        case (.pass, _), (.unknown, _):
            break
        }
    }

    /// Writes what is due; what cannot be written is kept for the next time.
    mutating func send() throws {
        let now = ContinuousClock.now
        for (name, warning) in pending where now - warning.since >= delay {
            unsent.append(
                Notification(time: Date(), severity: .warning, subject: name, message: warning.message))
            pending[name] = nil
        }
        unsent.removeFirst(max(0, unsent.count - Self.unsentMax))
        let handle = try Self.append(to: file)
        defer { try? handle.close() }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        encoder.dateEncodingStrategy = .iso8601
        while let notification = unsent.first {
            try handle.write(contentsOf: encoder.encode(notification) + Data("\n".utf8))
            unsent.removeFirst()
        }
    }

    private static func append(to file: URL) throws -> FileHandle {
        if !FileManager.default.fileExists(atPath: file.path) { try Data().write(to: file) }
        let handle = try FileHandle(forWritingTo: file)
        try handle.seekToEnd()
        return handle
    }
}
