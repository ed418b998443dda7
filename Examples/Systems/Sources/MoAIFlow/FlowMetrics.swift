// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument

/// What kind of statement the database ran.
enum QueryKind: String, CaseIterable, Sendable {
    case insert
    case select
    case aggregate
    case prune
}

/// What the service measures, under the names that its alert rules and dashboards know.
struct FlowMetrics: Sendable {
    let events: Family<Counter, String>
    let operations: Counter
    let errors: Counter
    /// Quantiles of this process alone, `…{quantile="0.95"}`: what the alert `HighQueryLatency` reads.
    let queryDuration: Family<Summary, QueryKind>
    /// The same times in buckets, under a name of their own since a family is either a summary or a histogram. Buckets
    /// add up over replicas, quantiles do not.
    let queryLatency: Family<Histogram, QueryKind>

    private let agentsActive: Gauge
    private let databaseBytes: Gauge

    init(_ metrics: MetricRegistry, queryWindow: Duration) throws {
        events = try metrics.counter(
            "moai_flow_events_total", help: "Total number of events processed.", labels: "event_type")
        operations = try metrics.counter("moai_flow_operations_total", help: "Messages and queries that were tried.")
        errors = try metrics.counter("moai_flow_errors_total", help: "Messages and queries that failed.")
        queryDuration = try metrics.summary(
            "moai_flow_query_duration_seconds", help: "Query duration in seconds.", unit: "seconds",
            quantiles: [0.5, 0.95, 0.99], window: queryWindow, labels: EnumLabel<QueryKind>("query_type"))
        queryLatency = try metrics.histogram(
            "moai_flow_query_latency_seconds", help: "Query duration in seconds, in buckets.", unit: "seconds",
            buckets: [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
            labels: EnumLabel<QueryKind>("query_type"))
        agentsActive = try metrics.gauge("moai_flow_agents_active", help: "Number of active agents.")
        databaseBytes = try metrics.gauge(
            "moai_flow_db_size_bytes", help: "Database size in bytes.", unit: "bytes")
        try metrics.registerProcessMetrics()
    }

    /// Lets each scrape read the figures that only the database knows.
    func collect(from database: SwarmDatabase, in metrics: MetricRegistry) throws {
        try metrics.collector("swarm", of: [agentsActive, databaseBytes]) {
            agentsActive.set(try database.activeAgents().count)
            databaseBytes.set(try database.byteCount())
        }
    }

    /// Registers the machine's memory and file system under node_exporter's names, for alert expressions that divide by
    /// them: joined without `on ()`, both sides must come from one target.
    func registerNode(in metrics: MetricRegistry, folder: String) throws {
        let memory = try metrics.gauge("node_memory_MemTotal_bytes", help: "Memory of the machine, in bytes.")
        memory.set(Double(ProcessInfo.processInfo.physicalMemory))
        let free = try metrics.gauge(
            "node_filesystem_avail_bytes", help: "Free bytes of the file system.", labels: "mountpoint")
        let size = try metrics.gauge(
            "node_filesystem_size_bytes", help: "Size of the file system, in bytes.", labels: "mountpoint")
        try metrics.collector("node_filesystem", of: [free, size]) {
            let disk = try SystemReading.disk(folder)
            free.with(folder).set(Double(disk.availableBytes))
            size.with(folder).set(Double(disk.totalBytes))
        }
    }

    /// Runs a query, counts it and times it.
    func measure<Result>(_ kind: QueryKind, _ query: () throws -> Result) throws -> Result {
        let watch = Stopwatch()
        operations.increment()
        defer {
            let elapsed = watch.observe(in: queryLatency.with(kind))
            queryDuration.with(kind).observe(elapsed)
        }
        do {
            return try query()
        } catch {
            errors.increment()
            throw error
        }
    }

    /// The 95th percentile of the slowest kind of query, in seconds.
    func slowestQuery() -> Double {
        QueryKind.allCases.map { queryDuration.with($0).quantile(0.95) }.filter { !$0.isNaN }.max() ?? 0
    }
}
