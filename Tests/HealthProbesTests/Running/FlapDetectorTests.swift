// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import HealthProbes

@Suite struct FlapDetectorTests {
    @Test func steadyResultsNeverFlap() {
        var detector = FlapDetector()
        for _ in 0..<100 { detector.record(isFailure: true) }
        #expect(!detector.isFlapping)
        #expect(detector.changes == 0)
    }

    @Test func sixthChangeFlapsAndAQuietWindowEndsIt() {
        var detector = FlapDetector()
        for number in 0..<6 { detector.record(isFailure: number % 2 == 1) }
        #expect(!detector.isFlapping)
        detector.record(isFailure: false)
        #expect(detector.isFlapping)
        var quiet = 0
        while detector.isFlapping {
            detector.record(isFailure: false)
            quiet += 1
        }
        #expect(quiet == 17)
        #expect(detector.changes == 2)
    }

    @Test func agreesWithTheReferenceOnTenThousandSequences() async throws {
        let seed: UInt64 = 0x5EED_0003
        let mismatches = try await onThread {
            var generator = SeededGenerator(seed: seed)
            var mismatches = 0
            for _ in 0..<10_000 {
                var detector = FlapDetector()
                var history: [Bool] = []
                var isFlapping = false
                let share = Int.random(in: 1...9, using: &generator)
                for _ in 0..<Int.random(in: 1...60, using: &generator) {
                    let isFailure = Int.random(in: 0..<10, using: &generator) < share
                    history.append(isFailure)
                    detector.record(isFailure: isFailure)
                    let window = Array(history.suffix(20))
                    let changes = zip(window, window.dropFirst()).count { $0 != $1 }
                    if changes >= 6 { isFlapping = true } else if changes <= 2 { isFlapping = false }
                    if detector.isFlapping != isFlapping || detector.changes != changes { mismatches += 1 }
                }
            }
            return mismatches
        }
        #expect(mismatches == 0, "seed \(seed)")
    }
}
