// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import Instrument

@Suite struct ObjectiveTests {
    /// Every event with its second: the reference that keeps everything.
    private struct Reference {
        var events: [(seconds: Int64, isGood: Bool)] = []

        func tally(last count: Int64, of span: Int64, at seconds: Int64) -> (good: Int, bad: Int) {
            let first = (seconds / span - count + 1) * span
            let inside = events.filter { $0.seconds >= first && $0.seconds <= seconds }
            return (inside.filter(\.isGood).count, inside.filter { !$0.isGood }.count)
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func figuresAreThoseOfTheExactReference(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let clock = ManualClock()
        let metrics = MetricRegistry(time: .manual(clock))
        let book = try ObjectiveBook(in: metrics)
        let objective = try book.availability("api", target: 0.99, window: .seconds(5 * 86_400))
        var reference = Reference()
        for _ in 0..<3_000 {
            clock.advance(by: .seconds(Int64.random(in: 0...400, using: &generator)))
            let isGood = Int.random(in: 0..<50, using: &generator) > 0
            objective.record(isGood: isGood)
            reference.events.append((clock.unixNanoseconds() / 1_000_000_000, isGood))
            guard Int.random(in: 0..<20, using: &generator) == 0 else { continue }
            let now = clock.unixNanoseconds() / 1_000_000_000
            func burn(_ tally: (good: Int, bad: Int)) -> Double {
                tally.good + tally.bad == 0 ? 0 : Double(tally.bad) / Double(tally.good + tally.bad) / (1 - 0.99)
            }
            let status = objective.status()
            let window = reference.tally(last: 120, of: 3_600, at: now)
            #expect(status.events == UInt64(window.good + window.bad), "seed \(seed)")
            #expect(status.badEvents == UInt64(window.bad), "seed \(seed)")
            #expect(status.budgetConsumed == burn(window), "seed \(seed)")
            #expect(status.burnRates.fiveMinutes == burn(reference.tally(last: 5, of: 60, at: now)))
            #expect(status.burnRates.thirtyMinutes == burn(reference.tally(last: 30, of: 60, at: now)))
            #expect(status.burnRates.oneHour == burn(reference.tally(last: 60, of: 60, at: now)))
            #expect(status.burnRates.sixHours == burn(reference.tally(last: 360, of: 60, at: now)))
            #expect(status.burnRates.threeDays == burn(reference.tally(last: 72, of: 3_600, at: now)))
        }
    }

    @Test func budgetIsUsedUpInSteps() throws {
        let book = try ObjectiveBook(in: MetricRegistry(time: .manual(ManualClock())))
        let objective = try book.availability("api", target: 0.75, window: .seconds(36_000))
        #expect(objective.status().level == .ok)
        #expect(objective.status().exhaustionSeconds == nil)
        objective.record(good: 100, bad: 0)
        #expect(objective.status().budgetConsumed == 0)
        // 20 of 120 is 2/3 of what a quarter allows.
        objective.record(good: 0, bad: 20)
        #expect(objective.status().level == .half)
        #expect(abs(objective.status().budgetConsumed - 2.0 / 3) < 1e-12)
        #expect(abs(objective.status().exhaustionSeconds! - (1.0 / 3) * 36_000 / (2.0 / 3)) < 1e-6)
        objective.record(good: 0, bad: 10)
        #expect(objective.status().level == .critical)
        objective.record(good: 0, bad: 10)
        #expect(objective.status().level == .exhausted)
        #expect(objective.status().exhaustionSeconds == 0)
        #expect(objective.status().budgetRemaining < 0)
    }

    @Test func countersFeedAnObjective() throws {
        let metrics = MetricRegistry(time: .manual(ManualClock()))
        let good = try metrics.counter("good_total", help: "h")
        let total = try metrics.counter("all_total", help: "h")
        good.increment(by: 50)
        total.increment(by: 50)
        let book = try ObjectiveBook(in: metrics)
        let objective = try book.availability("api", good: good, of: total, target: 0.9)
        good.increment(by: 9)
        total.increment(by: 10)
        #expect(objective.status().events == 10)
        #expect(objective.status().badEvents == 1)
        total.increment(by: 0.5)
        #expect(objective.status().events == 10)
        total.increment(by: 0.5)
        #expect(objective.status().badEvents == 2)
    }

    @Test func histogramFeedsALatencyObjective() throws {
        let metrics = MetricRegistry(time: .manual(ManualClock()))
        let latency = try metrics.histogram("h_seconds", help: "h", buckets: [0.1, 2, 5])
        let book = try ObjectiveBook(in: metrics)
        let objective = try book.latency("p95", of: latency, threshold: .seconds(2), target: 0.95)
        for seconds in [0.05, 1, 2, 2.5, 9] { latency.observe(seconds) }
        #expect(objective.status().events == 5)
        #expect(objective.status().badEvents == 2)
        let error = #expect(throws: MetricError.self) {
            try book.latency("p99", of: latency, threshold: .seconds(3), target: 0.99)
        }
        #expect(error?.code == .invalidOption)
    }

