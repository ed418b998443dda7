// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import HealthProbes

@Suite struct AggregationTests {
    static func report(
        _ name: String, _ kinds: CheckKinds, _ status: CheckStatus, critical: Bool = true, marks: CheckMarks = []
    ) throws -> CheckReport {
        let definition = try CheckDefinition(
            name: name, kinds: kinds, isCritical: critical, interval: .seconds(10), timeout: .seconds(1),
            options: CheckOptions(), check: HealthCheck(.blocking { _ in .pass }))
        var report = CheckReport(definition, unix: 0)
        report.status = status
        report.marks = marks
        return report
    }

    static func aggregation(
        _ reports: [CheckReport], phase: LifecyclePhase = .ready, isStarted: Bool = true
    ) -> Aggregation {
        Aggregation(reports: reports, phase: phase, isStarted: isStarted)
    }

    @Test(
        arguments: [
            (CheckStatus.pass, true, CheckMarks(), CheckStatus.pass, CheckStatus.pass),
            (.warn, true, [], .warn, .warn),
            (.fail, true, [], .fail, .fail),
            (.unknown, true, [], .pass, .fail),
            (.pass, true, .stale, .pass, .fail),
            (.pass, false, [], .pass, .pass),
            (.warn, false, [], .warn, .warn),
            (.fail, false, [], .warn, .warn),
            (.unknown, false, [], .pass, .pass),
            (.pass, false, .stale, .pass, .pass),
        ] as [(CheckStatus, Bool, CheckMarks, CheckStatus, CheckStatus)])
    func livenessForgivesWhatReadinessDoesNot(
        status: CheckStatus, critical: Bool, marks: CheckMarks, liveness: CheckStatus, readiness: CheckStatus
    ) throws {
        let report = try Self.report("x", [.liveness, .readiness], status, critical: critical, marks: marks)
        let aggregation = Self.aggregation([report])
        #expect(aggregation.liveness.status == liveness)
        #expect(aggregation.readiness.status == readiness)
        #expect(aggregation.overall.status == readiness)
    }

    @Test func emptySetPasses() {
        let empty = Self.aggregation([])
        #expect(empty.liveness == Verdict(.pass))
        #expect(empty.readiness == Verdict(.pass))
        #expect(empty.startup == Verdict(.pass))
        #expect(empty.overall == Verdict(.pass))
    }

    @Test(arguments: [LifecyclePhase.starting, .maintenance, .draining, .stopped])
    func readinessFailsWhereLivenessDoesNot(phase: LifecyclePhase) {
        let aggregation = Self.aggregation([], phase: phase)
        #expect(aggregation.readiness == Verdict(.fail, reason: phase.rawValue))
        #expect(aggregation.liveness == Verdict(.pass))
        #expect(aggregation.overall.status == .fail)
    }

    @Test func checksCountForTheirKindsAlone() throws {
        let aggregation = Self.aggregation([
            try Self.report("disk", .info, .fail, critical: false),
            try Self.report("db", .readiness, .fail),
            try Self.report("cache", .readiness, .warn),
            try Self.report("loop", .liveness, .pass),
        ])
        #expect(aggregation.liveness == Verdict(.pass))
        #expect(aggregation.readiness == Verdict(.fail, causes: ["db", "cache"]))
        #expect(aggregation.overall == Verdict(.fail, causes: ["db", "disk", "cache"]))
    }

    @Test func startupNamesWhatHasNotPassedYet() throws {
        let pending = try Self.report("index", .startup, .fail)
        let aggregation = Self.aggregation([pending], phase: .starting, isStarted: false)
        #expect(aggregation.startup == Verdict(.fail, reason: "starting", causes: ["index"]))
    }
}
