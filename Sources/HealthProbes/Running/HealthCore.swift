// SPDX-License-Identifier: Apache-2.0

/// The whole of the module's decisions: which check runs when, what its results mean, where the service is in its
/// life. A value without threads, locks or clocks: time comes in as numbers, what is to be done comes out as effects.
struct HealthCore: Sendable {
    /// What the shell is to do.
    enum Effect: Sendable {
        /// Run a check; give the token back with the result.
        case start(token: UInt64, id: Int, definition: CheckDefinition)
        /// Cancel a run that passed its deadline and do without its thread.
        case abandon(token: UInt64)
        /// Measure a result.
        case measure(report: CheckReport, result: CheckStatus, isTimeout: Bool, isTransition: Bool)
        /// Forget a check's series.
        case forget(name: String)
        /// Tell of a change.
        case tell(HealthEvent)
        /// Carry a step of the drain out.
        case drain(DrainMachine.Action)
    }

    /// A moment on both clocks, in nanoseconds.
    struct Moment: Sendable {
        /// Awake monotonic time.
        var now: UInt64
        /// Wall time, for display alone.
        var unix: Int64
    }

    let configuration: HealthConfiguration
    var slots: [CheckSlot] = []
    /// The reports of `slots`, kept apart so that publishing shares them.
    var reports: [CheckReport] = []
    /// The wake times of `slots`: one scan over them is all that a tick with nothing to do costs.
    var wakes: [UInt64] = []
    var positions: [String: Int] = [:]
    var positionsByID: [Int: Int] = [:]
    var drain: DrainMachine
    var jitter: Jitter
    private(set) var isRunning = false
    var isStarted = false
    var isMaintained = false
    private var wasReady = false
    private var queue: [Int] = []
    private(set) var active = 0
    private var nextToken: UInt64 = 1
    private var nextID = 0
    private var effects: [Effect] = []
    /// Whether something that a snapshot shows has changed since the last one.
    private(set) var isDirty = true
    private var generation: UInt64 = 0
    private var told: [ProbeKind: CheckStatus] = [:]
    private var toldPhase = LifecyclePhase.starting

    init(configuration: HealthConfiguration, drainDelay: Duration, seed: UInt64) {
        self.configuration = configuration
        let drain = configuration.drain
        self.drain = DrainMachine(
            delay: UInt64(max(0, drainDelay.saturatedNanoseconds)),
            requestsTimeout: UInt64(max(0, drain.requestsTimeout.saturatedNanoseconds)),
            budget: UInt64(max(0, drain.budget.saturatedNanoseconds)))
        jitter = Jitter(seed: seed)
    }

    /// Where the service is in its life.
    var phase: LifecyclePhase {
        if case .finished = drain.stage { return .stopped }
        if drain.isDraining { return .draining }
        if isMaintained { return .maintenance }
        if !isStarted { return .starting }
        return wasReady ? .ready : .started
    }

    /// The awake time at which `tick` has something to do at the latest.
    var nextWake: UInt64 {
        guard isRunning else { return drain.wake }
        return min(wakes.min() ?? .max, drain.wake)
    }

    /// Takes what is to be done.
    mutating func takeEffects() -> [Effect] {
        guard !effects.isEmpty else { return [] }
        defer { effects = [] }
        return effects
    }

    mutating func emit(_ effect: Effect) { effects.append(effect) }
}

// MARK: - Registration

extension HealthCore {
    /// Adds a check.
    mutating func add(_ definition: CheckDefinition, at moment: Moment) throws(HealthError) -> Int {
        guard positions[definition.name] == nil else {
            throw HealthError(
                .duplicateName, "check \"\(definition.name)\": the name is registered already; use another")
        }
        guard slots.count < configuration.checksMax else {
            throw HealthError(
                .tooManyChecks,
                "check \"\(definition.name)\": \(slots.count) checks are registered; remove some or raise checksMax")
        }
        for parent in definition.options.dependsOn where positions[parent] == nil {
            throw HealthError(
                .unknownDependency,
                "check \"\(definition.name)\": it depends on \"\(parent)\", which is not registered; register that first"
            )
        }
        let slot = CheckSlot(id: nextID, definition: definition, now: moment.now, unix: moment.unix)
        nextID += 1
        positions[definition.name] = slots.count
        positionsByID[slot.id] = slots.count
        slots.append(slot)
        reports.append(slot.report)
        wakes.append(slot.wake)
        isDirty = true
        return slot.id
    }