    @Test func measuredRunsAreJudged() async throws {
        struct Failure: Error {}
        let clock = ManualClock()
        let book = try ObjectiveBook(in: MetricRegistry(time: .manual(clock)))
        let objective = try book.latency("l", threshold: .seconds(1), target: 0.9)
        objective.measure { clock.advance(by: .seconds(1)) }
        objective.measure { clock.advance(by: .seconds(2)) }
        #expect(throws: Failure.self) { try objective.measure { throw Failure() } }
        await objective.measure { await Task.yield() }
        let task = Task { try await objective.measure { try await untilCancelled() } }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(objective.status().events == 4)
        #expect(objective.status().badEvents == 2)
    }

    @Test func objectivesAreExportedAndReported() throws {
        let metrics = MetricRegistry(time: .manual(ManualClock()))
        let book = try ObjectiveBook(in: metrics)
        try book.availability("api", target: 0.9, window: .seconds(3_600)).record(good: 19, bad: 1)
        let text = metrics.exposition()
        #expect(text.contains("objective_target_ratio{objective=\"api\"} 0.9\n"))
        #expect(text.contains("objective_attained_ratio{objective=\"api\"} 0.95\n"))
        #expect(text.contains("objective_burn_rate{objective=\"api\",window=\"3d\"} 0.5"))
        #expect(
            book.reportText()
                == "api: 95.0 % of 20 events good, target 90.0 %; budget left 50.0 % (half), gone in 60 min\n")
        try book.availability("quiet", target: 0.9).record(isGood: true)
        #expect(
            book.reportText().hasSuffix(
                "\nquiet: 100.0 % of 1 events good, target 90.0 %; budget left 100.0 % (ok), it lasts\n"))
        let report = try JSONSerialization.jsonObject(with: Data(book.reportJSON().utf8)) as? [String: Any]
        let objectives = try #require(report?["objectives"] as? [[String: Any]])
        #expect(objectives[0]["name"] as? String == "api")
        #expect(objectives[0]["badEvents"] as? Int == 1)
    }

    @Test(arguments: [(0.0, 3_600), (1, 3_600), (.nan, 3_600), (0.9, 60), (0.9, 400 * 86_400)] as [(Double, Int64)])
    func senselessOptionsAreRefused(target: Double, window: Int64) throws {
        let book = try ObjectiveBook(in: MetricRegistry())
        let error = #expect(throws: MetricError.self) {
            try book.availability("api", target: target, window: .seconds(window))
        }
        #expect(error?.code == .invalidOption)
    }

    @Test func oneNameIsOneObjective() throws {
        let book = try ObjectiveBook(in: MetricRegistry())
        _ = try book.availability("api", target: 0.9)
        let error = #expect(throws: MetricError.self) { try book.availability("api", target: 0.8) }
        #expect(error?.code == .nameTaken)
    }
}

@Suite struct ObjectiveStateTests {
    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("objectives-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder.path)
    }

    @Test func stateSurvivesARestart() throws {
        try withFolder { folder in
            let path = folder + "/state.json"
            let clock = ManualClock()
            let first = try ObjectiveBook(in: MetricRegistry(time: .manual(clock)), statePath: path)
            #expect(first.restoration == .none)
            let objective = try first.availability("api", target: 0.9)
            objective.record(good: 5, bad: 1)
            clock.advance(by: .seconds(7_200))
            objective.record(good: 2, bad: 3)
            try first.save()
            let second = try ObjectiveBook(in: MetricRegistry(time: .manual(clock)), statePath: path)
            #expect(second.restoration == .restored)
            #expect(try second.availability("api", target: 0.9).status() == objective.status())
            // An objective that this run has not registered stays in the file.
            let third = try ObjectiveBook(in: MetricRegistry(time: .manual(clock)), statePath: path)
            try third.save()
            let fourth = try ObjectiveBook(in: MetricRegistry(time: .manual(clock)), statePath: path)
            #expect(try fourth.availability("api", target: 0.9).status().events == 11)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["state.json"])
        }
    }

    @Test func scrapesSaveTheStateOnceInAWhile() throws {
        try withFolder { folder in
            let path = folder + "/state.json"
            let clock = ManualClock()
            let metrics = MetricRegistry(time: .manual(clock))
            let book = try ObjectiveBook(in: metrics, statePath: path, saveInterval: .seconds(60))
            try book.availability("api", target: 0.9).record(good: 1, bad: 0)
            _ = metrics.exposition()
            #expect(!FileManager.default.fileExists(atPath: path))
            clock.advance(by: .seconds(60))
            _ = metrics.exposition()
            #expect(FileManager.default.fileExists(atPath: path))
        }
    }

