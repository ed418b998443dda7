// SPDX-License-Identifier: Apache-2.0

import Instrument

/// Waits for what other threads, processes or real deadlines bring about: where tests look again and again.
///
/// - Returns: what `look` gave in the end; nil if it gave nothing for two minutes.
package func eventually<Value>(_ look: () async throws -> Value?) async throws -> Value? {
    let end = Patience.end()
    while TimeSource.systemMonotonicNanoseconds() < end {
        if let value = try await look() { return value }
        try await Task.sleep(for: Patience.pause)
    }
    return try await look()
}

/// Waits until `condition` holds, in the same way.
///
/// - Returns: whether it did in the end.
package func eventually(_ condition: () async throws -> Bool) async throws -> Bool {
    try await eventually { try await condition() ? () : nil } != nil
}

/// The same for programs that run as children and threads that may block.
package func waitUntil(_ condition: () throws -> Bool) rethrows -> Bool {
    let end = Patience.end()
    while TimeSource.systemMonotonicNanoseconds() < end {
        if try condition() { return true }
        Platform.sleep(nanoseconds: UInt64(Patience.pause / .nanoseconds(1)))
    }
    return try condition()
}

private enum Patience {
    static let pause = Duration.milliseconds(2)

    /// There for a test that would never end: on a busy machine tasks may start many seconds late.
    static func end() -> UInt64 { TimeSource.systemMonotonicNanoseconds() + 120_000_000_000 }
}
