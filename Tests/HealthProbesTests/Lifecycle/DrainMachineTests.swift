// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import HealthProbes

@Suite struct DrainMachineTests {
    @Test func waitsForDelayRequestsAndHooksInThatOrder() {
        var machine = DrainMachine(delay: 5, requestsTimeout: 10, budget: 100)
        #expect(machine.begin(hookTimeouts: [20, 20], now: 0) == true)
        #expect(machine.step(now: 4, inFlight: 0) == [])
        #expect(machine.step(now: 5, inFlight: 1) == [])
        #expect(machine.stage == .awaitingRequests)
        #expect(machine.step(now: 6, inFlight: 0) == [.runHook(0)])
        #expect(machine.hookEnded(0, failed: false, now: 7) == [.runHook(1)])
        #expect(machine.hookEnded(1, failed: false, now: 8) == [.finish(0)])
        #expect(machine.step(now: 1_000, inFlight: 5) == [])
    }

    @Test func secondBeginChangesNothing() {
        var machine = DrainMachine(delay: 5, requestsTimeout: 10, budget: 100)
        #expect(machine.begin(hookTimeouts: [], now: 0) == true)
        #expect(machine.begin(hookTimeouts: [1], now: 50) == false)
        #expect(machine.step(now: 5, inFlight: 0) == [.finish(0)])
    }

    @Test func secondSignalSkipsTheDelay() {
        var machine = DrainMachine(delay: 50, requestsTimeout: 10, budget: 100)
        _ = machine.begin(hookTimeouts: [], now: 0)
        machine.skipDelay(now: 3)
        #expect(machine.step(now: 3, inFlight: 0) == [.finish(0)])
    }

    @Test func requestsThatDoNotEndForceTheCode() {
        var machine = DrainMachine(delay: 0, requestsTimeout: 10, budget: 100)
        _ = machine.begin(hookTimeouts: [5], now: 0)
        #expect(machine.step(now: 0, inFlight: 2) == [])
        #expect(machine.step(now: 10, inFlight: 2) == [.runHook(0)])
        #expect(machine.hookEnded(0, failed: false, now: 11) == [.finish(1)])
    }

    @Test func slowHookIsLeftBehindAndTheNextOneRuns() {
        var machine = DrainMachine(delay: 0, requestsTimeout: 10, budget: 100)
        _ = machine.begin(hookTimeouts: [5, 5], now: 0)
        #expect(machine.step(now: 0, inFlight: 0) == [.runHook(0)])
        #expect(machine.step(now: 5, inFlight: 0) == [.abandonHook(0), .runHook(1)])
        #expect(machine.hookEnded(0, failed: false, now: 6) == [])
        #expect(machine.hookEnded(1, failed: false, now: 7) == [.finish(1)])
    }

    @Test func budgetEndsEverything() {
        var machine = DrainMachine(delay: 500, requestsTimeout: 10, budget: 100)
        _ = machine.begin(hookTimeouts: [1_000], now: 0)
        #expect(machine.step(now: 100, inFlight: 0) == [.finish(1)])
        machine = DrainMachine(delay: 0, requestsTimeout: 10, budget: 100)
        _ = machine.begin(hookTimeouts: [1_000], now: 0)
        #expect(machine.step(now: 0, inFlight: 0) == [.runHook(0)])
        #expect(machine.wake == 100)
        #expect(machine.step(now: 100, inFlight: 0) == [.abandonHook(0), .finish(1)])
    }

    /// The reference lays the whole drain out on a line from what is known beforehand, and compares the end.
    @Test func agreesWithTheReferenceOnTenThousandSequences() async throws {
        let seed: UInt64 = 0x5EED_0002
        let mismatches = try await onThread {
            var generator = SeededGenerator(seed: seed)
            var mismatches: [String] = []
            for _ in 0..<10_000 {
                let plan = DrainPlan(using: &generator)
                let (code, end) = plan.play()
                let expected = plan.reference()
                if code != expected.code || end != expected.end {
                    mismatches.append("\(plan): got \(code) at \(end), expected \(expected)")
                }
            }
            return mismatches
        }
        #expect(mismatches == [], "seed \(seed)")
    }
}

private struct DrainPlan {
    var delay: UInt64
    var requestsTimeout: UInt64
    var budget: UInt64
    var requestsEnd: UInt64
    var hooks: [(timeout: UInt64, takes: UInt64, fails: Bool)]

    init(using generator: inout SeededGenerator) {
        delay = .random(in: 0...20, using: &generator)
        requestsTimeout = .random(in: 0...20, using: &generator)
        budget = .random(in: 1...80, using: &generator)
        requestsEnd = .random(in: 0...50, using: &generator)
        hooks = (0..<Int.random(in: 0...4, using: &generator)).map { _ in
            (
                UInt64.random(in: 1...20, using: &generator), UInt64.random(in: 1...25, using: &generator),
                Int.random(in: 0..<5, using: &generator) == 0
            )
        }
    }

    /// Plays the plan through the machine, one tick of time after the other.
    func play() -> (code: Int32, end: UInt64) {
        var machine = DrainMachine(delay: delay, requestsTimeout: requestsTimeout, budget: budget)
        _ = machine.begin(hookTimeouts: hooks.map(\.timeout), now: 0)
        var running: (number: Int, end: UInt64)?
        for now in 0...200 as ClosedRange<UInt64> {
            var actions: [DrainMachine.Action] = []
            if now < budget, let hook = running, hook.end == now {
                running = nil
                actions += machine.hookEnded(hook.number, failed: hooks[hook.number].fails, now: now)
            }
            actions += machine.step(now: now, inFlight: now < requestsEnd ? 1 : 0)
            for action in actions {
                switch action {
                case .runHook(let number): running = (number, now + hooks[number].takes)
                case .abandonHook: running = nil
                case .finish(let code): return (code, now)
                }
            }
        }
        return (-1, 0)
    }

    func reference() -> (code: Int32, end: UInt64) {
        var at = min(delay, budget)
        var forced = false
        let patience = at + requestsTimeout
        if requestsEnd > patience { forced = true }
        at = max(at, min(requestsEnd, patience))
        for hook in hooks {
            // A hook that ends in its last moment has ended.
            if hook.takes > hook.timeout || hook.fails { forced = true }
            at += min(hook.takes, hook.timeout)
            if at >= budget { break }
        }
        return at >= budget ? (1, budget) : (forced ? 1 : 0, at)
    }
}
