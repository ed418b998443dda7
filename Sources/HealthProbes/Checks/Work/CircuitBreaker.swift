// SPDX-License-Identifier: Apache-2.0

import Instrument

/// Keeps calls away from a dependency that fails, and lets one through from time to time to see whether it is back.
///
/// ```swift
/// let breaker = CircuitBreaker(failureThreshold: 5, cooldown: .seconds(30))
/// try health.register("payments", .readiness, .circuitBreaker(breaker))
/// let receipt = try await breaker.run { try await payments.charge(order) }
/// ```
public final class CircuitBreaker: Sendable {
    /// Whether calls go through.
    public enum Position: String, Sendable, Hashable, CaseIterable {
        /// Calls go through.
        case closed
        /// Calls are refused.
        case open
        /// One call goes through, to see whether the dependency is back.
        case halfOpen = "half-open"
    }

    /// The error of a call that was refused.
    public struct Refused: Error, Sendable, CustomStringConvertible {
        /// What to tell.
        public let description = "the circuit breaker is open: the call was not made"
    }

    private struct State: Sendable {
        var failures = 0
        /// Until when calls are refused; nil while closed.
        var openUntil: UInt64?
        var isProbing = false
    }

    private let failureThreshold: Int
    private let cooldown: UInt64
    private let time: TimeSource
    private let onChange: (@Sendable (Position) -> Void)?
    private let state = Lock(State())

    /// Makes a closed breaker.
    ///
    /// - Parameters:
    ///   - failureThreshold: failures in a row that open it; 1 or more.
    ///   - cooldown: how long it stays open before one call is let through.
    ///   - time: the clock to go by.
    ///   - onChange: called on the caller's thread when the position changes.
    public init(
        failureThreshold: Int = 5, cooldown: Duration = .seconds(30), time: TimeSource = .system,
        onChange: (@Sendable (Position) -> Void)? = nil
    ) {
        precondition(
            failureThreshold >= 1, "CircuitBreaker: failure threshold is \(failureThreshold); use 1 or more")
        self.failureThreshold = failureThreshold
        self.cooldown = UInt64(max(0, cooldown.saturatedNanoseconds))
        self.time = time
        self.onChange = onChange
    }

    /// Whether calls go through at the moment.
    public var position: Position {
        let now = time.monotonicNanoseconds()
        return state.withLock { position($0, now: now) }
    }

    /// Makes a call, unless the breaker is open.
    ///
    /// - Throws: `Refused`, or what the call throws.
    public func run<Result>(_ call: () throws -> Result) throws -> Result {
        try admit()
        do {
            let result = try call()
            note(succeeded: true)
            return result
        } catch {
            note(succeeded: false)
            throw error
        }
    }

    /// Makes a call, unless the breaker is open.
    ///
    /// - Parameters:
    ///   - isolation: the caller's actor.
    ///   - call: the call.
    /// - Throws: `Refused`, or what the call throws.
    public func run<Result>(
        isolation: isolated (any Actor)? = #isolation, _ call: () async throws -> Result
    ) async throws -> Result {
        try admit()
        do {
            let result = try await call()
            note(succeeded: true)
            return result
        } catch {
            note(succeeded: false)
            throw error
        }
    }

    private func admit() throws(Refused) {
        let now = time.monotonicNanoseconds()
        let isAdmitted = state.withLock { state in
            switch position(state, now: now) {
            case .closed: return true
            case .open: return false
            case .halfOpen:
                guard !state.isProbing else { return false }
                state.isProbing = true
                return true
            }
        }
        guard isAdmitted else { throw Refused() }
    }

    private func note(succeeded: Bool) {
        let now = time.monotonicNanoseconds()
        let (before, after) = state.withLock { state in
            let before: Position = state.openUntil == nil ? .closed : state.isProbing ? .halfOpen : .open
            if succeeded {
                state = State()
            } else {
                state.failures += 1
                state.isProbing = false
                if state.failures >= failureThreshold { state.openUntil = now &+ cooldown }
            }
            return (before, position(state, now: now))
        }
        if before != after { onChange?(after) }
    }

    private func position(_ state: State, now: UInt64) -> Position {
        guard let until = state.openUntil else { return .closed }
        return now < until ? .open : .halfOpen
    }
}

extension HealthCheck {
    /// Whether a circuit breaker lets calls through: an open one fails, a half-open one degrades.
    ///
    /// - Parameter breaker: the breaker.
    public static func circuitBreaker(_ breaker: CircuitBreaker) -> HealthCheck {
        circuitBreaker { breaker.position }
    }

    /// The same for a breaker of another make.
    ///
    /// - Parameter position: tells the breaker's position.
    public static func circuitBreaker(
        position: @escaping @Sendable () -> CircuitBreaker.Position
    ) -> HealthCheck {
        HealthCheck {
            switch position() {
            case .closed: .pass
            case .halfOpen: .warn("half-open: trying whether the dependency is back")
            case .open: .fail("open: calls are refused")
            }
        }
    }
}