    @Test(arguments: ["", "{", "{\"version\":1}", "{\"version\":2,\"objectives\":{}}", "\u{0}\u{1}"])
    func corruptFileIsReportedAndSetAside(content: String) throws {
        try withFolder { folder in
            let path = folder + "/state.json"
            try content.write(toFile: path, atomically: false, encoding: .utf8)
            let book = try ObjectiveBook(in: MetricRegistry(time: .manual(ManualClock())), statePath: path)
            guard case .setAside(let aside, let reason) = book.restoration else {
                Issue.record("got \(book.restoration)")
                return
            }
            #expect(!reason.isEmpty)
            #expect(try SmallFile.text(aside) == content)
            #expect(!FileManager.default.fileExists(atPath: path))
            try book.availability("api", target: 0.9).record(good: 1, bad: 0)
            try book.save()
            #expect(FileManager.default.fileExists(atPath: path))
        }
    }

    @Test func fileThatCannotBeWrittenIsAnErrorAndLeavesTheOldOne() throws {
        let book = try ObjectiveBook(in: MetricRegistry(), statePath: "/does/not/exist/state.json")
        let error = #expect(throws: MetricError.self) { try book.save() }
        #expect(error?.code == .storage)
    }
}

@Suite struct WatchTests {
    @Test func scoreIsTheDistanceFromTheWeightedMean() throws {
        var detector = AnomalyDetector(smoothing: 0.25, warmUpCount: 3)
        let values = [10.0, 12, 11, 13, 9, 40, 10]
        // The reference weighs all values anew each time.
        for (index, value) in values.enumerated() {
            let score = detector.observe(value)
            guard index >= 3 else {
                #expect(score == nil)
                continue
            }
            var weights = [Double](repeating: 0, count: index)
            for place in 0..<index { weights[place] = (place == 0 ? 1 : 0.25) * pow(0.75, Double(index - 1 - place)) }
            let mean = zip(weights, values).reduce(0) { $0 + $1.0 * $1.1 }
            let variance = zip(weights, values).reduce(0) { $0 + $1.0 * ($1.1 - mean) * ($1.1 - mean) }
            #expect(abs(score! - (value - mean) / variance.squareRoot()) < 1e-9)
        }
    }

    @Test func valueOffAConstantIsInfinitelyFar() {
        var detector = AnomalyDetector(warmUpCount: 2)
        for _ in 0..<3 { _ = detector.observe(5) }
        #expect(detector.observe(5) == 0)
        #expect(detector.observe(.nan) == nil)
        #expect(detector.observe(6) == .infinity)
    }

    @Test func trendIsTheLineOfLeastSquares() {
        var trend = LinearTrend(capacity: 4)
        #expect(trend.line == nil)
        trend.observe(500, at: 0)
        #expect(trend.line == nil)
        for step in 1...4 { trend.observe(10 + 2 * Double(step), at: Double(step) * 10) }
        #expect(abs(trend.line!.slope - 0.2) < 1e-12)
        #expect(abs(trend.line!.latest - 18) < 1e-9)
        #expect(abs(trend.seconds(to: 20)! - 10) < 1e-9)
        #expect(trend.seconds(to: 18 - 1)! == 0)
        #expect(trend.seconds(to: 5, isUpper: false) == .infinity)
    }

    @Test func watchesAreExported() throws {
        let clock = ManualClock()
        let metrics = MetricRegistry(time: .manual(clock))
        let requests = try metrics.counter("requests_total", help: "h")
        let disk = try metrics.gauge("disk", help: "h")
        let watches = try MetricWatches(in: metrics, interval: .seconds(5))
        try watches.anomaly("rate", score: 3, detector: AnomalyDetector(warmUpCount: 7), of: watches.rate(requests))
        try watches.trend("disk", limit: 110) { disk.value }
        #expect(throws: MetricError.self) { try watches.trend("disk", limit: 1) { 0 } }
        for step in 0..<10 {
            requests.increment(by: 50 + step % 2)
            disk.set(10 * Double(step))
            let text = metrics.exposition()
            #expect(!text.contains("watch_anomalous{watch=\"rate\"} 1\n"))
            clock.advance(by: .seconds(5))
        }
        requests.increment(by: 5_000)
        disk.set(100)
        let text = metrics.exposition()
        #expect(text.contains("watch_anomalous{watch=\"rate\"} 1\n"))
        #expect(text.contains("watch_value{watch=\"rate\"} 1000\n"))
        #expect(text.contains("watch_slope_per_second{watch=\"disk\"} 2"))
        #expect(text.contains("watch_limit_seconds{watch=\"disk\"}"))
    }
}
