// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument

/// A bounded queue in front of a target, and the thread that empties it.
///
/// `@unchecked Sendable`: the state is under the monitor's lock, the target is the writer thread's alone.
final class AsynchronousChannel: LineChannel, @unchecked Sendable {
    typealias Batch = UnsafeMutablePointer<LineBatch>

    enum Phase { case running, stopping, abandoned, finished }

    struct State {
        var filling = LineBatch.make()
        /// Batches that wait, oldest first.
        var waiting: [Batch] = []
        var spare: [Batch] = []
        /// Bytes of all lines in flight.
        var queuedBytes = 0
        var statistics = LogStatistics()
        var reported = LogStatistics()
        var lastReport: UInt64 = 0
        /// A line that must not wait for company.
        var isUrgent = false
        /// The writer sleeps and wants to be woken by the next line, or by the next full batch.
        var wantsLine = false
        var wantsBatch = false
        /// Threads that wait for room or for a flush.
        var waiters = 0
        var flushes = 0
        var mustReopen = false
        var phase = Phase.running
    }

    /// What the writer does next.
    enum Step {
        case write(Batch)
        case report(Drops)
        case reopen
        /// Lines have begun to gather: wait for company, but not long.
        case linger
        /// Nothing to write, but drops to tell of at this time.
        case sleep(until: UInt64)
        case exit
    }

    /// How long the first line of a batch waits for company: with the wake-up it stays below 10 ms.
    static let lingerNanoseconds: UInt64 = 8_000_000
    private static let spareMax = 4

    let monitor = Monitor(State(), spins: true)
    let target: ByteTarget
    let report: DropReport
    private let policy: LogDelivery.Policy
    private let queueBytes: Int
    private let writer = Lock<pthread_t?>(nil)

    init(_ target: ByteTarget, report: DropReport, policy: LogDelivery.Policy, queueBytes: Int) throws(LogError) {
        self.target = target
        self.report = report
        self.policy = policy
        self.queueBytes = queueBytes
        super.init()
        do {
            try PlainThread(name: "log-writer") { [self] in run() }.detach()
        } catch {
            throw LogError(
                .threadUnavailable,
                "log writer: the system has no thread (\(error)); raise the limit or use synchronous delivery")
        }
    }

    deinit {
        monitor.withLock { state in
            (state.waiting + state.spare + [state.filling]).forEach(LineBatch.free)
        }
    }

    // MARK: Producers

    override func accept(_ line: UnsafeRawBufferPointer, _ level: LogLevel) {
        let (isDone, wakes) = monitor.withLock { state -> (Bool, Bool) in
            if state.phase != .running {
                state.statistics.refuse(level, bytes: line.count)
                return (true, false)
            }
            if hasRoom(for: line.count, level, state) { return (true, Self.enqueue(line, level, &state)) }
            switch policy {
            case .block, .blockUpTo: return (false, false)
            case .dropNewest, .dropBelow:
                state.statistics.refuse(level, bytes: line.count)
                return (true, state.wantsLine || state.wantsBatch)
            }
        }
        if wakes { monitor.wakeAll() }
        if !isDone { acceptWhenThereIsRoom(line, level) }
    }

    private func hasRoom(for bytes: Int, _ level: LogLevel, _ state: borrowing State) -> Bool {
        var limit = queueBytes
        if case .dropBelow(let kept) = policy, level < kept { limit -= limit / 5 }
        return state.queuedBytes + bytes <= limit
    }

    /// - Returns: whether the writer is to be woken.
    private static func enqueue(_ line: UnsafeRawBufferPointer, _ level: LogLevel, _ state: inout State) -> Bool {
        state.statistics.accepted &+= 1
        state.statistics.inFlight &+= 1
        state.queuedBytes &+= line.count
        var wakes = false
        if !state.filling.pointee.hasRoom(for: line.count) {
            state.waiting.append(state.filling)
            state.filling = state.spare.popLast() ?? LineBatch.make()
            wakes = state.wantsBatch
        }
        state.filling.pointee.append(line, level)
        if level >= .error {
            state.isUrgent = true
            wakes = wakes || state.wantsBatch
        }
        wakes = wakes || state.wantsLine
        if wakes {
            state.wantsLine = false
            state.wantsBatch = false
        }
        return wakes
    }

    private func acceptWhenThereIsRoom(_ line: UnsafeRawBufferPointer, _ level: LogLevel) {
        var deadline: UInt64?
        if case .blockUpTo(let patience) = policy {
            deadline = TimeSource.systemMonotonicNanoseconds() &+ UInt64(max(0, patience.saturatedNanoseconds))
        }
        // A sink that logs into its own queue must not wait for itself.
        if isWriterThread { deadline = 0 }
        monitor.withLock { $0.waiters += 1 }
        let wakes = monitor.wait(until: deadline) { state -> Bool? in
            if state.phase != .running {
                state.statistics.refuse(level, bytes: line.count)
                return false
            }
            return hasRoom(for: line.count, level, state) ? Self.enqueue(line, level, &state) : nil
        }
        monitor.withLock { state in
            state.waiters -= 1
            if wakes == nil { state.statistics.refuse(level, bytes: line.count) }
        }
        if wakes == true { monitor.wakeAll() }
    }

    private var isWriterThread: Bool {
        writer.withLock { $0.map { pthread_equal($0, pthread_self()) != 0 } ?? false }
    }

    // MARK: Control

