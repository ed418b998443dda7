// SPDX-License-Identifier: Apache-2.0

extension HealthRegistry {
    /// Adds a check that awaits; throwing is a failure, and the error its message.
    ///
    /// The body runs as a task, which is cancelled at the timeout. If it goes on regardless, the check is not started
    /// again until it returns.
    ///
    /// - Parameters:
    ///   - name: 1 to 64 of letters, digits, `_`, `.` and `-`; not the name of another check.
    ///   - kinds: the questions that the check helps to answer.
    ///   - critical: whether its failure fails the verdict, rather than degrade it.
    ///   - interval: from one start to the next, 10 ms or more; jittered by a tenth.
    ///   - timeout: the longest that a run may take, 1 ms or more.
    ///   - options: thresholds, tags, dependencies and the like.
    ///   - body: the check.
    /// - Throws: `HealthError` for a bad or taken name and for options that make no sense.
    public func register(
        _ name: String, _ kinds: CheckKinds, critical: Bool = false, every interval: Duration = .seconds(10),
        timeout: Duration = .seconds(1), options: CheckOptions = CheckOptions(),
        _ body: @escaping @Sendable () async throws -> Void
    ) throws(HealthError) {
        let check = HealthCheck(
            .task { _ in
                try await body()
                return .pass
            })
        try register(name, kinds, critical: critical, every: interval, timeout: timeout, options: options, check)
    }

    /// Adds a check that may block; throwing is a failure, and the error its message.
    ///
    /// The body runs on a thread of the registry's own. If it passes the timeout the thread is left behind and
    /// replaced, and the check is not started again until it returns.
    ///
    /// - Parameters:
    ///   - name: 1 to 64 of letters, digits, `_`, `.` and `-`; not the name of another check.
    ///   - kinds: the questions that the check helps to answer.
    ///   - critical: whether its failure fails the verdict, rather than degrade it.
    ///   - interval: from one start to the next, 10 ms or more; jittered by a tenth.
    ///   - timeout: the longest that a run may take, 1 ms or more.
    ///   - options: thresholds, tags, dependencies and the like.
    ///   - body: the check.
    /// - Throws: `HealthError` for a bad or taken name and for options that make no sense.
    public func register(
        _ name: String, _ kinds: CheckKinds, critical: Bool = false, every interval: Duration = .seconds(10),
        timeout: Duration = .seconds(1), options: CheckOptions = CheckOptions(),
        _ body: @escaping @Sendable () throws -> Void
    ) throws(HealthError) {
        let check = HealthCheck(
            .blocking { _ in
                try body()
                return .pass
            })
        try register(name, kinds, critical: critical, every: interval, timeout: timeout, options: options, check)
    }

    /// Adds a ready-made check, or one that measures.
    ///
    /// - Parameters:
    ///   - name: 1 to 64 of letters, digits, `_`, `.` and `-`; not the name of another check.
    ///   - kinds: the questions that the check helps to answer.
    ///   - critical: whether its failure fails the verdict, rather than degrade it.
    ///   - interval: from one start to the next, 10 ms or more; jittered by a tenth.
    ///   - timeout: the longest that a run may take, 1 ms or more.
    ///   - options: thresholds, tags, dependencies and the like.
    ///   - check: the check.
    /// - Throws: `HealthError` for a bad or taken name and for options that make no sense.
    public func register(
        _ name: String, _ kinds: CheckKinds, critical: Bool = false, every interval: Duration = .seconds(10),
        timeout: Duration = .seconds(1), options: CheckOptions = CheckOptions(), _ check: HealthCheck
    ) throws(HealthError) {
        _ = try add(
            CheckDefinition(
                name: name, kinds: kinds, isCritical: critical, interval: interval, timeout: timeout,
                options: options, check: check))
    }

    /// Takes a check or a heartbeat out. A run that is outstanding is cancelled, and its result thrown away.
    ///
    /// - Throws: `HealthError.Code.unknownCheck`.
    public func remove(_ name: String) throws(HealthError) {
        try engine.mutate { (core, moment) throws(HealthError) in try core.remove(named: name, at: moment) }
        heartbeatList.withLock { $0.removeAll { $0.name == name } }
        watchList.withLock { $0.removeAll { $0.name == name } }
    }

    /// Adds a definition and returns its id.
    func add(_ definition: CheckDefinition) throws(HealthError) -> Int {
        if definition.isOnDemand { engine.noteOnDemand() }
        return try engine.mutate { (core, moment) throws(HealthError) in try core.add(definition, at: moment) }
    }
}
