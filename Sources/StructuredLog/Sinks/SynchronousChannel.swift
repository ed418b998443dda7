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
            guard write(line, &state) else {
                state.hasUnreported = true
                return state.statistics.drop(level, bytes: line.count)
            }
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
        state.withLock { _ in target.reopenIfMoved() }
    }

    override var statistics: LogStatistics {
        state.withLock {
            $0.statistics.note(target.counts)
            return $0.statistics
        }
    }

    /// Writes the line whole, or fails at once: a full disk must not hold up the caller.
    private func write(_ line: UnsafeRawBufferPointer, _ state: inout State) -> Bool {
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
                return false
            case .gone(let code):
                state.statistics.errors += 1
                state.statistics.closedBy = code
                state.isClosed = true
                StandardErrorNotice.write(
                    "log output closed: \(String(cString: strerror(code))) (errno \(code)); lines are dropped")
                return false
            }
        }
        state.statistics.written += 1
        state.statistics.writtenBytes += UInt64(line.count)
        return true
    }

    /// Writes a report that is due. One that cannot be written was never accepted: its drops are told by the next.
    private func reportDrops(_ state: inout State) {
        let now = TimeSource.systemMonotonicNanoseconds()
        guard state.hasUnreported, now &- state.lastReport >= DropReport.intervalNanoseconds else { return }
        state.lastReport = now
        var line = ByteBuffer()
        report.write(Drops(state.statistics, since: state.reported), to: &line)
        let snapshot = state.statistics
        guard line.withUnsafeBytes({ write($0, &state) }) else { return }
        state.statistics.accepted += 1
        state.statistics.reports += 1
        state.reported = snapshot
        state.hasUnreported = false
    }
}
