// SPDX-License-Identifier: Apache-2.0

import Instrument
import TestSupport
import Testing

@Suite struct HistogramTimeTests {
    private struct Failure: Error, Equatable {}
    private struct Token: ~Copyable { let number: Int }

    @Test func timeIsCountedOnReturnAndOnThrow() throws {
        let clock = ManualClock()
        let histogram = try MetricRegistry(time: .manual(clock)).histogram("h", help: "h")
        let result = histogram.time {
            clock.advance(by: .milliseconds(20))
            return 5
        }
        #expect(result == 5)
        #expect(throws: Failure.self) {
            try histogram.time { () throws(Failure) in
                clock.advance(by: .milliseconds(30))
                throw Failure()
            }
        }
        #expect(histogram.count == 2)
        #expect(histogram.sum == 0.05)
    }

    @Test func typedErrorsAndNonCopyableResultsPass() throws {
        let histogram = try MetricRegistry().histogram("h", help: "h")
        let token = histogram.time { Token(number: 3) }
        #expect(token.number == 3)
        do throws(Failure) {
            try histogram.time { () throws(Failure) in throw Failure() }
        } catch {
            #expect(error == Failure())
        }
    }

    @Test @MainActor func asynchronousBodyStaysOnTheCallersActor() async throws {
        let clock = ManualClock()
        let histogram = try MetricRegistry(time: .manual(clock)).histogram("h", help: "h")
        var steps = 0
        await histogram.time {
            MainActor.assertIsolated()
            steps += 1
            await Task.yield()
            MainActor.assertIsolated()
            clock.advance(by: .seconds(2))
        }
        #expect(steps == 1)
        #expect(histogram.sum == 2)
    }

    @Test func cancelledBodyIsCountedOnce() async throws {
        let histogram = try MetricRegistry().histogram("h", help: "h")
        let task = Task { try await histogram.time { try await untilCancelled() } }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(histogram.count == 1)
    }
}
