// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument
import StructuredLog
import Testing

/// A folder that goes away with the test.
final class ScratchFolder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "structured-log-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        // A folder left behind in the temporary directory harms nobody.
        try? FileManager.default.removeItem(atPath: path)
    }

    var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? [] }

    func text(_ name: String) throws -> String { try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8) }

    func lines(_ name: String) throws -> [String] { try text(name).split(separator: "\n").map(String.init) }
}

@Suite struct FileSinkTests {
    private func makePipeline(
        _ folder: ScratchFolder, rotation: LogRotation? = nil, delivery: LogDelivery = .synchronous,
        clock: ManualClock = ManualClock()
    ) throws -> LogPipeline {
        try LogPipeline(
            outputs: [LogOutput(.file(folder.path + "/app.log", rotation: rotation), delivery: delivery)],
            time: .manual(clock))
    }

    @Test func aFileIsCreatedReadableAndAppendedTo() throws {
        let folder = try ScratchFolder()
        let pipeline = try makePipeline(folder)
        StructuredLogger("f", pipeline: pipeline).info("one")
        pipeline.shutdown()
        let again = try makePipeline(folder)
        StructuredLogger("f", pipeline: again).info("two")
        again.shutdown()
        #expect(try folder.lines("app.log").count == 2)
        let mode = try FileManager.default.attributesOfItem(atPath: folder.path + "/app.log")[.posixPermissions] as? Int
        #expect(mode == 0o644)
    }

