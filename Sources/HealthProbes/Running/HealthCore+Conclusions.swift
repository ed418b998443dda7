// SPDX-License-Identifier: Apache-2.0

extension HealthCore {
    /// Draws the conclusions of a change: suppression, startup, readiness, and what to tell.
    ///
    /// - Returns: the value that readers get from now on, or nil when nothing has changed.
    mutating func conclude(at moment: Moment) -> HealthSnapshot? {
        guard isDirty else { return nil }
        generation += 1
        if !isDecisive, let latest {
            isDirty = false
            let snapshot = latest.refreshed(generation: generation, unix: moment.unix, checks: reports)
            self.latest = snapshot
            return snapshot
        }
        if hasDependencies { suppress() }
        for position in slots.indices { tellChanges(position, at: moment) }
        isDirty = false
        isDecisive = false
        let isPending = reports.contains { $0.kinds.contains(.startup) && !$0.hasPassed }
        if isRunning, !isPending { isStarted = true }
        var aggregation = Aggregation(reports: reports, phase: phase, isStarted: isStarted || !isPending)
        if phase == .started, aggregation.readiness.isServing {
            wasReady = true
            aggregation.phase = phase
        }
        let snapshot = HealthSnapshot(
            generation: generation, unix: moment.unix, aggregation: aggregation, positions: positions)
        latest = snapshot
        tellChanges(snapshot, at: moment)
        return snapshot
    }

    /// Marks every check below a failing one. Parents are registered before their children, so one pass is enough.
    private mutating func suppress() {
        for position in slots.indices where !slots[position].definition.options.dependsOn.isEmpty {
            let isSuppressed = slots[position].definition.options.dependsOn.contains { name in
                guard let parent = positions[name] else { return false }
                return reports[parent].status == .fail || reports[parent].marks.contains(.suppressed)
            }
            guard isSuppressed != slots[position].isSuppressed else { continue }
            slots[position].isSuppressed = isSuppressed
            if !isSuppressed {
                slots[position].escalateAt = incidents.nextEscalation(of: slots[position].definition.name)
            }
            update(position)
        }
    }

    /// Tells a check's change once it is neither suppressed nor flapping: what came and went meanwhile is no news.
    private mutating func tellChanges(_ position: Int, at moment: Moment) {
        let marks = reports[position].marks
        guard !marks.contains(.suppressed) else { return }
        let isFlapping = marks.contains(.flapping)
        if isFlapping != slots[position].toldFlapping {
            slots[position].toldFlapping = isFlapping
            tell(
                reports[position], isFlapping ? .flapping : .steady, from: slots[position].toldStatus, at: moment)
        }
        let status = reports[position].status
        let previous = slots[position].toldStatus
        // A test is told even then: it is there to be seen.
        guard status != previous, !isFlapping || marks.contains(.test) else { return }
        slots[position].toldStatus = status
        slots[position].remindAt =
            status == .fail ? moment.now.addingSaturated(configuration.reminderNanoseconds) : .max
        // The first pass is no news.
        if previous != .unknown || status != .pass { tell(reports[position], .transition, from: previous, at: moment) }
        slots[position].escalateAt = incidents.nextEscalation(of: reports[position].name)
        wakes[position] = slots[position].wake
    }

    private mutating func tellChanges(_ snapshot: HealthSnapshot, at moment: Moment) {
        for kind in ProbeKind.allCases {
            let verdict = snapshot.verdict(kind)
            let previous = toldVerdicts[kind] ?? .unknown
            guard verdict.status != previous else { continue }
            toldVerdicts[kind] = verdict.status
            // What the verdicts are before anything runs is where they start from, and no change.
            guard isRunning || drain.isDraining else { continue }
            tell(
                .verdict(kind), from: previous, to: verdict.status, verdict.summary,
                isExpected: !verdict.reason.isEmpty, at: moment)
        }
        if snapshot.phase != toldPhase {
            let subject = HealthEvent.Subject.phase(from: toldPhase, to: snapshot.phase)
            toldPhase = snapshot.phase
            tell(subject, from: .pass, to: .pass, "", isExpected: true, at: moment)
        }
    }

    /// Tells of a check, and whose its incident is from now on.
    mutating func tell(
        _ report: CheckReport, _ occasion: HealthEvent.Occasion, from previous: CheckStatus,
        to escalation: String? = nil, at moment: Moment
    ) {
        let event = HealthEvent(
            subject: .check(report.name), occasion: occasion, previous: previous, status: report.status,
            marks: report.marks, isCritical: report.isCritical, isExpected: phase == .starting,
            message: report.result?.message ?? "",
            unixNanoseconds: moment.unix, escalation: escalation)
        incidents.record(event, now: moment.now)
        emit(.tell(event))
    }

    private mutating func tell(
        _ subject: HealthEvent.Subject, from previous: CheckStatus, to status: CheckStatus, _ message: String,
        isExpected: Bool, at moment: Moment
    ) {
        let event = HealthEvent(
            subject: subject, occasion: .transition, previous: previous, status: status, marks: [],
            isCritical: true, isExpected: isExpected, message: message, unixNanoseconds: moment.unix)
        incidents.record(event, now: moment.now)
        emit(.tell(event))
    }
}
