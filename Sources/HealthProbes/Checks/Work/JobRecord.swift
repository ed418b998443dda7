// SPDX-License-Identifier: Apache-2.0

import Instrument

/// How the runs of a recurring job went: backups, imports, reports.
///
/// ```swift
/// let backup = JobRecord()
/// try health.register("backup", .info, .freshness(of: backup, warn: .seconds(90_000), fail: .seconds(180_000)))
/// backup.succeeded()
/// ```
public final class JobRecord: Sendable {
    struct State: Sendable {
        var lastSuccess: UInt64?
        var lastRunFailed = false
        var failure = ""
    }

    private let time: TimeSource
    private let createdAt: UInt64
    let state: Lock<State>

    /// Makes a record.
    ///
    /// - Parameters:
    ///   - age: how long ago the last success was, if it is known from before; nil counts from now on.
    ///   - time: the clock to go by.
    public init(lastSuccessAge age: Duration? = nil, time: TimeSource = .system) {
        self.time = time
        createdAt = time.monotonicNanoseconds()
        var state = State()
        if let age {
            // The machine may have started after the job last ran.
            state.lastSuccess = createdAt - min(createdAt, UInt64(max(0, age.saturatedNanoseconds)))
        }
        self.state = Lock(state)
    }

    /// Notes that a run succeeded.
    public func succeeded() {
        let now = time.monotonicNanoseconds()
        state.withLock { $0 = State(lastSuccess: now) }
    }

    /// Notes that a run failed.
    ///
    /// - Parameter reason: why, for the operator.
    public func failed(_ reason: String) {
        state.withLock { state in
            state.lastRunFailed = true
            state.failure = reason
        }
    }

    /// How long ago the last success was, or the record was made if there was none.
    public var age: Duration {
        let since = state.withLock { $0.lastSuccess } ?? createdAt
        let now = time.monotonicNanoseconds()
        return .nanoseconds(Int64(clamping: now - min(since, now)))
    }
}

extension HealthCheck {
    /// Whether a job's last success is recent enough, and whether its last run was one.
    ///
    /// A failed last run degrades; an old last success degrades and then fails.
    ///
    /// - Parameters:
    ///   - job: the job's record.
    ///   - warn: the age of the last success from which on it degrades.
    ///   - fail: the age of the last success from which on it fails.
    public static func freshness(of job: JobRecord, warn: Duration, fail: Duration) -> HealthCheck {
        HealthCheck {
            let age = job.age
            let state = job.state.withLock { $0 }
            let seconds = Double(age.saturatedNanoseconds) / 1e9
            let words = "the last success was \(Judge.rounded(seconds)) s ago"
            if age > fail { return .fail("\(words), more than \(fail)", value: seconds, unit: "s") }
            if age > warn { return .warn("\(words), more than \(warn)", value: seconds, unit: "s") }
            if state.lastRunFailed {
                return .warn("the last run failed: \(state.failure)", value: seconds, unit: "s")
            }
            return .pass("", value: seconds, unit: "s")
        }
    }

    /// How many jobs wait.
    ///
    /// - Parameters:
    ///   - threshold: the limits.
    ///   - depth: reads the queue.
    public static func queueDepth(_ threshold: Threshold, _ depth: @escaping @Sendable () throws -> Int) -> HealthCheck
    {
        .threshold(threshold, unit: "jobs") { Double(try depth()) }
    }
}
