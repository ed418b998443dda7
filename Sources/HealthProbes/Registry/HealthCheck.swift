// SPDX-License-Identifier: Apache-2.0

/// When a run of a check began, for checks that look back in time.
struct CheckContext: Sendable {
    /// Awake monotonic time, in nanoseconds.
    var now: UInt64
    /// Wall time, in nanoseconds since 1970.
    var unix: Int64
    /// When the run should be over, on the system's own monotonic clock, in nanoseconds.
    var deadline: UInt64
}

/// Something that can be asked how it is: what the ready-made checks are, and what a check that measures can be.
///
/// ```swift
/// try health.register("pool", .readiness, HealthCheck { pool.idle > 2 ? .pass : .warn("\(pool.idle) idle") })
/// ```
public struct HealthCheck: Sendable {
    /// How a check is run.
    enum Body: Sendable {
        /// On a thread of the registry's own pool.
        case blocking(@Sendable (CheckContext) throws -> CheckResult)
        /// As a task.
        case task(@Sendable (CheckContext) async throws -> CheckResult)
        /// On the scheduler itself: only for what reads a few words of memory and never waits.
        case inline(@Sendable (_ now: UInt64) -> InlineResult)
    }

    /// What an inline check found.
    struct InlineResult: Sendable {
        /// Nil when there is nothing to tell yet.
        var result: CheckResult?
        /// When to look again, in monotonic nanoseconds.
        var next: UInt64
        /// What to do once no lock is held; it must not wait.
        var after: (@Sendable () -> Void)?
    }

    let body: Body
    /// Whether it asks something outside this process.
    var reachesDependency = false

    init(_ body: Body, reachesDependency: Bool = false) {
        self.body = body
        self.reachesDependency = reachesDependency
    }

    /// A check that may block: it runs on a thread of the registry's own.
    ///
    /// - Parameter evaluate: gives the result; throwing is a failure.
    public init(_ evaluate: @escaping @Sendable () throws -> CheckResult) {
        self.init(.blocking { _ in try evaluate() })
    }

    /// A check that awaits: it runs as a task and is cancelled at its timeout.
    ///
    /// - Parameter evaluate: gives the result; throwing is a failure.
    public init(_ evaluate: @escaping @Sendable () async throws -> CheckResult) {
        self.init(.task { _ in try await evaluate() })
    }
}
