// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument

@testable import HealthProbes

/// Runs a check that blocks once, as a thread of the pool would.
func run(
    _ check: HealthCheck, now: UInt64 = 0, unix: Int64 = 0, timeout: Duration = .seconds(60)
) -> CheckResult {
    guard case .blocking(let evaluate) = check.body else { return .fail("not a check that blocks") }
    let deadline = TimeSource.systemMonotonicNanoseconds() + UInt64(timeout.saturatedNanoseconds)
    do {
        return try evaluate(CheckContext(now: now, unix: unix, deadline: deadline))
    } catch {
        return .fail(String(describing: error))
    }
}

/// A directory that goes away with its owner.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("health-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path + "/"
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file, and the directories above it.
    func write(_ text: String, to name: String) throws {
        let url = URL(fileURLWithPath: path + name)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }
}
