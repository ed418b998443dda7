// SPDX-License-Identifier: Apache-2.0

/// What a check may be told beyond its kinds, interval and timeout.
public struct CheckOptions: Sendable {
    /// Failures in a row until the status fails; 1 or more.
    public var failureThreshold = 1
    /// Results in a row without failure until a failed status recovers; 1 or more.
    public var successThreshold = 1
    /// Words to find the check by.
    public var tags: [String] = []
    /// Names of checks, registered before, whose failure explains this one's.
    public var dependsOn: [String] = []
    /// What anyone may read while the check does not pass; nil shows nothing.
    public var publicMessage: String?
    /// The interval while the check fails; nil keeps the usual one.
    public var recoveryInterval: Duration?
    /// How long after the start the first run waits.
    public var initialDelay: Duration = .zero
    /// Runs the check only when it is asked for, after a first run at the start, and keeps each result for this long.
    /// For checks that are too costly for a schedule. Nil runs it on its interval.
    public var onDemand: Duration?
    /// Whether the check asks something outside this process: a database, a service, a name server.
    public var reachesDependency = false
    /// Lets a check that reaches a dependency decide on liveness. A dependency's outage then restarts this process,
    /// and every other one that depends on it, without curing anything.
    public var allowsDependencyOnLiveness = false

    /// The defaults: every result decides, nothing depends on anything.
    public init() {}
}
