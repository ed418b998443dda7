// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A closure that brings some families up to date when they are scraped.
final class Collector: Sendable {
    let name: String
    private let refresh: @Sendable () throws -> Void
    private let isRunning = Atomic(false)

    init(name: String, refresh: @escaping @Sendable () throws -> Void) {
        self.name = name
        self.refresh = refresh
    }

    /// How a run ended.
    enum Outcome {
        case done
        case failed
        /// The run before has not returned yet.
        case stillRunning
    }

    /// Runs the closure, unless it is running.
    func run() -> Outcome {
        guard !isRunning.exchange(true, ordering: .acquiring) else { return .stillRunning }
        defer { isRunning.store(false, ordering: .releasing) }
        do {
            try refresh()
            return .done
        } catch {
            return .failed
        }
    }
}

extension MetricRegistry {
    /// Registers a closure that brings metrics up to date at each scrape, for values that live elsewhere.
    ///
    /// ```swift
    /// let used = try metrics.gauge("disk_used_bytes", help: "…", labels: "path")
    /// try metrics.collector("disk", of: [used]) { used.with("/").set(try usedBytes("/")) }
    /// ```
    ///
    /// When `refresh` throws, its metrics are left out of that scrape, and `instrument_collector_failures_total` counts
    /// it. When it has not returned in time, they are left out as well, `instrument_collector_timeouts_total` counts it,
    /// and it is not called again before it has returned.
    ///
    /// - Parameters:
    ///   - name: tells collectors apart in the registry's own metrics.
    ///   - metrics: the handles or families of this registry that `refresh` sets; each has one collector at most.
    ///   - refresh: sets them; called on threads of the package's own, never twice at once.
    /// - Throws: ``MetricError/Code/nameTaken`` when one of the metrics has a collector already, or is of
    ///   another registry, or when another collector has the name.
    public func collector(
        _ name: String, of metrics: [any MetricSource], refresh: @escaping @Sendable () throws -> Void
    ) throws(MetricError) {
        try attach(Collector(name: name, refresh: refresh), to: metrics.map { $0.familyReference.head })
    }
}
