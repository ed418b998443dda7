// SPDX-License-Identifier: Apache-2.0

import Instrument
import Synchronization

/// The thin shell around `HealthCore`: a scheduler thread, the threads and tasks that checks run on, and the value
/// that readers get.
///
/// Deadlines are watched by the scheduler, a plain thread: a blocked cooperative pool makes checks time out, and
/// nothing else late. No closure of the host ever runs under a lock of this class.
final class HealthEngine: Sendable {
    /// Who moves the scheduler on.
    enum Drive: Sendable {
        /// A thread of its own.
        case thread
        /// The test that calls `tick`; checks that block run within the call.
        case manual
    }

    private struct State {
        var core: HealthCore
        var clock = AwakeClock()
        var tasks: [UInt64: Task<Void, Never>] = [:]
        /// The system's time that the scheduler waits for, and whether something made that too late.
        var plannedWake: UInt64 = 0
        var isSignalled = false
        var hasThread = false
        var isStopped = false
    }

    let configuration: HealthConfiguration
    let time: TimeSource
    let drive: Drive
    private let state: Monitor<State>
    private let published: Lock<HealthSnapshot>
    private let pool: WorkerPool
    let inFlight = InFlightCounter()
    private let metrics = Lock<HealthMetrics?>(nil)
    private let hasOnDemand = Atomic<Bool>(false)
    let hooks = Lock(DrainHooks())
    let outcome = DrainOutcome()
    let events: EventHub
    /// The clock for heartbeats, which take no lock and must not keep the engine alive.
    let awake: AwakeReading

    init(configuration: HealthConfiguration, drainDelay: Duration, time: TimeSource, drive: Drive, seed: UInt64) {
        self.configuration = configuration
        self.time = time
        awake = AwakeReading(time: time)
        self.drive = drive
        var core = HealthCore(configuration: configuration, drainDelay: drainDelay, seed: seed)
        let moment = HealthCore.Moment(now: time.monotonicNanoseconds(), unix: time.unixNanoseconds())
        // A fresh core is always dirty: its first conclusion is the first snapshot.
        guard let first = core.conclude(at: moment) else { preconditionFailure("HealthCore: nothing to conclude") }
        published = Lock(first)
        state = Monitor(State(core: core))
        pool = WorkerPool(limit: configuration.concurrency)
        events = EventHub()
    }

    /// The newest snapshot. Allocates nothing; the lock is held for one retain.
    func snapshot() -> HealthSnapshot { published.withLock { $0 } }

    /// Changes the core under the lock, publishes what came of it, and does what it asks for.
    @discardableResult
    func mutate<Result, Failure: Error>(
        _ body: (inout HealthCore, HealthCore.Moment) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        var effects: [HealthCore.Effect] = []
        var mustWake = false
        let result = try state.withLock { (state) throws(Failure) -> Result in
            let moment = advance(&state)
            let result = try body(&state.core, moment)
            effects = conclude(&state, at: moment)
            if state.clock.raw(state.core.nextWake) < state.plannedWake {
                state.isSignalled = true
                mustWake = true
            }
            return result
        }
        if mustWake { state.wakeAll() }
        perform(effects)
        if drive == .manual { events.deliver() }
        return result
    }

    private func advance(_ state: inout State) -> HealthCore.Moment {
        let raw = time.monotonicNanoseconds()
        // Gaps are judged only while something reads the clock once a second.
        if !state.core.isRunning { state.clock.rearm(at: raw) }
        let now = state.clock.advance(to: raw)
        awake.leaveOut(state.clock.suspended)
        return HealthCore.Moment(now: now, unix: time.unixNanoseconds())
    }

    private func conclude(_ state: inout State, at moment: HealthCore.Moment) -> [HealthCore.Effect] {
        let metrics = metrics.withLock { $0 }
        if let snapshot = state.core.conclude(at: moment) {
            published.withLock { $0 = snapshot }
            metrics?.show(snapshot)
        }
        let effects = state.core.takeEffects()
        // Told and measured under the lock, so that both keep their order.
        for effect in effects {
            switch effect {
            case .tell(let event): events.post(event)
            case .measure(let report, let result, let isTimeout, let isTransition):
                metrics?.measure(report, result, isTimeout: isTimeout, isTransition: isTransition)
            case .show(let report): metrics?.show(report)
            case .forget(let name): metrics?.forget(name)
            case .start, .abandon, .run, .drain: break
            }
        }
        return effects
    }
}

// MARK: - Metrics

extension HealthEngine {
    /// Writes to `new` from now on, starting with what is known already.
    func publish(to new: HealthMetrics) {
        metrics.withLock { $0 = new }
        let snapshot = snapshot()
        new.show(snapshot)
        for report in snapshot.checks { new.show(report) }
    }

    /// The series that a heartbeat writes its beats to, if there are metrics.
    func heartbeatSeries(_ name: String) -> Gauge? { metrics.withLock { $0 }?.heartbeat(name) }

    /// The series that an executor's lag is shown in, if there are metrics.
    func lagSeries(_ name: String) -> Gauge? { metrics.withLock { $0 }?.lag(name) }

    /// Whether metrics are written anywhere.
    var hasMetrics: Bool { metrics.withLock { $0 != nil } }
}

// MARK: - The scheduler

extension HealthEngine {
    /// Starts the checks. A second call does nothing.
    ///
    /// - Throws: `SystemError` when the system has no thread to give.
    func start() throws(SystemError) {
        try startThread()
        mutate { core, moment in core.start(at: moment) }
    }