    @Test func aPathThatCannotBeOpenedIsAClearError() {
        let error = #expect(throws: LogError.self) {
            try LogPipeline(outputs: [LogOutput(.file("/nonexistent/folder/app.log"))])
        }
        #expect(error?.code == .fileUnavailable)
        #expect(error?.description.contains("/nonexistent/folder/app.log") == true)
    }

    @Test func aPartOfALineLeftByAKilledProcessIsEndedFirst() throws {
        let folder = try ScratchFolder()
        try #"{"half":"a li"#.write(toFile: folder.path + "/app.log", atomically: false, encoding: .utf8)
        let pipeline = try makePipeline(folder)
        StructuredLogger("f", pipeline: pipeline).info("one")
        pipeline.shutdown()
        let lines = try folder.lines("app.log")
        #expect(lines.count == 2 && lines[0] == #"{"half":"a li"#)
        _ = try parsed(lines[1])
    }

    @Test(arguments: [LogDelivery.synchronous, .asynchronous(.block)])
    func filesAreSetAsideBySizeInWholeLinesAndOldOnesGo(delivery: LogDelivery) throws {
        let folder = try ScratchFolder()
        let clock = ManualClock()
        let rotation = LogRotation(bytesMax: 4_096, filesMax: 3)
        let pipeline = try makePipeline(folder, rotation: rotation, delivery: delivery, clock: clock)
        let log = StructuredLogger("f", pipeline: pipeline)
        for index in 0..<400 { log.info("m") { $0["index"] = index } }
        pipeline.shutdown(deadline: .seconds(60))
        let statistics = pipeline.statistics[0]
        #expect(statistics.written == 400 && statistics.rotations > 5 && statistics.errors == 0)
        #expect(folder.names.count == 4)
        var indices: [Int] = []
        let asides = folder.names.filter { $0 != "app.log" }.sorted {
            Int($0.split(separator: ".").last ?? "") ?? 0 < Int($1.split(separator: ".").last ?? "") ?? 0
        }
        for name in asides + ["app.log"] {
            #expect(try folder.text(name).utf8.count <= 4_096)
            #expect(name == "app.log" || name.hasPrefix("app.log.20260101T000000Z."))
            indices += try folder.lines(name).map { try #require(try parsed($0)["index"] as? Int) }
        }
        #expect(indices == Array((400 - indices.count)..<400))
    }

    @Test func filesAreSetAsideAtTheEndOfTheirPeriod() throws {
        let folder = try ScratchFolder()
        let clock = ManualClock()
        let rotation = LogRotation(every: .daily, timeZone: try #require(TimeZone(secondsFromGMT: 7_200)))
        let pipeline = try makePipeline(folder, rotation: rotation, clock: clock)
        let log = StructuredLogger("f", pipeline: pipeline)
        log.info("first")
        clock.advance(by: .seconds(22 * 3_600 - 1))
        log.info("still the same local day")
        clock.advance(by: .seconds(1))
        log.info("past local midnight")
        #expect(folder.names == ["app.log", "app.log.20260101T220000Z.1"])
        #expect(try folder.lines("app.log").count == 1)
    }

    @Test func agesAndTotalsBoundWhatIsKept() throws {
        let folder = try ScratchFolder()
        let clock = ManualClock()
        for name in [
            "app.log.1", "app.log.20250101.gz", "app.log.x.1", "app.log.20250101T000000Z.1",
            "other.log.20250101T000000Z.1",
        ] {
            try "old\n".write(toFile: "\(folder.path)/\(name)", atomically: false, encoding: .utf8)
        }
        let rotation = LogRotation(bytesMax: 500, ageMax: .seconds(3_600), totalBytesMax: 1_000)
        let pipeline = try makePipeline(folder, rotation: rotation, clock: clock)
        let log = StructuredLogger("f", pipeline: pipeline)
        for _ in 0..<40 {
            clock.advance(by: .seconds(10))
            log.info("m")
        }
        pipeline.shutdown()
        let asides = folder.names.filter { $0.contains("2026") }
        #expect(asides.reduce(0) { $0 + ((try? folder.text($1).utf8.count) ?? 0) } <= 1_000 && asides.count >= 2)
        #expect(
            folder.names.filter { !$0.contains("2026") } == [
                "app.log", "app.log.1", "app.log.20250101.gz", "app.log.x.1", "other.log.20250101T000000Z.1",
            ])
    }

    @Test func aMovedFileIsOpenedAnewWithinASecondOrOnDemand() throws {
        let folder = try ScratchFolder()
        let clock = ManualClock()
        let pipeline = try makePipeline(folder, clock: clock)
        let log = StructuredLogger("f", pipeline: pipeline)
        let path = folder.path + "/app.log"
        log.info("one")
        #expect(rename(path, path + ".1") == 0)
        log.info("two")
        #expect(try folder.lines("app.log.1").count == 2)
        clock.advance(by: .seconds(1))
        log.info("three")
        #expect(try folder.lines("app.log").count == 1)
        #expect(rename(path, path + ".2") == 0)
        pipeline.reopen()
        log.info("four")
        #expect(try folder.lines("app.log").count == 1 && folder.lines("app.log.2").count == 1)
        #expect(pipeline.statistics[0].reopenings == 2)
    }

    @Test func aFileThatIsCutByCopytruncateGrowsFromItsStart() throws {
        let folder = try ScratchFolder()
        let pipeline = try makePipeline(folder)
        let log = StructuredLogger("f", pipeline: pipeline)
        for _ in 0..<10 { log.info("before") }
        #expect(truncate(folder.path + "/app.log", 0) == 0)
        log.info("after")
        #expect(try folder.text("app.log").hasPrefix("{") && folder.lines("app.log").count == 1)
    }

    @Test func aFolderThatGoesAwayLosesNothingThatCanBeKept() throws {
        let folder = try ScratchFolder()
        let clock = ManualClock()
        let pipeline = try makePipeline(folder, clock: clock)
        let log = StructuredLogger("f", pipeline: pipeline)
        log.info("one")
        let path = folder.path + "/app.log"
        #expect(rename(path, path + ".1") == 0 && mkdir(path, 0o755) == 0)
        clock.advance(by: .seconds(1))
        log.info("two, while the path is a folder")
        #expect(try folder.lines("app.log.1").count == 2 && pipeline.statistics[0].errors == 1)
        #expect(rmdir(path) == 0)
        clock.advance(by: .seconds(1))
        log.info("three")
        #expect(try folder.lines("app.log").count == 1)
    }
}
