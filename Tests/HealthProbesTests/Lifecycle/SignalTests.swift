// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument
import Testing

@testable import HealthProbes

/// Signals reach a whole process, so each scene runs in its own.
@Suite struct SignalTests {
    @Test(arguments: [SIGTERM, SIGINT]) func signalDrainsAndExitsCleanly(signal: Int32) async throws {
        let rig = try Rig("drain", "300", "60000")
        #expect(try await rig.line("ready") == "ready")
        rig.send(signal)
        #expect(try await rig.line("readiness=0") != nil)
        #expect(try await rig.exitCode() == 0)
        #expect(try await rig.line("flips") == "flips=0")
    }

    @Test func secondSignalSkipsTheDelay() async throws {
        let rig = try Rig("drain", "600000", "1200000")
        #expect(try await rig.line("ready") == "ready")
        rig.send(SIGTERM)
        #expect(try await rig.line("readiness=0") != nil)
        rig.send(SIGTERM)
        #expect(try await rig.exitCode() == 0)
    }

    @Test func hookThatNeverEndsForcesTheExitWithinTheBudget() async throws {
        let rig = try Rig("drain", "0", "500", "hang")
        #expect(try await rig.line("ready") == "ready")
        let start = TimeSource.systemMonotonicNanoseconds()
        rig.send(SIGTERM)
        #expect(try await rig.exitCode() == 1)
        #expect(TimeSource.systemMonotonicNanoseconds() - start >= 500_000_000)
    }

    @Test func handlerOfTheHostIsCalledToo() async throws {
        let rig = try Rig("drain", "0", "60000", "handler")
        #expect(try await rig.line("ready") == "ready")
        rig.send(SIGTERM)
        #expect(try await rig.exitCode() == 0)
        #expect(try await rig.line("handler") == "handler=1")
    }
}

@Suite struct BlockedPoolTests {
    @Test func schedulerWorksWhileTheCooperativePoolIsBlocked() async throws {
        let rig = try Rig("blocked-pool", "6")
        #expect(try await rig.exitCode() == 0)
        #expect(try await rig.line("liveness") == "liveness=pass")
        #expect(try await rig.line("async") == "async=fail,outstanding=1,timeout")
        #expect(try await rig.line("hung") == "hung=fail,outstanding=1,timeout")
        #expect(try await rig.line("recovered") == "recovered=1")
        let runs = try #require(try await rig.line("sync_runs").flatMap { Int($0.dropFirst("sync_runs=".count)) })
        #expect(runs >= 2)
    }
}
