// SPDX-License-Identifier: Apache-2.0

import Instrument

// Requests in flight, drain hooks and the drain itself.
extension HealthEngine {
    func requestBegan() { inFlight.enter() }

    func requestEnded() {
        if inFlight.leave() { tick() }
    }

    var requestsInFlight: Int { inFlight.value }

    /// Adds a drain hook.
    ///
    /// - Returns: whether it will run; false once the drain has begun.
    func add(_ hook: DrainHook) -> Bool {
        hooks.withLock { hooks in
            guard !hooks.isFrozen else { return false }
            hooks.list.append(hook)
            return true
        }
    }

    /// Begins the drain on the caller's thread: when this returns, every snapshot says so. Later calls change nothing.
    func beginDrain() {
        inFlight.watch()
        let timeouts = hooks.withLock { $0.freeze() }.map(\.timeoutNanoseconds)
        mutate { core, moment in
            core.beginDrain(hookTimeouts: timeouts, inFlight: inFlight.value, at: moment)
        }
        do throws(SystemError) {
            try startThread()
        } catch {
            // Without a thread nobody would watch the deadlines: end now rather than never.
            events.post(.hook("scheduler", "drain cut short: \(error)", unix: time.unixNanoseconds()))
            outcome.finish(1)
        }
    }

    func skipDrainDelay() {
        mutate { core, moment in core.skipDrainDelay(inFlight: inFlight.value, at: moment) }
    }

    /// Adds a callback for events.
    func addCallback(_ callback: @escaping @Sendable (HealthEvent) -> Void) throws(SystemError) {
        try events.add(startsThread: drive == .thread, callback)
    }

    func perform(_ action: DrainMachine.Action) {
        switch action {
        case .runHook(let number): runHook(number)
        case .abandonHook(let number):
            let name = hooks.withLock { $0.list[number].name }
            events.post(.hook(name, "drain hook ran past its deadline", unix: time.unixNanoseconds()))
        case .finish(let code): outcome.finish(code)
        }
    }

    private func runHook(_ number: Int) {
        let hook = hooks.withLock { $0.list[number] }
        switch hook.body {
        case .blocking(let work):
            let run = { @Sendable [self] in
                do {
                    try work()
                    hookEnded(number, hook.name, nil)
                } catch {
                    hookEnded(number, hook.name, error)
                }
            }
            guard drive == .thread else { return run() }
            do throws(SystemError) {
                try PlainThread(name: "health-drain", stackBytes: 1_024 * 1_024, run).detach()
            } catch {
                hookEnded(number, hook.name, error)
            }
        case .task(let work):
            Task.detached { [self] in
                do {
                    try await work()
                    hookEnded(number, hook.name, nil)
                } catch {
                    hookEnded(number, hook.name, error)
                }
            }
        }
    }

    private func hookEnded(_ number: Int, _ name: String, _ error: (any Error)?) {
        if let error {
            events.post(.hook(name, "drain hook failed: \(error)", unix: time.unixNanoseconds()))
        }
        mutate { core, moment in core.hookEnded(number, failed: error != nil, at: moment) }
    }
}
