// SPDX-License-Identifier: Apache-2.0

import Instrument

/// A door that threads wait at until the test opens it.
final class Gate: Sendable {
    private let isOpen = Monitor(false)

    func open() {
        isOpen.withLock { $0 = true }
        isOpen.wakeAll()
    }

    func wait() { _ = isOpen.wait { $0 ? () : nil } }
}

/// A list that threads append to and the test waits on.
final class Journal<Entry: Sendable>: Sendable {
    private let list = Monitor([Entry]())

    var entries: [Entry] { list.withLock { $0 } }

    func append(_ entry: Entry) {
        list.withLock { $0.append(entry) }
        list.wakeAll()
    }
}

/// Waits until `condition` holds, for at most two minutes; looks again every few milliseconds without holding a thread.
///
/// The bound is there for a test that would never end: on a busy machine tasks may start many seconds late.
func eventually(_ condition: () -> Bool) async throws -> Bool {
    let end = TimeSource.systemMonotonicNanoseconds() + 120_000_000_000
    while TimeSource.systemMonotonicNanoseconds() < end {
        if condition() { return true }
        try await Task.sleep(for: .milliseconds(2))
    }
    return condition()
}

/// Runs long work on a thread of its own: a test that computes for seconds must not hold the cooperative pool.
func onThread<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        do {
            try PlainThread(name: "test-work") { continuation.resume(returning: body()) }.detach()
        } catch {
            continuation.resume(throwing: error)
        }
    }
}
