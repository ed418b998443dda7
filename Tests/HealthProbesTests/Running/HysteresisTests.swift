// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import HealthProbes

@Suite struct HysteresisTests {
    @Test func firstResultDecidesAtOnce() {
        for result in [CheckStatus.pass, .warn, .fail] {
            var hysteresis = Hysteresis(failureThreshold: 5, successThreshold: 5)
            #expect(hysteresis.record(result) == result)
        }
    }

    @Test func alternatingResultsNeverFailAtThresholdThree() {
        var hysteresis = Hysteresis(failureThreshold: 3)
        hysteresis.record(.pass)
        for result in [CheckStatus.fail, .pass, .fail, .pass, .fail, .fail, .warn, .fail] {
            #expect(hysteresis.record(result) != .fail)
        }
    }

    @Test func thirdFailureInARowFails() {
        var hysteresis = Hysteresis(failureThreshold: 3, successThreshold: 2)
        let results: [CheckStatus] = [.pass, .fail, .fail, .fail, .pass, .fail, .pass, .warn]
        #expect(results.map { hysteresis.record($0) } == [.pass, .pass, .pass, .fail, .fail, .fail, .fail, .warn])
    }

    /// The reference works on the whole history: it looks back from the end each time.
    @Test func agreesWithTheReferenceOnTenThousandSequences() async throws {
        let seed: UInt64 = 0x5EED_0001
        let mismatches = try await onThread {
            var generator = SeededGenerator(seed: seed)
            var mismatches = 0
            for _ in 0..<10_000 {
                let failureThreshold = Int.random(in: 1...5, using: &generator)
                let successThreshold = Int.random(in: 1...5, using: &generator)
                var hysteresis = Hysteresis(failureThreshold: failureThreshold, successThreshold: successThreshold)
                var history: [CheckStatus] = []
                var expected = CheckStatus.unknown
                for _ in 0..<Int.random(in: 1...60, using: &generator) {
                    let results: [CheckStatus] = [.pass, .warn, .fail]
                    let result = results[Int.random(in: 0..<3, using: &generator)]
                    history.append(result)
                    expected = HysteresisReference.status(
                        history, before: expected, failures: failureThreshold, successes: successThreshold)
                    if hysteresis.record(result) != expected { mismatches += 1 }
                }
            }
            return mismatches
        }
        #expect(mismatches == 0, "seed \(seed)")
    }
}

private enum HysteresisReference {
    static func status(
        _ history: [CheckStatus], before: CheckStatus, failures: Int, successes: Int
    ) -> CheckStatus {
        guard history.count > 1 else { return history[0] }
        let failing = history.reversed().prefix { $0 == .fail }.count
        let passing = history.reversed().prefix { $0 != .fail }.count
        if before == .fail { return passing >= successes ? history[history.count - 1] : .fail }
        if failing > 0 { return failing >= failures ? .fail : before }
        return history[history.count - 1]
    }
}
