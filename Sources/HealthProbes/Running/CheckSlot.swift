// SPDX-License-Identifier: Apache-2.0

/// One check at work: its rhythm, its outstanding run and what came of it. Pure: time comes in as numbers.
struct CheckSlot: Sendable {
    /// A run that has begun and not returned.
    struct Run: Sendable {
        let token: UInt64
        let startedAt: UInt64
        let deadline: UInt64
        /// Whether it passed its deadline: its verdict is spoken, and what it returns is thrown away.
        var isAbandoned = false
    }

    let id: Int
    let definition: CheckDefinition
    private var hysteresis: Hysteresis
    private var flap = FlapDetector()
    /// What the check itself says.
    var report: CheckReport
    var run: Run?
    /// A status put over the check's own.
    var injection: FaultInjection?
    /// Whether a check that this one depends on fails.
    var isSuppressed = false
    /// When the next run is due.
    var due: UInt64
    /// Whether it waits for a free place.
    var isQueued = false
    /// Whether a run fell due while one was outstanding: it then starts as soon as that returns.
    var isOverdue = false
    /// Whether it has run at least once, so that its rhythm is its own.
    private var isSplayed = false
    /// When it counts as stale, unless a run ends before.
    private(set) var staleAt: UInt64
    /// Until when a result that was asked for is kept.
    private var freshUntil: UInt64 = 0
    /// When a failing status is told again.
    var remindAt = UInt64.max
    /// When its incident reaches the next escalation level.
    var escalateAt = UInt64.max
    /// The status and the flapping that events have told.
    var toldStatus = CheckStatus.unknown
    var toldFlapping = false

    init(id: Int, definition: CheckDefinition, now: UInt64, unix: Int64) {
        self.id = id
        self.definition = definition
        hysteresis = Hysteresis(
            failureThreshold: definition.options.failureThreshold,
            successThreshold: definition.options.successThreshold)
        report = CheckReport(definition, unix: unix)
        due = 0
        staleAt = 0
        arm(now: now)
    }

    /// The report as readers see it.
    var shown: CheckReport {
        var shown = injection?.laid(over: report) ?? report
        if isSuppressed { shown.marks.insert(.suppressed) }
        return shown
    }

    /// Whether it asks nothing but startup and has passed: it never runs again.
    var isRetired: Bool { definition.kinds == .startup && report.hasPassed }

    /// Whether a missing run makes it stale.
    var canBeStale: Bool { !definition.isInline && !definition.isOnDemand && !isRetired }

    /// The moment at which there is something to do at the latest.
    var wake: UInt64 {
        var wake = min(remindAt, escalateAt, injection?.until ?? .max)
        if let run, !run.isAbandoned { wake = min(wake, run.deadline) }
        if !isRetired, !isQueued, !isOverdue { wake = min(wake, due) }
        if canBeStale, !report.marks.contains(.stale) { wake = min(wake, staleAt) }
        return wake
    }

    /// Makes the first run due.
    mutating func arm(now: UInt64) {
        due = now.addingSaturated(definition.delayNanoseconds)
        staleAt = due.addingSaturated(definition.staleNanoseconds)
    }

    /// Begins a run and sets the next one's time.
    mutating func begin(token: UInt64, now: UInt64, jitter: inout Jitter) {
        run = Run(token: token, startedAt: now, deadline: now.addingSaturated(definition.timeoutNanoseconds))
        report.outstanding = 1
        isQueued = false
        if definition.isOnDemand {
            due = .max
            return
        }
        let interval = report.status == .fail ? definition.recoveryNanoseconds : definition.intervalNanoseconds
        due = now.addingSaturated(isSplayed ? jitter.jittered(interval) : jitter.splay(interval))
        isSplayed = true
    }

    /// Ends the run, and with it what made the check stuck or stale.
    mutating func end(now: UInt64) {
        run = nil
        report.outstanding = 0
        report.marks.subtract([.stuck, .stale])
        staleAt = now.addingSaturated(definition.staleNanoseconds)
        if isOverdue {
            isOverdue = false
            due = now
        }
    }

    /// Takes a result in.
    mutating func record(_ result: CheckResult, duration: UInt64, now: UInt64, unix: Int64) {
        let before = report.status
        report.status = hysteresis.record(result.status)
        flap.record(isFailure: result.status == .fail)
        if flap.isFlapping { report.marks.insert(.flapping) } else { report.marks.remove(.flapping) }
        report.result = result
        report.consecutiveFailures = hysteresis.consecutiveFailures
        report.durationNanoseconds = duration
        report.resultCount += 1
        report.lastResultUnixNanoseconds = unix
        freshUntil = now.addingSaturated(definition.keptNanoseconds)
        if result.status == .fail {
            report.lastFailureUnixNanoseconds = unix
        } else {
            report.lastSuccessUnixNanoseconds = unix
        }
        if report.status != before { report.sinceUnixNanoseconds = unix }
    }

    /// Whether a result that was asked for is still good, or there is nothing to ask for.
    func isFresh(now: UInt64) -> Bool { !definition.isOnDemand || now < freshUntil }
}
