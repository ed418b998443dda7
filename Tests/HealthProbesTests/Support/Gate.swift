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

/// Waits until `condition` holds, for at most ten seconds; looks again every two milliseconds without holding a thread.
func eventually(_ condition: () -> Bool) async throws -> Bool {
    for _ in 0..<5_000 {
        if condition() { return true }
        try await Task.sleep(for: .milliseconds(2))
    }
    return condition()
}
