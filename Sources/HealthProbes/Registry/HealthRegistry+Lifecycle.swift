// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument

extension HealthRegistry {
    /// What to do once a drain that a signal began is over.
    public enum DrainEnding: Sendable, Hashable {
        /// End the process: with 0 after a clean drain, with 1 if something had to be cut short.
        case exitProcess
        /// Nothing: `drained()` or `waitUntilDrained()` tell, and the program ends itself.
        case report
    }

    /// Begins to end the service: from now on readiness fails for good. Returns at once; later calls change nothing.
    ///
    /// Liveness stays as it is. Requests are served for the configured delay, those in flight are awaited, then the
    /// hooks run. All of it ends within the budget.
    public func beginDrain() { engine.beginDrain() }

    /// Begins the drain on SIGTERM and SIGINT; a second signal skips the delay.
    ///
    /// A handler that was installed before is called as well. Ask for this in one registry of the process only.
    ///
    /// - Parameter ending: what to do once the drain is over.
    /// - Throws: `HealthError.Code.signalsTaken` or `.system`.
    public func drainOnSignals(then ending: DrainEnding = .exitProcess) throws(HealthError) {
        let engine = engine
        try SignalWatcher.start { _ in
            if engine.snapshot().phase == .draining { engine.skipDrainDelay() } else { engine.beginDrain() }
        }
        if ending == .exitProcess { engine.outcome.exitProcess() }
    }

    /// Adds work to do while the service ends, once no request is in flight.
    ///
    /// Within a stage the newest hook runs first. One that runs past its timeout is left behind, and the exit code is 1.
    ///
    /// - Parameters:
    ///   - name: for the log.
    ///   - stage: whether it belongs to the application, the endpoint that answers probes, or the very end.
    ///   - timeout: how long it may take.
    ///   - work: the hook; it runs on a thread of its own. Throwing makes the exit code 1.
    /// - Returns: whether the hook will run; false once the drain has begun.
    @discardableResult
    public func onDrain(
        _ name: String, stage: DrainStage = .application, timeout: Duration = .seconds(5),
        _ work: @escaping @Sendable () throws -> Void
    ) -> Bool {
        engine.add(DrainHook(name: name, stage: stage, timeout: timeout, body: .blocking(work)))
    }

    /// Adds work to do while the service ends, once no request is in flight.
    ///
    /// - Parameters:
    ///   - name: for the log.
    ///   - stage: whether it belongs to the application, the endpoint that answers probes, or the very end.
    ///   - timeout: how long it may take.
    ///   - work: the hook; it runs as a task. Throwing makes the exit code 1.
    /// - Returns: whether the hook will run; false once the drain has begun.
    @discardableResult
    public func onDrain(
        _ name: String, stage: DrainStage = .application, timeout: Duration = .seconds(5),
        _ work: @escaping @Sendable () async throws -> Void
    ) -> Bool {
        engine.add(DrainHook(name: name, stage: stage, timeout: timeout, body: .task(work)))
    }

    /// Notes a request in flight: a drain waits until the token goes away.
    public func beginRequest() -> InFlightToken { InFlightToken(engine) }

    /// Requests in flight.
    public var requestsInFlight: Int { engine.requestsInFlight }

    /// Notes a request in flight without a token; every call needs its `endRequest`.
    package func enterRequest() { engine.requestBegan() }

    /// Ends what `enterRequest` began.
    package func leaveRequest() { engine.requestEnded() }

    /// Switches the service out of traffic or back: readiness fails meanwhile, liveness does not.
    public func setMaintenance(_ isOn: Bool) {
        engine.mutate { core, moment in core.setMaintenance(isOn, at: moment) }
    }

    /// Waits on the calling thread until a drain is over.
    ///
    /// - Returns: 0 after a clean drain, 1 if something had to be cut short.
    public func waitUntilDrained() -> Int32 { engine.outcome.wait() }

    /// Waits until a drain is over.
    ///
    /// - Returns: 0 after a clean drain, 1 if something had to be cut short.
    public func drained() async -> Int32 { await engine.outcome.value() }

    /// Calls `callback` for every event, one after the other, on a thread for events.
    ///
    /// - Parameter callback: may take its time: it delays other callbacks alone. Past 1,024 waiting events new ones are
    ///   dropped and counted in `droppedEvents`.
    /// - Throws: `HealthError.Code.system` when the operating system has no thread to give.
    public func onEvent(_ callback: @escaping @Sendable (HealthEvent) -> Void) throws(HealthError) {
        do throws(SystemError) {
            try engine.addCallback(callback)
        } catch {
            throw HealthError(.system, "health: cannot start the thread for events: \(error); free some threads")
        }
    }

    /// Events from now on. A reader that falls more than 256 behind loses the oldest; `stop()` ends the stream.
    public func events() -> AsyncStream<HealthEvent> { engine.events.stream() }

    /// Events that no callback saw because too many waited.
    public var droppedEvents: UInt64 { engine.events.dropped }
}

extension DrainHook {
    init(name: String, stage: DrainStage, timeout: Duration, body: Body) {
        self.init(
            name: name, stage: stage, timeoutNanoseconds: UInt64(max(0, timeout.saturatedNanoseconds)), body: body)
    }
}
