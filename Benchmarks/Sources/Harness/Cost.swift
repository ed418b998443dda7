// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What one body costs: nanoseconds per operation and thread, over several rounds. Wall time with one thread; with several
/// the mean of their CPU times, in which waiting for a contended line counts and other processes do not.
public struct Cost: Sendable {
    /// The fastest round: what the code costs when nothing else runs.
    public let minimum: Double
    /// The middle round.
    public let median: Double

    /// Runs `body` with its number of operations on `threads` threads that start together, for several rounds.
    ///
    /// - Parameters:
    ///   - threads: how many threads run it at once.
    ///   - operations: how many operations each call of `body` does; found by itself when nil, for rounds of 20 ms.
    ///   - rounds: how many rounds are measured, after one that is not.
    ///   - warmUp: whether a round goes ahead that is not measured.
    ///   - body: does as many operations as its argument says.
    public static func run(
        threads: Int = 1, operations: Int? = nil, rounds: Int = 9, warmUp: Bool = true,
        _ body: @escaping @Sendable (Int) -> Void
    ) -> Cost {
        let count = operations ?? calibrate(body)
        if warmUp { _ = round(threads: threads, operations: count, body) }
        let costs = (0..<rounds).map { _ in round(threads: threads, operations: count, body) }.sorted()
        return Cost(minimum: costs[0], median: costs[costs.count / 2])
    }

    /// The same for a part of the operation.
    public func divided(by parts: Double) -> Cost { Cost(minimum: minimum / parts, median: median / parts) }

    /// A cost that was measured elsewhere.
    public init(minimum: Double, median: Double) {
        self.minimum = minimum
        self.median = median
    }

    private static func calibrate(_ body: @Sendable (Int) -> Void) -> Int {
        var count = 1
        while true {
            let start = now()
            body(count)
            let elapsed = now() - start
            if elapsed > 2_000_000 { return max(1, Int(Double(count) * 20_000_000 / Double(elapsed))) }
            count *= 4
        }
    }

    private static func round(threads: Int, operations: Int, _ body: @escaping @Sendable (Int) -> Void) -> Double {
        guard threads > 1 else {
            let start = now()
            body(operations)
            return Double(now() - start) / Double(operations)
        }
        let gate = Gate(threads: threads)
        let runners = (0..<threads).map { _ in
            let thread = Thread {
                gate.wait()
                let start = threadNow()
                body(operations)
                gate.finish(nanoseconds: threadNow() - start)
            }
            thread.stackSize = 1 << 20
            thread.start()
            return thread
        }
        let spent = gate.open()
        withExtendedLifetime(runners) {}
        return Double(spent) / Double(operations) / Double(threads)
    }

    /// CPU time of the calling thread, in nanoseconds: what other processes take from it does not count.
    private static func threadNow() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// The system's monotonic clock, in nanoseconds.
    public static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

/// Lets threads start together and adds up what they spent.
private final class Gate: @unchecked Sendable {
    private let condition = NSCondition()
    private let threads: Int
    private var waiting = 0
    private var isOpen = false
    private var finished = 0
    private var spent: UInt64 = 0

    init(threads: Int) { self.threads = threads }

    func wait() {
        condition.lock()
        waiting += 1
        condition.broadcast()
        while !isOpen { condition.wait() }
        condition.unlock()
    }

    func finish(nanoseconds: UInt64) {
        condition.lock()
        finished += 1
        spent += nanoseconds
        condition.broadcast()
        condition.unlock()
    }

    /// Lets them start, waits for their end, and tells the CPU time of all of them.
    func open() -> UInt64 {
        condition.lock()
        defer { condition.unlock() }
        while waiting < threads { condition.wait() }
        isOpen = true
        condition.broadcast()
        while finished < threads { condition.wait() }
        return spent
    }
}
