// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Instrument

@Suite struct LockTests {
    @Test func everyIncrementUnderTheLockIsKept() throws {
        let total = Lock(0)
        let shared = Shared(total)
        let threads = try (0..<4).map { index in
            try PlainThread(name: "lock-test-\(index)") {
                for _ in 0..<50_000 { shared.lock.withLock { $0 += 1 } }
            }
        }
        threads.forEach { $0.join() }
        #expect(shared.lock.withLock { $0 } == 200_000)
    }

    @Test func aWaiterSeesWhatAnotherThreadSignalled() throws {
        let monitor = SharedMonitor()
        let thread = try PlainThread(name: "monitor-test") {
            monitor.value.withLock { $0 = 7 }
            monitor.value.wakeAll()
        }
        let seen = monitor.value.wait { $0 == 0 ? nil : $0 }
        thread.join()
        #expect(seen == 7)
    }

    @Test func aWaitEndsAtItsDeadline() {
        let monitor = SharedMonitor()
        let start = TimeSource.systemMonotonicNanoseconds()
        let seen: Int? = monitor.value.wait(until: start + 5_000_000) { _ in nil }
        #expect(seen == nil)
        #expect(TimeSource.systemMonotonicNanoseconds() >= start + 5_000_000)
    }
}

private final class Shared: Sendable {
    let lock: Lock<Int>

    init(_ lock: consuming Lock<Int>) { self.lock = lock }
}

private final class SharedMonitor: Sendable {
    let value = Monitor(0)
}