    override func flush(until deadline: UInt64) -> Bool {
        let goal = monitor.withLock { state in
            state.flushes += 1
            state.waiters += 1
            return state.statistics.accepted
        }
        monitor.wakeAll()
        let isSettled = monitor.wait(until: deadline) { state in
            state.statistics.written + state.statistics.dropped >= goal ? true : nil
        }
        monitor.withLock {
            $0.flushes -= 1
            $0.waiters -= 1
        }
        return isSettled ?? false
    }

    override func shutdown(until deadline: UInt64) -> Bool {
        monitor.withLock { state in
            if state.phase == .running { state.phase = .stopping }
            state.waiters += 1
        }
        monitor.wakeAll()
        let isFinished = monitor.wait(until: deadline) { $0.phase == .finished ? true : nil }
        monitor.withLock { state in
            state.waiters -= 1
            if state.phase == .stopping {
                // The writer is stuck: what it holds and what waits is given up now, so that the account closes.
                state.phase = .abandoned
                abandonQueue(&state)
            }
        }
        monitor.wakeAll()
        return isFinished ?? false
    }

    override func reopen() {
        monitor.withLock { $0.mustReopen = true }
        monitor.wakeAll()
    }

    override var statistics: LogStatistics { monitor.withLock { $0.statistics } }

    /// Counts every queued line as dropped. What the writer holds it counts itself, at once when it is not stuck.
    func abandonQueue(_ state: inout State) {
        for batch in state.waiting + [state.filling] {
            for index in 0..<batch.pointee.lineCount {
                state.statistics.droppedByLevel[Int(batch.pointee.level(ofLine: index).rawValue)] += 1
            }
            state.statistics.droppedBytes += UInt64(batch.pointee.bytes.count)
            state.statistics.inFlight -= UInt64(batch.pointee.lineCount)
            state.queuedBytes -= batch.pointee.bytes.count
            batch.pointee.removeAll()
        }
        state.waiting.forEach(LineBatch.free)
        state.waiting.removeAll()
    }

    // MARK: The writer thread

    private func run() {
        writer.withLock { $0 = pthread_self() }
        var deadline: UInt64?
        var patience = Patience.fresh
        while true {
            let step = monitor.wait(until: deadline) { [patience] state in self.nextStep(&state, patience) }
            deadline = nil
            switch step {
            case .write(let batch):
                write(batch)
                recycle(batch)
                patience = .fresh
            case .report(let drops):
                writeReport(drops)
                patience = .fresh
            case .reopen:
                target.reopenIfMoved()
                settle((0, 0), failure: nil)
                patience = .fresh
            case .linger:
                deadline = TimeSource.systemMonotonicNanoseconds() &+ Self.lingerNanoseconds
                patience = .lingering
            case .sleep(let time):
                deadline = time
                patience = .sleeping
            case nil: patience = .exhausted
            case .exit:
                target.close()
                monitor.withLock { $0.phase = .finished }
                monitor.wakeAll()
                return
            }
        }
    }

    /// What the writer has waited for since it last did something.
    private enum Patience { case fresh, lingering, sleeping, exhausted }

    private func nextStep(_ state: inout State, _ patience: Patience) -> Step? {
        state.wantsLine = false
        state.wantsBatch = false
        if state.phase == .abandoned { return .exit }
        if state.mustReopen {
            state.mustReopen = false
            return .reopen
        }
        if let drops = reportDue(&state) { return .report(drops) }
        if !state.waiting.isEmpty { return .write(state.waiting.removeFirst()) }
        if state.filling.pointee.lineCount > 0 {
            if patience == .exhausted || state.isUrgent || state.flushes > 0 || state.phase == .stopping {
                state.isUrgent = false
                let batch = state.filling
                state.filling = state.spare.popLast() ?? LineBatch.make()
                return .write(batch)
            }
            state.wantsBatch = true
            return patience == .lingering ? nil : .linger
        }
        if state.phase == .stopping { return .exit }
        state.wantsLine = true
        guard hasUnreported(state), patience != .sleeping else { return nil }
        return .sleep(until: state.lastReport &+ DropReport.intervalNanoseconds)
    }

    private func hasUnreported(_ state: borrowing State) -> Bool {
        state.statistics.droppedByLevel != state.reported.droppedByLevel && state.statistics.closedBy == nil
    }

    private func reportDue(_ state: inout State) -> Drops? {
        guard hasUnreported(state) else { return nil }
        let now = TimeSource.systemMonotonicNanoseconds()
        guard now &- state.lastReport >= DropReport.intervalNanoseconds || state.phase == .stopping else { return nil }
        let drops = Drops(state.statistics, since: state.reported)
        state.lastReport = now
        state.reported = state.statistics
        return drops
    }

    private func writeReport(_ drops: Drops) {
        let batch = LineBatch.make()
        batch.pointee.append(DropReport.level) { report.write(drops, to: &$0) }
        monitor.withLock { state in
            state.statistics.accepted += 1
            state.statistics.reports += 1
            state.statistics.inFlight += 1
            state.queuedBytes += batch.pointee.bytes.count
        }
        write(batch)
        LineBatch.free(batch)
    }

    private func recycle(_ batch: Batch) {
        batch.pointee.removeAll()
        let isKept = monitor.withLock { state in
            guard state.spare.count < Self.spareMax else { return false }
            state.spare.append(batch)
            return true
        }
        if !isKept { LineBatch.free(batch) }
    }
}