    func startThread() throws(SystemError) {
        let needsThread = state.withLock { state in
            state.isStopped = false
            guard drive == .thread, !state.hasThread else { return false }
            state.hasThread = true
            return true
        }
        guard needsThread else { return }
        pool.resume()
        do throws(SystemError) {
            try PlainThread(name: "health-sched") { [self] in schedule() }.detach()
        } catch {
            state.withLock { $0.hasThread = false }
            throw error
        }
    }

    /// Starts no further run and lets the threads end.
    func stop() {
        mutate { core, _ in core.stop() }
        state.withLock { $0.isStopped = true }
        state.wakeAll()
        pool.stop()
        events.stop()
    }

    /// Does everything that is due now.
    func tick() {
        mutate { core, moment in core.tick(at: moment, inFlight: inFlight.value) }
    }

    /// The system's time at which `tick` has something to do at the latest.
    var nextWake: UInt64 { state.withLock { $0.clock.raw($0.core.nextWake) } }

    private func schedule() {
        while true {
            let planned = state.withLock { state -> UInt64? in
                guard !state.isStopped else {
                    state.hasThread = false
                    return nil
                }
                let limit = time.monotonicNanoseconds().addingSaturated(AwakeClock.tickNanoseconds)
                state.plannedWake = min(state.clock.raw(state.core.nextWake), limit)
                return state.plannedWake
            }
            guard let planned else { return }
            state.wait(until: planned) { state -> Void? in
                guard state.isSignalled || state.isStopped else { return nil }
                state.isSignalled = false
                return ()
            }
            tick()
        }
    }
}

// MARK: - Effects

extension HealthEngine {
    private func perform(_ effects: [HealthCore.Effect]) {
        for effect in effects {
            switch effect {
            case .start(let token, let id, let definition): run(token, id, definition)
            case .abandon(let token, let id): abandon(token, id)
            case .measure, .show, .forget, .tell: break
            case .run(let work): work()
            case .drain(let action): perform(action)
            }
        }
    }

    private func run(_ token: UInt64, _ id: Int, _ definition: CheckDefinition) {
        switch definition.check.body {
        case .inline: preconditionFailure("check \"\(definition.name)\": inline checks are not started")
        case .blocking(let evaluate):
            let job = { @Sendable [self] in
                let result: CheckResult
                do { result = try evaluate(context(definition)) } catch { result = .fail(String(describing: error)) }
                finish(token, id, result)
            }
            guard drive == .thread else { return job() }
            do throws(SystemError) {
                try pool.submit(token: token, job)
            } catch {
                finish(token, id, .fail("no thread to run on: \(error)"))
            }
        case .task(let evaluate):
            let task = Task.detached { [self] in
                let result: CheckResult
                do { result = try await evaluate(context(definition)) } catch {
                    result = .fail(String(describing: error))
                }
                finish(token, id, result)
            }
            // The task may have ended before it could be noted: then there is nothing to cancel.
            state.withLock { state in
                if state.core.isOutstanding(token: token, id: id) { state.tasks[token] = task }
            }
        }
    }

    /// Waits until a check that is run on demand has a result that is still good, or `patience` has passed.
    func refresh(_ name: String, patience: UInt64) {
        mutate { core, moment in core.demand(name, at: moment) }
        // Asked for by one or by many: whoever waits here waits for the same run.
        let deadline = TimeSource.systemMonotonicNanoseconds().addingSaturated(patience)
        state.wait(until: deadline) { state -> Void? in
            state.core.isFresh(name, at: advance(&state)) ? () : nil
        }
    }

    /// Starts every check that runs on demand and whose result is no longer good. Takes no lock when there are none.
    func refreshOnDemand() {
        // Relaxed: a check that is being added may be missed by one request.
        guard hasOnDemand.load(ordering: .relaxed) else { return }
        mutate { core, moment in core.demandAll(at: moment) }
    }

    /// Notes that there is a check that runs on demand.
    func noteOnDemand() { hasOnDemand.store(true, ordering: .relaxed) }

    /// The incidents and the events of the retention.
    func incidents() -> [Incident] {
        state.withLock { state in state.core.incidents.incidents(now: advance(&state).now) }
    }

    func history() -> [HealthEvent] {
        state.withLock { state in state.core.incidents.history(now: advance(&state).now) }
    }

    private func context(_ definition: CheckDefinition) -> CheckContext {
        let deadline = TimeSource.systemMonotonicNanoseconds().addingSaturated(definition.timeoutNanoseconds)
        return CheckContext(
            now: awake.monotonicNanoseconds(), unix: time.unixNanoseconds(), deadline: deadline)
    }

    private func finish(_ token: UInt64, _ id: Int, _ result: CheckResult) {
        state.withLock { $0.tasks[token] = nil }
        let isAwaited = mutate { core, moment in
            core.finish(token: token, id: id, result: result, at: moment)
            return core.isOnDemand(id: id)
        }
        if isAwaited { state.wakeAll() }
    }

    private func abandon(_ token: UInt64, _ id: Int) {
        // A job that no thread had time to begin never returns: its run has to end here, or the check would wait for ever.
        if pool.abandon(token: token) { finish(token, id, .fail("not begun in time")) }
        state.withLock { $0.tasks[token] }?.cancel()
    }
}
