// SPDX-License-Identifier: Apache-2.0

extension HealthRegistry {
    /// Expects a beat in a steady rhythm from an agent, a worker or a loop.
    ///
    /// The heartbeat is a check like any other: missing beats fail it, beats that come too early degrade it.
    ///
    /// - Parameters:
    ///   - name: 1 to 64 of letters, digits, `_`, `.` and `-`; not the name of another check.
    ///   - interval: the expected time between two beats, 10 ms or more.
    ///   - tolerance: how much earlier or later a beat may come, less than the interval.
    ///   - kinds: the questions that the heartbeat helps to answer.
    ///   - critical: whether a missing beat fails the verdict, rather than degrade it.
    ///   - options: tags, dependencies and the like.
    /// - Returns: the handle to beat with; keep it.
    /// - Throws: `HealthError` for a bad or taken name and for durations that make no sense.
    public func heartbeat(
        _ name: String, every interval: Duration, tolerance: Duration = .zero, kinds: CheckKinds = .info,
        critical: Bool = false, options: CheckOptions = CheckOptions()
    ) throws(HealthError) -> Heartbeat {
        guard tolerance >= .zero, tolerance < interval else {
            throw HealthError(
                .invalidOption,
                "heartbeat \"\(name)\": tolerance is \(tolerance), interval \(interval); use less than the interval")
        }
        return try add(
            Heartbeat(name: name, interval: interval, tolerance: tolerance, hasRhythm: true, engine: engine), kinds,
            critical, options)
    }

    /// Expects a beat from a worker at the latest so long after the one before; none is too early, since work comes when
    /// it comes. The worker says ``Heartbeat/idle()`` while it waits for some.
    ///
    /// - Parameters:
    ///   - name: 1 to 64 of letters, digits, `_`, `.` and `-`; not the name of another check.
    ///   - limit: the longest time between two beats, 10 ms or more.
    ///   - kinds: the questions that the heartbeat helps to answer.
    ///   - critical: whether a missing beat fails the verdict, rather than degrade it.
    ///   - options: tags, dependencies and the like.
    /// - Returns: the handle to beat with; keep it.
    /// - Throws: `HealthError` for a bad or taken name and for a limit that makes no sense.
    public func heartbeat(
        _ name: String, within limit: Duration, kinds: CheckKinds = .info, critical: Bool = false,
        options: CheckOptions = CheckOptions()
    ) throws(HealthError) -> Heartbeat {
        try add(
            Heartbeat(name: name, interval: limit, tolerance: .zero, hasRhythm: false, engine: engine), kinds, critical,
            options)
    }

    private func add(
        _ heartbeat: Heartbeat, _ kinds: CheckKinds, _ critical: Bool, _ options: CheckOptions
    ) throws(HealthError) -> Heartbeat {
        let check = HealthCheck(.inline { heartbeat.evaluate(now: $0) })
        let id = try add(
            CheckDefinition(
                name: heartbeat.name, kinds: kinds, isCritical: critical, interval: heartbeat.interval,
                timeout: .seconds(1), options: options, check: check))
        heartbeat.attach(id: id)
        heartbeat.publish(to: engine)
        heartbeatList.withLock { $0.append(heartbeat) }
        return heartbeat
    }

    /// All heartbeats with when they were last seen, in order of registration. Live values; takes no check's time.
    public func heartbeats() -> [HeartbeatReport] {
        heartbeatList.withLock { $0 }.map { $0.report() }
    }

    /// The gauge that shows when each heartbeat was last seen, and its label that carries the heartbeat's name.
    package var heartbeatSeries: (metric: String, label: String) {
        (engine.configuration.heartbeatMetric, engine.configuration.heartbeatLabel)
    }
}
