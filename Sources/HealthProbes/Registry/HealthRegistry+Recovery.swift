// SPDX-License-Identifier: Apache-2.0

import Instrument

extension HealthRegistry {
    /// Does something about a check as soon as it fails: restarts a component, clears a cache, rotates a log.
    ///
    /// The action runs on the thread for events, once for each failure that is told and once for each reminder while the
    /// failure lasts; not while the check flaps or is suppressed, and never for an injected fault. Once it has run
    /// `attemptsMax` times within `window` it rests: restarting in a loop cures nothing. What rests is told by
    /// `RecoveryState.isExhausted`, and by the check that `restartLoop` makes of its log.
    ///
    /// - Parameters:
    ///   - name: the check.
    ///   - attemptsMax: how often the action may run within `window`.
    ///   - window: the time that attempts count for.
    ///   - action: what to do; an error is kept as `RecoveryState.lastFailure`.
    /// - Returns: how the recovery goes.
    /// - Throws: `HealthError.Code.unknownCheck`, or `.system` when the operating system has no thread to give.
    @discardableResult
    public func recover(
        _ name: String, attemptsMax: Int = 3, per window: Duration = .seconds(3_600),
        _ action: @escaping @Sendable () throws -> Void
    ) throws(HealthError) -> RecoveryState {
        guard snapshot().check(named: name) != nil else { throw HealthError.unknownCheck(name) }
        let state = RecoveryState(attemptsMax: attemptsMax, window: window, time: engine.time)
        try onEvent { event in
            guard event.subject == .check(name), event.status == .fail, !event.marks.contains(.test) else { return }
            guard event.occasion == .transition || event.occasion == .reminder else { return }
            state.attempt(action)
        }
        return state
    }
}

/// How the automatic recovery of a check goes.
public final class RecoveryState: Sendable {
    /// The attempts so far; feed it to `HealthCheck.restartLoop` to notice a loop.
    public let attempts: RestartLog

    private let attemptsMax: Int
    private let window: Duration
    private let failure = Lock<String?>(nil)

    init(attemptsMax: Int, window: Duration, time: TimeSource) {
        attempts = RestartLog(time: time)
        self.attemptsMax = attemptsMax
        self.window = window
    }

    /// Whether all attempts of the window are used up.
    public var isExhausted: Bool { attempts.count(within: window) >= attemptsMax }

    /// Why the newest attempt failed; nil after one that did not.
    public var lastFailure: String? { failure.withLock { $0 } }

    func attempt(_ action: () throws -> Void) {
        guard !isExhausted else { return }
        do {
            try attempts.note()
            try action()
            failure.withLock { $0 = nil }
        } catch {
            failure.withLock { $0 = String(describing: error) }
        }
    }
}
