// SPDX-License-Identifier: Apache-2.0

/// The state of everything at one moment: four verdicts, the phase of the service's life, and every check.
///
/// An immutable value around one shared object: getting and reading one allocates nothing, so that every request may.
public struct HealthSnapshot: Sendable {
    private final class Storage: Sendable {
        let generation: UInt64
        let unixNanoseconds: Int64
        let phase: LifecyclePhase
        let liveness: Verdict
        let readiness: Verdict
        let startup: Verdict
        let overall: Verdict
        let checks: [CheckReport]
        let positions: [String: Int]

        init(
            generation: UInt64, unix: Int64, aggregation: Aggregation, positions: [String: Int]
        ) {
            self.generation = generation
            unixNanoseconds = unix
            phase = aggregation.phase
            liveness = aggregation.liveness
            readiness = aggregation.readiness
            startup = aggregation.startup
            overall = aggregation.overall
            checks = aggregation.reports
            self.positions = positions
        }

        /// The same verdicts with newer figures.
        init(_ other: Storage, generation: UInt64, unix: Int64, checks: [CheckReport]) {
            self.generation = generation
            unixNanoseconds = unix
            phase = other.phase
            liveness = other.liveness
            readiness = other.readiness
            startup = other.startup
            overall = other.overall
            self.checks = checks
            positions = other.positions
        }
    }

    private let storage: Storage

    init(generation: UInt64, unix: Int64, aggregation: Aggregation, positions: [String: Int]) {
        storage = Storage(generation: generation, unix: unix, aggregation: aggregation, positions: positions)
    }

    private init(storage: Storage) { self.storage = storage }

    /// The same verdicts with newer figures.
    func refreshed(generation: UInt64, unix: Int64, checks: [CheckReport]) -> HealthSnapshot {
        HealthSnapshot(storage: Storage(storage, generation: generation, unix: unix, checks: checks))
    }

    /// Grows with every change, so that a rendering may be kept as long as it stays the same.
    public var generation: UInt64 { storage.generation }
    /// When it was taken, in nanoseconds since 1970.
    public var unixNanoseconds: Int64 { storage.unixNanoseconds }
    /// Where the service is in its life.
    public var phase: LifecyclePhase { storage.phase }
    /// Must this process be restarted?
    public var liveness: Verdict { storage.liveness }
    /// May traffic be sent here?
    public var readiness: Verdict { storage.readiness }
    /// Has it come up?
    public var startup: Verdict { storage.startup }
    /// The worst of everything.
    public var overall: Verdict { storage.overall }
    /// Every check, in order of registration.
    public var checks: [CheckReport] { storage.checks }

    /// The answer to one probe's question.
    public func verdict(_ kind: ProbeKind) -> Verdict {
        switch kind {
        case .liveness: storage.liveness
        case .readiness: storage.readiness
        case .startup: storage.startup
        case .overall: storage.overall
        }
    }

    /// The answer to one probe's question as if the named checks were not there.
    ///
    /// - Complexity: O(checks); allocates. For `?exclude=`.
    public func verdict(_ kind: ProbeKind, excluding names: Set<String>) -> Verdict {
        let rest = Aggregation(
            reports: checks.filter { !names.contains($0.name) },
            phase: phase,
            isStarted: startup.isServing || startup.causes.allSatisfy(names.contains)
        )
        return switch kind {
        case .liveness: rest.liveness
        case .readiness: rest.readiness
        case .startup: rest.startup
        case .overall: rest.overall
        }
    }

    /// The check of that name, or nil.
    public func check(named name: String) -> CheckReport? {
        storage.positions[name].map { storage.checks[$0] }
    }
}
