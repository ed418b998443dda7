// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A thread of the operating system, apart from Dispatch and from Swift's cooperative pool.
///
/// Every signal is blocked on it, so the host's handlers never run there.
package final class PlainThread: Sendable {
    private let handle: Platform.ThreadHandle
    private let joined = Lock(false)

    /// Starts a thread.
    ///
    /// - Parameters:
    ///   - name: shown by debuggers and `/proc`; the kernel keeps 15 bytes.
    ///   - stackBytes: the stack's size; pages are only used once touched.
    /// - Throws: `SystemError` when the system has no thread to give.
    package init(
        name: String, stackBytes: Int = 512 * 1_024, _ body: @escaping @Sendable () -> Void
    ) throws(SystemError) {
        handle = try Platform.startThread(stackBytes: stackBytes) {
            Platform.nameCurrentThread(name)
            body()
        }.get()
    }

    /// Waits for the thread to end. A second call returns at once. Never call it on the thread itself.
    package func join() {
        joined.withLock { done in
            guard !done else { return }
            done = true
            pthread_join(handle, nil)
        }
    }

    /// Gives the thread's resources back by itself when it ends; for threads that nobody waits for.
    package func detach() {
        joined.withLock { done in
            guard !done else { return }
            done = true
            pthread_detach(handle)
        }
    }
}
