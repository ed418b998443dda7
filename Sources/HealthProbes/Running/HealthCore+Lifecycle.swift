// SPDX-License-Identifier: Apache-2.0

extension HealthCore {
    /// Begins the drain; later calls change nothing.
    mutating func beginDrain(hookTimeouts: [UInt64], inFlight: Int, at moment: Moment) {
        guard drain.begin(hookTimeouts: hookTimeouts, now: moment.now) else { return }
        take(drain.step(now: moment.now, inFlight: inFlight))
        change()
    }

    /// Notes that a drain hook has ended.
    mutating func hookEnded(_ number: Int, failed: Bool, at moment: Moment) {
        take(drain.hookEnded(number, failed: failed, now: moment.now))
    }

    /// Skips what is left of the delay, as the second signal asks for.
    mutating func skipDrainDelay(inFlight: Int, at moment: Moment) {
        drain.skipDelay(now: moment.now)
        take(drain.step(now: moment.now, inFlight: inFlight))
    }

    /// Switches maintenance on or off.
    mutating func setMaintenance(_ isOn: Bool, at moment: Moment) {
        guard isOn != isMaintained else { return }
        isMaintained = isOn
        change()
    }

    /// Hands the drain's actions to the shell.
    mutating func take(_ actions: [DrainMachine.Action]) {
        for action in actions { emit(.drain(action)) }
        if !actions.isEmpty { change() }
    }
}
