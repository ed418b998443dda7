// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument

/// Writes each line before the call returns.
///
/// `@unchecked Sendable`: the target is used under the lock alone.
final class SynchronousChannel: LineChannel, @unchecked Sendable {
    private struct State {
        var statistics = LogStatistics()
        var reported = LogStatistics()
        var lastReport: UInt64 = 0
        var isClosed = false
        var hasUnreported = false
    }

    private let state = Lock(State())
    private let target: ByteTarget
    private let report: DropReport

    init(_ target: ByteTarget, report: DropReport) {
        self.target = target
        self.report = report
    }

    override func accept(_ line: UnsafeRawBufferPointer, _ level: LogLevel) {
        state.withLock { state in
            if state.isClosed { return state.statistics.refuse(level, bytes: line.count) }
            if state.hasUnreported { reportDrops(&state) }
            state.statistics.accepted += 1
            write(line, level, &state)
        }
    }

    override func flush(until deadline: UInt64) -> Bool { true }

    override func shutdown(until deadline: UInt64) -> Bool {
        state.withLock { state in
            if !state.isClosed {
                state.lastReport = 0
                reportDrops(&state)
                target.close()
            }
            state.isClosed = true
        }
        return true
    }

    override func reopen() {
        state.withLock { state in
            target.reopenIfMoved()
        }
    }

    override var statistics: LogStatistics {
        state.withLock {
            $0.statistics.note(target.counts)
            return $0.statistics
        }
    }

    /// Writes the line whole or drops it: a full disk must not hold up the caller.
    private func write(_ line: UnsafeRawBufferPointer, _ level: LogLevel, _ state: inout State) {
        var offset = 0
        while offset < line.count {
            let rest = UnsafeRawBufferPointer(rebasing: line[offset...])
            let attempt = target.write(rest, continuesLine: offset > 0)
            offset = attempt.restartsLine ? 0 : offset + attempt.taken
            switch attempt.failure {
            case nil, .busy: continue
            case .later:
                state.statistics.errors += 1
                if offset > 0 { target.abandonLine() }
                state.hasUnreported = true
                return state.statistics.drop(level, bytes: line.count)
            case .gone(let code):
                state.statistics.errors += 1
                state.statistics.closedBy = code
                state.isClosed = true
                state.statistics.drop(level, bytes: line.count)
                return StandardErrorNotice.write(
                    "log output closed: \(String(cString: strerror(code))) (errno \(code)); lines are dropped")
            }
        }
        state.statistics.written += 1
        state.statistics.writtenBytes += UInt64(line.count)
    }

    private func reportDrops(_ state: inout State) {
        guard state.hasUnreported else { return }
        let now = TimeSource.systemMonotonicNanoseconds()
        guard now &- state.lastReport >= DropReport.intervalNanoseconds else { return }
        let drops = Drops(state.statistics, since: state.reported)
        state.lastReport = now
        state.reported = state.statistics
        state.hasUnreported = false
        var line = ByteBuffer()
        report.write(drops, to: &line)
        state.statistics.accepted += 1
        state.statistics.reports += 1
        line.withUnsafeBytes { write($0, DropReport.level, &state) }
    }
}
