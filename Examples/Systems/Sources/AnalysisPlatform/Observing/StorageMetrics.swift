// SPDX-License-Identifier: Apache-2.0

import Instrument

/// What a query does.
enum QueryKind: String, CaseIterable, Sendable {
    case insert
    case update
    case select
    case backup
}

/// What is measured of the database and the connections to it.
struct DatabaseMetrics: Sendable {
    let active: Gauge
    let connections: Gauge
    let waiting: Histogram
    let timeouts: Counter
    let errors: Counter
    let duration: Family<Histogram, QueryKind>
    let bytes: Gauge
    let tables: Gauge

    init(_ metrics: MetricRegistry) throws {
        active = try metrics.gauge("database_connections_active", help: "Connections of the pool in use.")
        connections = try metrics.gauge("database_connections_limit", help: "Connections of the pool.")
        waiting = try metrics.histogram(
            "database_pool_wait_seconds", help: "How long queries waited for a connection.", unit: "seconds",
            buckets: [0.00001, 0.0001, 0.001, 0.01, 0.1, 0.5, 1, 5])
        timeouts = try metrics.counter("database_pool_timeouts_total", help: "Queries that got no connection in time.")
        errors = try metrics.counter("database_errors_total", help: "Queries that failed.")
        duration = try metrics.histogram(
            "database_query_duration_seconds", help: "How long queries took.", unit: "seconds",
            buckets: [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
            labels: EnumLabel<QueryKind>("query_type"))
        bytes = try metrics.gauge("database_size_bytes", help: "Size of the database, in bytes.", unit: "bytes")
        tables = try metrics.gauge("database_tables_count", help: "Tables of the database.")
    }
}

/// What is measured of the backups.
struct BackupMetrics: Sendable {
    let lastSuccess: Gauge
    let success: Gauge
    let duration: Histogram
    let bytes: Gauge

    init(_ metrics: MetricRegistry) throws {
        lastSuccess = try metrics.gauge(
            "backup_last_success_timestamp", help: "When a backup last succeeded, in Unix seconds.")
        success = try metrics.gauge("backup_success", help: "Whether the newest backup succeeded.")
        duration = try metrics.histogram(
            "backup_duration_seconds", help: "How long backups took.", unit: "seconds",
            buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 30, 120, 600])
        bytes = try metrics.gauge("backup_size_bytes", help: "Size of the newest backup, in bytes.", unit: "bytes")
    }
}

/// What is measured of the cache of results.
struct CacheMetrics: Sendable {
    let hits: Counter
    let misses: Counter
    let evictions: Counter
    let entries: Gauge
    let bytes: Gauge
    let limit: Gauge

    init(_ metrics: MetricRegistry) throws {
        hits = try metrics.counter("cache_hits_total", help: "Results that were there.")
        misses = try metrics.counter("cache_misses_total", help: "Results that were not there.")
        evictions = try metrics.counter("cache_evictions_total", help: "Results that had to make room.")
        entries = try metrics.gauge("cache_entries", help: "Results that are there.")
        bytes = try metrics.gauge("cache_size_bytes", help: "Bytes of the results that are there.", unit: "bytes")
        limit = try metrics.gauge("cache_limit_bytes", help: "Bytes that results may take.", unit: "bytes")
    }
}
