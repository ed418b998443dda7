// SPDX-License-Identifier: Apache-2.0

import Instrument

/// The whole of the module's decisions: which check runs when, what its results mean, where the service is in its
/// life. A value without threads, locks or clocks: time comes in as numbers, what is to be done comes out as effects.
struct HealthCore: Sendable {
    /// What the shell is to do.
    enum Effect: Sendable {
        /// Run a check; give the token back with the result.
        case start(token: UInt64, id: Int, definition: CheckDefinition)
        /// Cancel a run that passed its deadline and do without its thread.
        case abandon(token: UInt64, id: Int)
        /// Count a result.
        case measure(report: CheckReport, result: CheckStatus, isTimeout: Bool, isTransition: Bool)
        /// Show a check whose status changed without a result.
        case show(CheckReport)
        /// Forget a check's series.
        case forget(name: String)
        /// Tell of a change.
        case tell(HealthEvent)
        /// Do what an inline check asks for.
        case run(@Sendable () -> Void)
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
    /// The reports of `slots` as readers see them, kept apart so that publishing shares them.
    var reports: [CheckReport] = []
    /// The wake times of `slots`: one scan over them is all that a tick with nothing to do costs.
    var wakes: [UInt64] = []
    var positions: [String: Int] = [:]
    var positionsByID: [Int: Int] = [:]
    /// Whether any check depends on another.
    var hasDependencies = false
    var drain: DrainMachine
    var jitter: Jitter
    var isRunning = false
    /// Whether startup is over; a latch.
    var isStarted = false
    var isMaintained = false
    /// Whether readiness has ever passed.
    var wasReady = false
    /// Checks that wait for a free place, by id.
    var queue: [Int] = []
    /// Runs that hold a place: those outstanding within their timeout.
    var active = 0
    var nextToken: UInt64 = 1
    var nextID = 0
    var incidents: IncidentLog
    /// Whether something that a snapshot shows has changed since the last one.
    var isDirty = true
    /// Whether a verdict or an event may come of the change; most results only bring new figures.
    var isDecisive = true
    var latest: HealthSnapshot?
    var generation: UInt64 = 0
    /// The verdicts and the phase that events have told.
    var toldVerdicts: [ProbeKind: CheckStatus] = [:]
    var toldPhase = LifecyclePhase.starting
    private var effects: [Effect] = []

    init(configuration: HealthConfiguration, drainDelay: Duration, seed: UInt64) {
        self.configuration = configuration
        let drain = configuration.drain
        self.drain = DrainMachine(
            delay: UInt64(max(0, drainDelay.saturatedNanoseconds)),
            requestsTimeout: UInt64(max(0, drain.requestsTimeout.saturatedNanoseconds)),
            budget: UInt64(max(0, drain.budget.saturatedNanoseconds)))
        jitter = Jitter(seed: seed)
        incidents = IncidentLog(levels: configuration.escalation, retention: configuration.historyRetention)
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

    /// Notes what is to be done.
    mutating func emit(_ effect: Effect) { effects.append(effect) }

    /// Takes what is to be done.
    mutating func takeEffects() -> [Effect] {
        guard !effects.isEmpty else { return [] }
        defer { effects = [] }
        return effects
    }

    /// Brings the copies of a slot's state up to date.
    mutating func update(_ position: Int) {
        let shown = slots[position].shown
        if shown.differs(from: reports[position]) { isDecisive = true }
        reports[position] = shown
        wakes[position] = slots[position].wake
        isDirty = true
    }

    /// Notes a change from which a verdict or an event may follow.
    mutating func change() {
        isDirty = true
        isDecisive = true
    }
}
