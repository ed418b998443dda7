// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import HealthProbes

@Suite struct WorkerPoolTests {
    @Test func jobThatWaitsForAThreadIsTakenBackAndNeverRuns() async throws {
        let pool = WorkerPool(limit: 1)
        let gate = Gate()
        let journal = Journal<UInt64>()
        for token in UInt64(1)...3 {
            try pool.submit(token: token) {
                journal.append(token)
                if token == 1 { gate.wait() }
            }
        }
        #expect(try await eventually { journal.entries == [1] })
        #expect(pool.abandon(token: 2))
        #expect(!pool.abandon(token: 2))
        gate.open()
        #expect(try await eventually { journal.entries == [1, 3] })
        pool.stop()
    }

    @Test func jobThatRunsIsOnlyLeftBehind() async throws {
        let pool = WorkerPool(limit: 1)
        let gate = Gate()
        let journal = Journal<UInt64>()
        try pool.submit(token: 1) {
            journal.append(1)
            gate.wait()
        }
        #expect(try await eventually { journal.entries == [1] })
        #expect(!pool.abandon(token: 1))
        #expect(pool.threadCount == 0)
        gate.open()
        pool.stop()
    }
}
