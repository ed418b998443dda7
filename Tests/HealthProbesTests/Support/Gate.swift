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
