// SPDX-License-Identifier: Apache-2.0

/// A closure that brings some families up to date when they are scraped.
final class Collector: Sendable {
    let name: String
    private let refresh: @Sendable () throws -> Void

    init(name: String, refresh: @escaping @Sendable () throws -> Void) {
        self.name = name
        self.refresh = refresh
    }

    /// Runs the closure; false when it threw.
    func run() -> Bool {
        do {
            try refresh()
            return true
        } catch {
            return false
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
    /// When `refresh` throws, its metrics are left out of that scrape, and `instrument_collector_failures_total` counts it.
    ///
    /// - Parameters:
    ///   - name: tells collectors apart in the registry's own metrics.
    ///   - metrics: the handles or families of this registry that `refresh` sets; each has one collector at most.
    ///   - refresh: sets them; called from threads that scrape.
    /// - Throws: ``MetricError/Code/nameTaken`` when one of the metrics has a collector already, or is of another registry.
    public func collector(
        _ name: String, of metrics: [any MetricSource], refresh: @escaping @Sendable () throws -> Void
    ) throws(MetricError) {
        try attach(Collector(name: name, refresh: refresh), to: metrics.map { $0.familyReference.head })
    }
}