    /// Takes a check out; what it still runs is abandoned.
    mutating func remove(named name: String, at moment: Moment) throws(HealthError) {
        guard let position = positions[name] else {
            throw HealthError(.unknownCheck, "check \"\(name)\": no check has that name; register it first")
        }
        let slot = slots[position]
        if let run = slot.run, !run.isAbandoned {
            active -= 1
            emit(.abandon(token: run.token))
        }
        slots.remove(at: position)
        reports.remove(at: position)
        wakes.remove(at: position)
        queue.removeAll { $0 == slot.id }
        positions = [:]
        positionsByID = [:]
        for (position, slot) in slots.enumerated() {
            positions[slot.definition.name] = position
            positionsByID[slot.id] = position
        }
        emit(.forget(name: name))
        isDirty = true
    }

    /// Lets the checks run.
    mutating func start(at moment: Moment) {
        guard !isRunning else { return }
        isRunning = true
        for position in slots.indices {
            slots[position].due = moment.now.addingSaturated(slots[position].definition.delayNanoseconds)
            slots[position].staleAt =
                slots[position].due.addingSaturated(slots[position].definition.staleNanoseconds)
            wakes[position] = slots[position].wake
        }
        isDirty = true
    }

    /// Starts no further run.
    mutating func stop() {
        isRunning = false
        queue = []
        for position in slots.indices { slots[position].isQueued = false }
    }
}

// MARK: - Running

extension HealthCore {
    /// Does everything that is due.
    mutating func tick(at moment: Moment, inFlight: Int) {
        if isRunning {
            for position in wakes.indices where wakes[position] <= moment.now { serve(position, at: moment) }
            startQueued(at: moment)
        }
        if drain.wake <= moment.now || drain.isDraining {
            take(drain.step(now: moment.now, inFlight: inFlight))
        }
    }

    /// Takes the result of a run in. What an abandoned run returns is thrown away.
    mutating func finish(token: UInt64, id: Int, result: CheckResult, at moment: Moment) {
        guard let position = positionsByID[id], let run = slots[position].run, run.token == token else { return }
        slots[position].run = nil
        slots[position].report.outstanding = 0
        slots[position].report.marks.remove(.stuck)
        slots[position].refresh(now: moment.now)
        if slots[position].isOverdue {
            slots[position].isOverdue = false
            slots[position].due = moment.now
        }
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

    private mutating func serve(_ position: Int, at moment: Moment) {
        if let run = slots[position].run, !run.isAbandoned, run.deadline <= moment.now {
            timeOut(position, run, at: moment)
        }
        if slots[position].due <= moment.now, !slots[position].isRetired { fallDue(position, at: moment) }
        if slots[position].staleAt <= moment.now, !slots[position].definition.isInline, !slots[position].isRetired {
            slots[position].report.marks.insert(.stale)
        }
        if slots[position].remindAt <= moment.now { remind(position, at: moment) }
        update(position)
    }

    private mutating func timeOut(_ position: Int, _ run: CheckSlot.Run, at moment: Moment) {
        slots[position].run?.isAbandoned = true
        slots[position].report.marks.insert(.stuck)
        active -= 1
        emit(.abandon(token: run.token))
        let definition = slots[position].definition
        record(
            .fail("timeout: no result within \(definition.timeout)"), at: position,
            duration: definition.timeoutNanoseconds, moment: moment, isTimeout: true)
    }

    private mutating func fallDue(_ position: Int, at moment: Moment) {
        if case .inline(let evaluate) = slots[position].definition.check.body {
            let found = evaluate(moment.now)
            slots[position].due = max(found.next, moment.now + 1)
            if let result = found.result { record(result, at: position, duration: 0, moment: moment) }
        } else if slots[position].run != nil {
            slots[position].isOverdue = true
        } else if !slots[position].isQueued {
            slots[position].isQueued = true
            queue.append(slots[position].id)
        }
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
            update(position)
            emit(.start(token: token, id: id, definition: slots[position].definition))
        }
        queue.removeFirst(taken)
    }

    private mutating func record(
        _ result: CheckResult, at position: Int, duration: UInt64, moment: Moment, isTimeout: Bool = false
    ) {
        let previous = slots[position].report.status
        slots[position].record(result, duration: duration, unix: moment.unix)
        let report = slots[position].report
        emit(
            .measure(
                report: report, result: result.status, isTimeout: isTimeout,
                isTransition: report.status != previous && previous != .unknown))
        guard report.status != previous else { return }
        slots[position].remindAt =
            report.status == .fail
            ? moment.now.addingSaturated(UInt64(max(1, configuration.reminderInterval.saturatedNanoseconds))) : .max
        tell(report, .transition, from: previous, at: moment)
    }

