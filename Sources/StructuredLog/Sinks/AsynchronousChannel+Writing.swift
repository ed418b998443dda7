// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument

extension AsynchronousChannel {
    /// How long a failed write waits for its next attempt: from 100 ms, doubled each time, up to 5 s.
    static func retryDelay(afterAttempts attempts: Int) -> UInt64 {
        min(100_000_000 << UInt64(min(attempts, 16)), 5_000_000_000)
    }

    /// Writes a batch whole, however long the target takes, unless the target is gone or the channel is abandoned.
    func write(_ batch: Batch) {
        var progress = BatchProgress()
        var attempts = 0
        while progress.offset < batch.pointee.bytes.count {
            let attempt = batch.pointee.bytes.withUnsafeBytes { bytes in
                let rest = UnsafeRawBufferPointer(rebasing: bytes[progress.offset...])
                let attempt = target.write(rest, continuesLine: progress.isWithinLine)
                settle(
                    progress.advance(by: attempt.taken, in: bytes, lineCount: batch.pointee.lineCount),
                    failure: attempt.failure)
                if attempt.restartsLine { progress.restartLine() }
                return attempt
            }
            if attempt.taken > 0 { attempts = 0 }
            switch attempt.failure {
            case nil: continue
            case .busy: if isAbandoned { return giveUp(batch, from: progress) }
            case .later:
                let next = TimeSource.systemMonotonicNanoseconds() &+ Self.retryDelay(afterAttempts: attempts)
                attempts += 1
                if waitForAbandon(until: next) { return giveUp(batch, from: progress) }
            case .gone(let code):
                close(because: code)
                return giveUp(batch, from: progress)
            }
        }
    }

    private var isAbandoned: Bool { monitor.withLock { $0.phase == .abandoned } }

    private func waitForAbandon(until deadline: UInt64) -> Bool {
        monitor.wait(until: deadline) { $0.phase == .abandoned ? true : nil } ?? false
    }

    func settle(_ completed: (lines: Int, bytes: Int), failure: WriteAttempt.Failure?) {
        let counts = target.counts
        let wakes = monitor.withLock { state in
            state.statistics.written += UInt64(completed.lines)
            state.statistics.writtenBytes += UInt64(completed.bytes)
            state.statistics.inFlight -= UInt64(completed.lines)
            state.queuedBytes -= completed.bytes
            switch failure {
            case .later, .gone: state.statistics.errors += 1
            case .busy, nil: break
            }
            state.statistics.note(counts)
            return state.waiters > 0 && completed.lines > 0
        }
        if wakes { monitor.wakeAll() }
    }

    /// Counts the lines of a batch that were not written whole as dropped.
    private func giveUp(_ batch: Batch, from progress: BatchProgress) {
        if progress.isWithinLine { target.abandonLine() }
        monitor.withLock { state in
            for index in progress.lines..<batch.pointee.lineCount {
                state.statistics.droppedByLevel[Int(batch.pointee.level(ofLine: index).rawValue)] += 1
            }
            let bytes = batch.pointee.bytes.count - progress.lineStart
            state.statistics.droppedBytes += UInt64(bytes)
            state.statistics.inFlight -= UInt64(batch.pointee.lineCount - progress.lines)
            state.queuedBytes -= bytes
        }
        monitor.wakeAll()
    }

    /// Closes the channel for good: every later line is dropped. Standard error is told once.
    private func close(because code: Int32) {
        monitor.withLock { state in
            state.statistics.closedBy = code
            abandonQueue(&state)
            state.phase = .abandoned
        }
        StandardErrorNotice.write(
            "log output closed: \(String(cString: strerror(code))) (errno \(code)); lines are dropped")
    }
}

/// One line on standard error, for what the log itself cannot say.
enum StandardErrorNotice {
    static func write(_ text: String) {
        let line = Array("StructuredLog: \(text)\n".utf8)
        // Best effort by nature: there is nobody left to tell about a failure here.
        _ = line.withUnsafeBytes { BrokenPipeGuard.write(STDERR_FILENO, $0, needsGuard: true) }
    }
}
