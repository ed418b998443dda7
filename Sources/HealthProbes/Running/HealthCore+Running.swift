// SPDX-License-Identifier: Apache-2.0

import Instrument

extension HealthCore {
    /// Does everything that is due.
    mutating func tick(at moment: Moment, inFlight: Int) {
        if isRunning {
            for position in wakes.indices where wakes[position] <= moment.now { serve(position, at: moment) }
            startQueued(at: moment)
        }
        if drain.isDraining { take(drain.step(now: moment.now, inFlight: inFlight)) }
    }

    /// Takes the result of a run in. What an abandoned run returns is thrown away.
    mutating func finish(token: UInt64, id: Int, result: CheckResult, at moment: Moment) {
        guard let position = positionsByID[id], let run = slots[position].run, run.token == token else { return }
        slots[position].end(now: moment.now)
        if !run.isAbandoned {
            active -= 1
            record(result, at: position, duration: moment.now - min(run.startedAt, moment.now), moment: moment)
        }
        update(position)
        startQueued(at: moment)
    }

    /// Whether the run of that token has not returned yet.
    func isOutstanding(token: UInt64, id: Int) -> Bool {
        positionsByID[id].map { slots[$0].run?.token == token } ?? false
    }

    /// Makes an inline check be looked at now.
    mutating func hurry(id: Int, at moment: Moment) {
        guard let position = positionsByID[id] else { return }
        slots[position].due = min(slots[position].due, moment.now)
        wakes[position] = slots[position].wake
    }

    /// Starts an on-demand check unless its result is still good or a run is under way.
    mutating func demand(_ name: String, at moment: Moment) {
        guard isRunning, let position = positions[name], slots[position].definition.isOnDemand else { return }
        guard !slots[position].isFresh(now: moment.now), slots[position].run == nil else { return }
        enqueue(position)
        startQueued(at: moment)
    }

    /// Starts every on-demand check whose result is no longer good.
    mutating func demandAll(at moment: Moment) {
        for slot in slots where slot.definition.isOnDemand { demand(slot.definition.name, at: moment) }
    }

    /// Whether asking for the check again would not bring anything newer.
    func isFresh(_ name: String, at moment: Moment) -> Bool {
        guard let position = positions[name] else { return true }
        return slots[position].isFresh(now: moment.now)
    }

    /// Whether the check is run when it is asked for alone.
    func isOnDemand(id: Int) -> Bool {
        positionsByID[id].map { slots[$0].definition.isOnDemand } ?? false
    }

    /// Puts a status over a check's own, to try the alarms out.
    mutating func inject(
        _ result: CheckResult?, into name: String, for duration: Duration, at moment: Moment
    ) throws(HealthError) {
        guard let position = positions[name] else { throw HealthError.unknownCheck(name) }
        slots[position].injection = result.map {
            FaultInjection(
                result: $0, until: moment.now.addingSaturated(UInt64(max(0, duration.saturatedNanoseconds))),
                sinceUnixNanoseconds: moment.unix)
        }
        update(position)
        emit(.show(reports[position]))
    }

    private mutating func serve(_ position: Int, at moment: Moment) {
        if let run = slots[position].run, !run.isAbandoned, run.deadline <= moment.now {
            timeOut(position, run, at: moment)
        }
        if slots[position].due <= moment.now, !slots[position].isRetired { fallDue(position, at: moment) }
        if slots[position].canBeStale, slots[position].staleAt <= moment.now {
            slots[position].report.marks.insert(.stale)
        }
        if slots[position].remindAt <= moment.now { remind(position, at: moment) }
        if slots[position].escalateAt <= moment.now { escalate(position, at: moment) }
        if let injection = slots[position].injection, injection.until <= moment.now {
            slots[position].injection = nil
            emit(.show(slots[position].shown))
        }
        update(position)
    }

    private mutating func timeOut(_ position: Int, _ run: CheckSlot.Run, at moment: Moment) {
        slots[position].run?.isAbandoned = true
        slots[position].report.marks.insert(.stuck)
        active -= 1
        emit(.abandon(token: run.token, id: slots[position].id))
        let definition = slots[position].definition
        record(
            .fail("timeout: no result within \(definition.timeout)"), at: position,
            duration: definition.timeoutNanoseconds, moment: moment, isTimeout: true)
    }

    private mutating func fallDue(_ position: Int, at moment: Moment) {
        if case .inline(let evaluate) = slots[position].definition.check.body {
            let found = evaluate(moment.now)
            slots[position].due = max(found.next, moment.now.addingSaturated(1))
            if let after = found.after { emit(.run(after)) }
            if let result = found.result { record(result, at: position, duration: 0, moment: moment) }
        } else if slots[position].run != nil {
            slots[position].isOverdue = true
        } else {
            enqueue(position)
        }
    }

    private mutating func enqueue(_ position: Int) {
        guard !slots[position].isQueued else { return }
        slots[position].isQueued = true
        queue.append(slots[position].id)
    }

    private mutating func startQueued(at moment: Moment) {
        guard isRunning, !queue.isEmpty, active < configuration.concurrency else { return }
        var taken = 0
        for id in queue {
            guard active < configuration.concurrency else { break }
            taken += 1
            guard let position = positionsByID[id] else { continue }
            let token = nextToken
            nextToken += 1
            active += 1
            slots[position].begin(token: token, now: moment.now, jitter: &jitter)
            reports[position].outstanding = 1
            wakes[position] = slots[position].wake
            // That a run has begun is shown with the next change: it is no news of its own.
            if slots[position].definition.isOnDemand { isDirty = true }
            emit(.start(token: token, id: id, definition: slots[position].definition))
        }
        queue.removeFirst(taken)
    }

    private mutating func record(
        _ result: CheckResult, at position: Int, duration: UInt64, moment: Moment, isTimeout: Bool = false
    ) {
        let previous = slots[position].report.status
        slots[position].record(result, duration: duration, now: moment.now, unix: moment.unix)
        let status = slots[position].report.status
        emit(
            .measure(
                report: slots[position].shown, result: result.status, isTimeout: isTimeout,
                isTransition: status != previous && previous != .unknown))
    }

    private mutating func remind(_ position: Int, at moment: Moment) {
        slots[position].remindAt = moment.now.addingSaturated(configuration.reminderNanoseconds)
        let report = slots[position].shown
        guard !report.marks.contains(.suppressed) else { return }
        tell(report, .reminder, from: report.status, at: moment)
    }

    /// Tells that an incident has reached its next level. One that is explained by another waits until it is news again.
    private mutating func escalate(_ position: Int, at moment: Moment) {
        guard !slots[position].isSuppressed else {
            slots[position].escalateAt = .max
            return
        }
        var report = slots[position].shown
        // The incident is open as long as its end is not told, whatever a flapping check says at the moment.
        report.status = slots[position].toldStatus
        if let level = incidents.escalate(report.name, now: moment.now) {
            tell(report, .escalation, from: report.status, to: level, at: moment)
        }
        slots[position].escalateAt = incidents.nextEscalation(of: report.name)
    }
}
