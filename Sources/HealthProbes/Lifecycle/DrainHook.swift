// SPDX-License-Identifier: Apache-2.0

/// Work to do while a service ends, once no request is in flight.
struct DrainHook: Sendable {
    /// How the work is run.
    enum Body: Sendable {
        /// On a thread of its own.
        case blocking(@Sendable () throws -> Void)
        /// As a task.
        case task(@Sendable () async throws -> Void)
    }

    let name: String
    let stage: DrainStage
    let timeoutNanoseconds: UInt64
    let body: Body
}

/// When a drain hook runs. Within a stage the newest hook runs first.
public enum DrainStage: Int, Sendable, Comparable, CaseIterable {
    /// First: queues, workers, database pools. Probes are still answered.
    case application
    /// Then: the listener that answers the probes.
    case endpoint
    /// At the very end: writing out what the others logged.
    case final

    /// Whether hooks of `left` run before those of `right`.
    public static func < (left: DrainStage, right: DrainStage) -> Bool { left.rawValue < right.rawValue }
}

/// The hooks of a drain: collected until it begins, then fixed in the order they run in.
struct DrainHooks: Sendable {
    var list: [DrainHook] = []
    private(set) var isFrozen = false

    /// Puts the hooks in order: by stage, and within a stage the newest first.
    mutating func freeze() -> [DrainHook] {
        guard !isFrozen else { return list }
        isFrozen = true
        list = list.enumerated().sorted { ($0.element.stage, $1.offset) < ($1.element.stage, $0.offset) }.map(\.element)
        return list
    }
}
