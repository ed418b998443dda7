// SPDX-License-Identifier: Apache-2.0

import Instrument
import TestSupport
import Testing

@Suite struct OperationTests {
    private struct Failure: Error {}

    private func value(_ sample: String, in metrics: MetricRegistry) -> Double? {
        for line in metrics.exposition().split(separator: "\n") where line.hasPrefix(sample + " ") {
            return Double(line.dropFirst(sample.count + 1))
        }
        return nil
    }

    @Test func outcomesDurationAndActiveRunsAreCounted() throws {
        let clock = ManualClock()
        let metrics = MetricRegistry(time: .manual(clock))
        let analysis = try InstrumentedOperation("analysis", in: metrics, labels: ["type": "taxonomic"])
        let result = analysis.run {
            clock.advance(by: .seconds(2))
            #expect(value("analysis_active{type=\"taxonomic\"}", in: metrics) == 1)
            return 5
        }
        #expect(result == 5)
        #expect(throws: Failure.self) { try analysis.run { throw Failure() } }
        #expect(throws: CancellationError.self) { try analysis.run { throw CancellationError() } }
        analysis.record(.success, took: .seconds(1))
        #expect(value("analysis_runs_total{type=\"taxonomic\",outcome=\"success\"}", in: metrics) == 2)
        #expect(value("analysis_runs_total{type=\"taxonomic\",outcome=\"failure\"}", in: metrics) == 1)
        #expect(value("analysis_runs_total{type=\"taxonomic\",outcome=\"cancelled\"}", in: metrics) == 1)
        #expect(value("analysis_duration_seconds_count{type=\"taxonomic\"}", in: metrics) == 4)
        #expect(value("analysis_duration_seconds_sum{type=\"taxonomic\"}", in: metrics) == 3)
        #expect(value("analysis_active{type=\"taxonomic\"}", in: metrics) == 0)
        _ = try InstrumentedOperation("analysis", in: metrics, labels: ["type": "functional"])
        #expect(throws: MetricError.self) { try InstrumentedOperation("analysis", in: metrics) }
    }

    @Test func operationWithoutLabelsWritesEachSampleOnce() throws {
        let metrics = MetricRegistry()
        let job = try InstrumentedOperation("job", in: metrics, buckets: [1])
        job.record(.failure, took: .seconds(2))
        let lines = metrics.exposition().split(separator: "\n").filter { $0.hasPrefix("job_") }
        #expect(
            lines == [
                "job_active 0",
                #"job_duration_seconds_bucket{le="1"} 0"#, #"job_duration_seconds_bucket{le="+Inf"} 1"#,
                "job_duration_seconds_sum 2", "job_duration_seconds_count 1",
                #"job_runs_total{outcome="success"} 0"#, #"job_runs_total{outcome="failure"} 1"#,
                #"job_runs_total{outcome="cancelled"} 0"#,
            ])
    }

    @Test func namesAndTheOutcomesLabelCanBeChosen() throws {
        let clock = ManualClock()
        let metrics = MetricRegistry(time: .manual(clock))
        let download = try InstrumentedOperation(
            "download", in: metrics, labels: ["source": "upload"], buckets: [1],
            names: OperationNames(
                runs: "jobs_total", duration: "time_seconds", active: "active_jobs", outcome: "status"))
        download.run { clock.advance(by: .seconds(2)) }
        let lines = metrics.exposition().split(separator: "\n").filter { $0.hasPrefix("download_") }
        #expect(
            lines == [
                #"download_active_jobs{source="upload"} 0"#,
                #"download_jobs_total{source="upload",status="success"} 1"#,
                #"download_jobs_total{source="upload",status="failure"} 0"#,
                #"download_jobs_total{source="upload",status="cancelled"} 0"#,
                #"download_time_seconds_bucket{source="upload",le="1"} 0"#,
                #"download_time_seconds_bucket{source="upload",le="+Inf"} 1"#,
                #"download_time_seconds_sum{source="upload"} 2"#,
                #"download_time_seconds_count{source="upload"} 1"#,
            ])
        #expect(throws: MetricError.self) {
            try InstrumentedOperation("upload", in: metrics, names: OperationNames(runs: "jobs"))
        }
        #expect(throws: MetricError.self) {
            try InstrumentedOperation("upload", in: metrics, names: OperationNames(outcome: "le"))
        }
    }

    @Test func cancelledTaskIsToldApartFromAFailure() async throws {
        let metrics = MetricRegistry()
        let job = try InstrumentedOperation("job", in: metrics)
        let task = Task { try await job.run { try await untilCancelled() } }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        let other = Task {
            try await job.run { () async throws(Failure) in
                while !Task.isCancelled { await Task.yield() }
                throw Failure()
            }
        }
        other.cancel()
        await #expect(throws: Failure.self) { try await other.value }
        #expect(throws: Failure.self) { try job.run { throw Failure() } }
        #expect(value("job_runs_total{outcome=\"cancelled\"}", in: metrics) == 2)
        #expect(value("job_runs_total{outcome=\"failure\"}", in: metrics) == 1)
        #expect(value("job_active", in: metrics) == 0)
    }

    @Test func runThatGoesAwayWithoutAnEndIsCancelled() throws {
        let metrics = MetricRegistry()
        let job = try InstrumentedOperation("job", in: metrics)
        do { _ = job.begin() }
        job.begin().end(.success)
        #expect(value("job_runs_total{outcome=\"cancelled\"}", in: metrics) == 1)
        #expect(value("job_runs_total{outcome=\"success\"}", in: metrics) == 1)
        #expect(value("job_active", in: metrics) == 0)
    }

    @Test func asynchronousRunStaysOnTheCallersActor() async throws {
        let job = try InstrumentedOperation("job", in: MetricRegistry())
        await Self.onMain(job)
    }

    @MainActor private static func onMain(_ job: InstrumentedOperation) async {
        var steps = 0
        await job.run {
            MainActor.assertIsolated()
            steps += 1
            await Task.yield()
        }
        #expect(steps == 1)
    }

    @Test func stopwatchFollowsItsClock() throws {
        let clock = ManualClock()
        let watch = Stopwatch(time: .manual(clock))
        clock.advance(by: .milliseconds(1_500))
        let histogram = try MetricRegistry().histogram("h", help: "h")
        #expect(watch.elapsed == .milliseconds(1_500))
        #expect(watch.observe(in: histogram) == .milliseconds(1_500))
        #expect(histogram.sum == 1.5)
    }
}

