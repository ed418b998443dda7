// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument
import StructuredLog

/// Threads that log numbered lines, each with its thread, sequence and the CRC-32 of both and of a filler.
struct RigLoad {
    private let threads: Int
    private let lines: Int
    private let linesPerSecond: Int
    private let fillerBytes: Int
    private let acknowledgements: Acknowledgements?
    private let pipeline: LogPipeline
    private let leavesAtOnce: Bool

    init(_ arguments: RigArguments) throws {
        threads = try arguments.number("threads", 1)
        lines = try arguments.number("lines", 1_000)
        linesPerSecond = try arguments.number("rate", 0)
        fillerBytes = try arguments.number("filler", 80)
        leavesAtOnce = arguments.text("leave") != nil
        acknowledgements = try arguments.text("acknowledge").map { [threads] in
            try Acknowledgements($0, threads: threads)
        }
        if arguments.text("hangup") != nil { try LogPipeline.reopenOnHangup() }
        pipeline = try LogPipeline(outputs: [try arguments.output()])
    }

    func run() throws {
        let log = StructuredLogger("probe", pipeline: pipeline)
        let started = TimeSource.systemMonotonicNanoseconds()
        let slowest = Lock<UInt64>(0)
        let watcher = InvariantWatcher(pipeline)
        let runners = try (0..<threads).map { thread in
            try PlainThread(name: "probe-\(thread)") {
                var longest: UInt64 = 0
                for sequence in 0..<lines {
                    if linesPerSecond > 0 { Self.wait(until: started, sequence, linesPerSecond) }
                    let before = TimeSource.systemMonotonicNanoseconds()
                    write(log, thread, sequence)
                    let after = TimeSource.systemMonotonicNanoseconds()
                    longest = max(longest, after - before)
                    acknowledgements?.note(thread, sequence, after)
                }
                slowest.withLock { [longest] in $0 = max($0, longest) }
            }
        }
        runners.forEach { $0.join() }
        // Nothing is flushed here: the log does that itself when the process ends.
        if leavesAtOnce { exit(0) }
        let isFlushed = pipeline.flush(deadline: .seconds(30))
        let isClosed = pipeline.shutdown(deadline: .seconds(5))
        let broken = watcher.stop()
        report(
            isFlushed && isClosed, slowest.withLock { $0 }, broken, TimeSource.systemMonotonicNanoseconds() - started)
    }

    private func write(_ log: StructuredLogger, _ thread: Int, _ sequence: Int) {
        let filler = String(repeating: "\u{E9}\"x\n", count: (fillerBytes + sequence * 7 % 64) / 4)
        var checksum = Checksum()
        checksum.add("\(thread):\(sequence):\(filler)")
        let level: LogLevel = sequence % 1_000 == 999 ? .error : .info
        log.log(level, "line") {
            $0["thread"] = thread
            $0["sequence"] = sequence
            $0["filler"] = filler
            $0["crc32"] = Int(checksum.value)
        }
    }

    private static func wait(until started: UInt64, _ sequence: Int, _ linesPerSecond: Int) {
        let due = started + UInt64(sequence) * 1_000_000_000 / UInt64(linesPerSecond)
        let now = TimeSource.systemMonotonicNanoseconds()
        if due > now { Platform.sleep(nanoseconds: due - now) }
    }

    /// One line of JSON on standard error, for the program that checks.
    private func report(_ isComplete: Bool, _ slowestNanoseconds: UInt64, _ broken: Int, _ nanoseconds: UInt64) {
        let statistics = pipeline.statistics[0]
        let text = """
            {"complete":\(isComplete),"accepted":\(statistics.accepted),"written":\(statistics.written),\
            "dropped":\(statistics.dropped),"in_flight":\(statistics.inFlight),"reports":\(statistics.reports),\
            "dropped_bytes":\(statistics.droppedBytes),"errors":\(statistics.errors),\
            "rotations":\(statistics.rotations),"reopenings":\(statistics.reopenings),\
            "closed_by":\(statistics.closedBy ?? 0),"invariant_broken":\(broken),\
            "slowest_ms":\(slowestNanoseconds / 1_000_000),"milliseconds":\(nanoseconds / 1_000_000)}

            """
        FileHandle.standardError.write(Data(text.utf8))
    }
}

/// Reads the account all the time and counts the readings in which it does not add up.
final class InvariantWatcher: Sendable {
    private let state = Lock((isStopped: false, broken: 0))
    private let pipeline: LogPipeline
    private let thread = Lock<PlainThread?>(nil)

    init(_ pipeline: LogPipeline) {
        self.pipeline = pipeline
        do {
            let watcher = try PlainThread(name: "watcher") { [self] in watch() }
            thread.withLock { $0 = watcher }
        } catch {
            state.withLock { $0.broken = -1 }
        }
    }

    private func watch() {
        while !state.withLock({ $0.isStopped }) {
            for statistics in pipeline.statistics
            where statistics.accepted != statistics.written + statistics.dropped + statistics.inFlight {
                state.withLock { $0.broken += 1 }
            }
            Platform.sleep(nanoseconds: 1_000_000)
        }
    }

    func stop() -> Int {
        state.withLock { $0.isStopped = true }
        thread.withLock { $0 }?.join()
        return state.withLock { $0.broken }
    }
}

/// A file in shared memory, which outlives the process: per thread, when each line's call returned.
///
/// `@unchecked Sendable`: each thread writes only to its own part.
final class Acknowledgements: @unchecked Sendable {
    /// Lines per thread that are remembered.
    static let linesMax = 1_000_000

    private let base: UnsafeMutablePointer<UInt64>

    init(_ path: String, threads: Int) throws {
        let bytes = threads * Self.linesMax * 8
        let number = open(path, O_RDWR | O_CREAT | O_TRUNC, 0o644)
        guard number >= 0, ftruncate(number, off_t(bytes)) == 0,
            let memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, number, 0), memory != MAP_FAILED
        else { throw RigError(description: "acknowledge: cannot map \(path) (errno \(errno))") }
        close(number)
        base = memory.assumingMemoryBound(to: UInt64.self)
    }

    func note(_ thread: Int, _ sequence: Int, _ nanoseconds: UInt64) {
        if sequence < Self.linesMax { base[thread * Self.linesMax + sequence] = nanoseconds }
    }
}

/// CRC-32 as zlib computes it.
struct Checksum {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1 }
    }

    private var state: UInt32 = 0xFFFF_FFFF
    var value: UInt32 { ~state }

    mutating func add(_ text: String) {
        for byte in text.utf8 { state = Self.table[Int(UInt8(truncatingIfNeeded: state) ^ byte)] ^ (state >> 8) }
    }
}
