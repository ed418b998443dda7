// SPDX-License-Identifier: Apache-2.0

/// One check at work: its rhythm, its outstanding run and what came of it. Pure: time comes in as numbers.
struct CheckSlot: Sendable {
    /// A run that has begun and not returned.
    struct Run: Sendable {
        let token: UInt64
        let startedAt: UInt64
        var deadline: UInt64
        /// Whether it passed its deadline: its verdict is spoken, and what it returns is thrown away.
        var isAbandoned = false
    }

    let id: Int
    let definition: CheckDefinition
    var hysteresis: Hysteresis
    var report: CheckReport
    var run: Run?
    /// When the next run is due.
    var due: UInt64
    /// Whether it waits for a free place.
    var isQueued = false
    /// Whether a run fell due while one was outstanding: it then starts as soon as that returns.
    var isOverdue = false
    /// Whether it has run at least once, so that its rhythm is its own.
    var isSplayed = false
    /// When it counts as stale, unless a run ends before.
    var staleAt: UInt64
    /// When a failing status is told again.
    var remindAt = UInt64.max

    init(id: Int, definition: CheckDefinition, now: UInt64, unix: Int64) {
        self.id = id
        self.definition = definition
        hysteresis = Hysteresis(
            failureThreshold: definition.options.failureThreshold,
            successThreshold: definition.options.successThreshold)
        report = CheckReport(definition, unix: unix)
        due = now.addingSaturated(definition.delayNanoseconds)
        staleAt = due.addingSaturated(definition.staleNanoseconds)
    }

    /// Whether it asks nothing but startup and has passed: it never runs again.
    var isRetired: Bool { definition.kinds == .startup && report.hasPassed }

    /// The moment at which there is something to do at the latest.
    var wake: UInt64 {
        var wake = remindAt
        if let run, !run.isAbandoned { wake = min(wake, run.deadline) }
        if isRetired { return wake }
        if !isQueued, !isOverdue { wake = min(wake, due) }
        if !report.marks.contains(.stale), !definition.isInline { wake = min(wake, staleAt) }
        return wake
    }

    /// Begins a run and sets the next one's time.
    mutating func begin(token: UInt64, now: UInt64, jitter: inout Jitter) {
        run = Run(token: token, startedAt: now, deadline: now.addingSaturated(definition.timeoutNanoseconds))
        report.outstanding = 1
        isQueued = false
        let interval = report.status == .fail ? definition.recoveryNanoseconds : definition.intervalNanoseconds
        due = now.addingSaturated(isSplayed ? jitter.jittered(interval) : jitter.splay(interval))
        isSplayed = true
    }

    /// Takes a result in: the status after hysteresis is in the report.
    mutating func record(_ result: CheckResult, duration: UInt64, unix: Int64) {
        let before = report.status
        report.status = hysteresis.record(result.status)
        report.result = result
        report.consecutiveFailures = hysteresis.consecutiveFailures
        report.durationNanoseconds = duration
        report.resultCount += 1
        report.lastResultUnixNanoseconds = unix
        if result.status == .fail {
            report.lastFailureUnixNanoseconds = unix
        } else {
            report.lastSuccessUnixNanoseconds = unix
        }
        if report.status != before { report.sinceUnixNanoseconds = unix }
    }

    /// Notes that a run has ended, so that the check is not stale.
    mutating func refresh(now: UInt64) {
        report.marks.remove(.stale)
        staleAt = now.addingSaturated(definition.staleNanoseconds)
    }
}