    private mutating func remind(_ position: Int, at moment: Moment) {
        slots[position].remindAt =
            moment.now.addingSaturated(UInt64(max(1, configuration.reminderInterval.saturatedNanoseconds)))
        tell(slots[position].report, .reminder, from: .fail, at: moment)
    }

    private mutating func tell(
        _ report: CheckReport, _ occasion: HealthEvent.Occasion, from previous: CheckStatus, at moment: Moment
    ) {
        // The first pass is no news.
        guard previous != .unknown || report.status != .pass else { return }
        emit(
            .tell(
                HealthEvent(
                    subject: .check(report.name), occasion: occasion, previous: previous, status: report.status,
                    marks: report.marks, isCritical: report.isCritical, message: report.result?.message ?? "",
                    unixNanoseconds: moment.unix)))
    }

    /// Brings the copies of a slot's state up to date.
    private mutating func update(_ position: Int) {
        reports[position] = slots[position].report
        wakes[position] = slots[position].wake
        isDirty = true
    }
}

// MARK: - Lifecycle and snapshots

extension HealthCore {
    /// Begins the drain; later calls change nothing.
    mutating func beginDrain(hookTimeouts: [UInt64], inFlight: Int, at moment: Moment) -> Bool {
        guard drain.begin(hookTimeouts: hookTimeouts, now: moment.now) else { return false }
        take(drain.step(now: moment.now, inFlight: inFlight))
        isDirty = true
        return true
    }

    /// Notes that a drain hook has ended.
    mutating func hookEnded(_ number: Int, failed: Bool, at moment: Moment) {
        take(drain.hookEnded(number, failed: failed, now: moment.now))
    }

    /// Switches maintenance on or off.
    mutating func setMaintenance(_ isOn: Bool, at moment: Moment) {
        guard isOn != isMaintained else { return }
        isMaintained = isOn
        isDirty = true
    }

    /// Skips what is left of the delay, as the second signal asks for.
    mutating func skipDrainDelay(inFlight: Int, at moment: Moment) {
        drain.skipDelay(now: moment.now)
        take(drain.step(now: moment.now, inFlight: inFlight))
    }

    /// Draws the conclusions of a change: startup, readiness, and what to tell.
    ///
    /// - Returns: the value that readers get from now on, or nil when nothing has changed.
    mutating func conclude(at moment: Moment) -> HealthSnapshot? {
        guard isDirty else { return nil }
        isDirty = false
        let isPending = reports.contains { $0.kinds.contains(.startup) && !$0.hasPassed }
        if isRunning, !isPending { isStarted = true }
        var aggregation = Aggregation(reports: reports, phase: phase, isStarted: isStarted || !isPending)
        if phase == .started, aggregation.readiness.isServing {
            wasReady = true
            aggregation.phase = phase
        }
        generation += 1
        let snapshot = HealthSnapshot(
            generation: generation, unix: moment.unix, aggregation: aggregation, positions: positions)
        tellChanges(snapshot, at: moment)
        return snapshot
    }

    private mutating func tellChanges(_ snapshot: HealthSnapshot, at moment: Moment) {
        for kind in ProbeKind.allCases {
            let verdict = snapshot.verdict(kind)
            let previous = told[kind] ?? .unknown
            guard verdict.status != previous else { continue }
            told[kind] = verdict.status
            tell(.verdict(kind), from: previous, to: verdict.status, verdict.summary, at: moment)
        }
        if snapshot.phase != toldPhase {
            let message = "\(toldPhase.rawValue) -> \(snapshot.phase.rawValue)"
            toldPhase = snapshot.phase
            tell(.phase(snapshot.phase), from: .pass, to: .pass, message, at: moment)
        }
    }

    private mutating func tell(
        _ subject: HealthEvent.Subject, from previous: CheckStatus, to status: CheckStatus, _ message: String,
        at moment: Moment
    ) {
        emit(
            .tell(
                HealthEvent(
                    subject: subject, occasion: .transition, previous: previous, status: status, marks: [],
                    isCritical: true, message: message, unixNanoseconds: moment.unix)))
    }

    private mutating func take(_ actions: [DrainMachine.Action]) {
        for action in actions { emit(.drain(action)) }
        if !actions.isEmpty { isDirty = true }
    }
}