@Suite struct TrackedFunctionTests {
    private struct Failure: Error {}

    /// The counted runs by outcome, and those under way.
    private func counts(_ metrics: MetricRegistry) -> [String] {
        metrics.exposition().split(separator: "\n").filter { $0.hasPrefix("job_runs") || $0.hasPrefix("job_active") }
            .map { String($0.drop { $0 != "{" && $0 != " " }) }
    }

    @Test func trackedFunctionsKeepTheirSignatureAndCountTheirCalls() async throws {
        let clock = ManualClock()
        let metrics = MetricRegistry(time: .manual(clock))
        let job = try InstrumentedOperation("job", in: metrics, buckets: [10])
        let none = job.tracked { @Sendable () -> Int in
            clock.advance(by: .seconds(1))
            return 1
        }
        let two = job.tracked { @Sendable (a: Int, b: String) -> String in "\(a)\(b)" }
        let throwing = job.tracked { @Sendable (a: Int) throws -> Int in
            if a < 0 { throw Failure() }
            if a == 0 { throw CancellationError() }
            return a
        }
        let asynchronous = job.tracked { @Sendable (a: Int) async -> Int in
            await Task.yield()
            return a * 2
        }
        let both = job.tracked { @Sendable (a: Int, b: Int, c: Int) async throws -> Int in
            await Task.yield()
            if a < 0 { throw Failure() }
            return a + b + c
        }
        #expect(none() == 1)
        #expect(two(4, "x") == "4x")
        #expect(try throwing(3) == 3)
        #expect(throws: Failure.self) { try throwing(-1) }
        #expect(throws: CancellationError.self) { try throwing(0) }
        #expect(await asynchronous(4) == 8)
        #expect(try await both(1, 2, 3) == 6)
        await #expect(throws: Failure.self) { try await both(-1, 2, 3) }
        #expect(
            counts(metrics) == [
                " 0", #"{outcome="success"} 5"#, #"{outcome="failure"} 2"#, #"{outcome="cancelled"} 1"#,
            ])
        #expect(metrics.exposition().contains("job_duration_seconds_sum 1\njob_duration_seconds_count 8\n"))
    }

    @Test func callIsUnderWayUntilItReturnsAndCancelledWithItsTask() async throws {
        let metrics = MetricRegistry()
        let job = try InstrumentedOperation("job", in: metrics)
        let wait = job.tracked { @Sendable () async throws in try await untilCancelled() }
        let task = Task { try await wait() }
        while counts(metrics).first != " 1" { await Task.yield() }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(
            counts(metrics) == [
                " 0", #"{outcome="success"} 0"#, #"{outcome="failure"} 0"#, #"{outcome="cancelled"} 1"#,
            ])
    }

    @Test func namedFunctionsAreTracked() async throws {
        @Sendable func fetch(_ id: Int) async throws -> String { "user \(id)" }
        let metrics = MetricRegistry()
        let tracked = try InstrumentedOperation("job", in: metrics).tracked(fetch)
        #expect(try await tracked(7) == "user 7")
        #expect(counts(metrics)[1] == #"{outcome="success"} 1"#)
    }
}

@Suite struct TimedFunctionTests {
    private struct Failure: Error {}

    @Test func timedFunctionsKeepTheirSignature() async throws {
        let clock = ManualClock()
        let histogram = try MetricRegistry(time: .manual(clock)).histogram("h", help: "h")
        let none = histogram.timed { @Sendable () -> Int in
            clock.advance(by: .seconds(1))
            return 1
        }
        let two = histogram.timed { @Sendable (a: Int, b: String) -> String in "\(a)\(b)" }
        let throwing = histogram.timed { @Sendable (a: Int) throws -> Int in
            if a < 0 { throw Failure() }
            return a
        }
        let asynchronous = histogram.timed { @Sendable (a: Int) async -> Int in
            await Task.yield()
            return a * 2
        }
        let both = histogram.timed { @Sendable (a: Int, b: Int, c: Int) async throws -> Int in
            await Task.yield()
            if a < 0 { throw Failure() }
            return a + b + c
        }
        #expect(none() == 1)
        #expect(two(4, "x") == "4x")
        #expect(try throwing(3) == 3)
        #expect(throws: Failure.self) { try throwing(-1) }
        #expect(await asynchronous(4) == 8)
        #expect(try await both(1, 2, 3) == 6)
        await #expect(throws: Failure.self) { try await both(-1, 2, 3) }
        #expect(histogram.count == 7)
        #expect(histogram.sum == 1)
    }

    @Test func namedFunctionsAreTimed() async throws {
        @Sendable func fetch(_ id: Int) async throws -> String { "user \(id)" }
        let histogram = try MetricRegistry().histogram("h", help: "h")
        let timed = histogram.timed(fetch)
        #expect(try await timed(7) == "user 7")
        #expect(histogram.count == 1)
    }
}
