// SPDX-License-Identifier: Apache-2.0

import Foundation
import InstrumentHTTP

// Six families: system, database, cache, queue, application, backup.

extension ServiceArtifacts {
    mutating func declareAlerts(_ settings: Settings) {
        declareSystemAlerts()
        declareDatabaseAlerts()
        declareCacheAlerts()
        declareQueueAlerts()
        declareApplicationAlerts()
        declareBackupAlerts(ageMax: settings.backupAgeMax / .seconds(1))
    }

    private mutating func declareSystemAlerts() {
        let memory = MetricQuery.ratio("system_memory_usage_bytes", to: "system_memory_size_bytes")
        let disk = MetricQuery.ratio("system_disk_usage_bytes", to: "system_disk_size_bytes")
        alert(
            "HighCPUUsage", when: .between(80, and: 95, .value("system_cpu_usage_percent")), for: .seconds(300),
            group: "system", summary: "CPU usage is {{ $value | humanize }} %")
        alert(
            "CriticalCPUUsage", when: .value("system_cpu_usage_percent") > 95, for: .seconds(600), severity: .critical,
            group: "system", summary: "CPU usage is {{ $value | humanize }} %")
        alert(
            "HighMemoryUsage", when: .between(0.85, and: 0.95, memory), for: .seconds(300), group: "system",
            summary: "Memory usage is {{ $value | humanizePercentage }}")
        alert(
            "CriticalMemoryUsage", when: memory > 0.95, for: .seconds(120), severity: .critical, group: "system",
            summary: "Memory usage is {{ $value | humanizePercentage }}")
        alert(
            "DiskSpaceLow", when: .between(0.8, and: 0.95, disk), for: .seconds(300), group: "system",
            summary: "The disk of {{ $labels.path }} is {{ $value | humanizePercentage }} full")
        alert(
            "DiskSpaceCritical", when: disk > 0.95, severity: .critical, group: "system",
            summary: "The disk of {{ $labels.path }} is {{ $value | humanizePercentage }} full")
        let loadMax = Double(2 * ProcessInfo.processInfo.activeProcessorCount)
        alert(
            "HighSystemLoad", when: .value("system_load5") > loadMax, for: .seconds(600), severity: .info,
            group: "system", summary: "Load average is {{ $value | humanize }}")
    }

    private mutating func declareDatabaseAlerts() {
        let pool = MetricQuery.ratio("database_connections_active", to: "database_connections_limit")
        alert(
            "DatabaseDown", when: .value(#"component_health{component="database"}"#) == 0, severity: .critical,
            group: "database", summary: "The database cannot be written")
        alert(
            "DatabaseConnectionsHigh", when: pool > 0.8, for: .seconds(60), group: "database",
            summary: "{{ $value | humanizePercentage }} of the connections are in use")
        alert(
            "DatabaseConnectionsExhausted", when: .events("database_pool_timeouts_total", over: .seconds(300)) > 0,
            severity: .critical, group: "database", summary: "Queries got no connection in time")
        alert(
            "DatabaseSlowQueries",
            when: .quantile(0.95, of: "database_query_duration_seconds", over: .seconds(300), by: ["query_type"]) > 0.1,
            for: .seconds(120), group: "database",
            summary: "One in 20 queries of kind {{ $labels.query_type }} takes {{ $value | humanizeDuration }}")
        alert(
            "DatabaseErrors", when: .rate("database_errors_total", over: .seconds(300)) > 0.1, for: .seconds(60),
            group: "database", summary: "{{ $value | humanize }} queries a second fail")
        alert(
            "DatabaseLarge", when: .value("database_size_bytes") > 10_737_418_240, for: .seconds(3_600),
            severity: .info,
            group: "database", summary: "The database has {{ $value | humanize1024 }}B")
    }

    private mutating func declareCacheAlerts() {
        let hits = MetricQuery.rateRatio("cache_hits_total", to: "cache_misses_total", over: .seconds(600))
        alert(
            "CacheHitRatioLow", when: hits < 1, for: .seconds(600), severity: .info, group: "cache",
            summary: "Less than half of the lookups find something")
        alert(
            "CacheNearlyFull", when: .ratio("cache_size_bytes", to: "cache_limit_bytes") > 0.9, for: .seconds(300),
            severity: .info, group: "cache", summary: "The cache is {{ $value | humanizePercentage }} full")
        alert(
            "CacheEvictionsHigh", when: .rate("cache_evictions_total", over: .seconds(300)) > 1, for: .seconds(300),
            group: "cache", summary: "{{ $value | humanize }} results a second make room")
        alert(
            "CacheWillBeFull",
            when: .prediction(
                of: "cache_size_bytes", relativeTo: "cache_limit_bytes", in: .seconds(3_600), from: .seconds(1_800))
                > 1,
            for: .seconds(600), severity: .info, group: "cache", summary: "The cache will be full within an hour")
    }

    private mutating func declareQueueAlerts() {
        alert(
            "WorkersDown", when: .value("queue_workers") == 0, for: .seconds(30), severity: .critical, group: "queue",
            summary: "No worker takes jobs")
        alert(
            "WorkerStalled", when: .value(#"component_health{component=~"worker-.+"}"#) == 0, severity: .critical,
            group: "queue", summary: "{{ $labels.component }} does not get on with its job")
        alert(
            "QueueBacklog", when: .ratio("queue_length", to: "queue_limit") > 0.5, for: .seconds(300), group: "queue",
            summary: "The queue is {{ $value | humanizePercentage }} full")
        alert(
            "JobsRejected", when: .events("queue_rejected_jobs_total", over: .seconds(300)) > 0, severity: .critical,
            group: "queue", summary: "The queue is full; {{ $value | humanize }} jobs were refused")
        alert(
            "JobsWaitLong", when: .quantile(0.95, of: "queue_wait_seconds", over: .seconds(600)) > 60,
            for: .seconds(300), severity: .info, group: "queue",
            summary: "One in 20 jobs waits {{ $value | humanizeDuration }}")
        for (name, jobs) in [
            ("AnalysisFailures", "analysis_runs_total"), ("TrainingFailures", "training_runs_total"),
            ("DownloadFailures", "download_jobs_total"),
        ] {
            let failures = MetricSelector(jobs, ["status": "failure"])
            alert(
                name, when: .rateRatio(failures, to: MetricSelector(jobs), over: .seconds(600)) > 0.1,
                for: .seconds(60), group: "queue", summary: "{{ $value | humanizePercentage }} of the jobs fail")
        }
        alert(
            "TrainingAccuracyLow", when: .value("training_accuracy") < 0.6, for: .seconds(600), severity: .info,
            group: "queue", summary: "Run {{ $labels.run }} is right in {{ $value | humanizePercentage }} of the cases")
    }

    private mutating func declareApplicationAlerts() {
        func share(of failures: MetricSelector) -> MetricQuery {
            .rateRatio(failures, to: "http_requests_total", over: .seconds(300))
        }
        alert(
            "ServiceDown", when: .value(#"up{job="analysis-platform"}"#) == 0, for: .seconds(30), severity: .critical,
            summary: "{{ $labels.instance }} cannot be scraped")
        alert(
            "HighErrorRate", when: share(of: #"http_requests_total{status=~"5.."}"#) > 0.05, for: .seconds(120),
            severity: .critical,
            summary: "{{ $value | humanizePercentage }} of the requests fail")
        alert(
            "HighClientErrorRate", when: share(of: #"http_requests_total{status=~"4.."}"#) > 0.2, for: .seconds(300),
            severity: .info,
            summary: "{{ $value | humanizePercentage }} of the requests are refused")
        alert(
            "HighLatency",
            when: .quantile(0.95, of: "http_request_duration_seconds", over: .seconds(300), by: ["endpoint"]) > 1,
            for: .seconds(300),
            summary: "One in 20 requests to {{ $labels.endpoint }} takes {{ $value | humanizeDuration }}")
        alert(
            "ServiceRestarted", when: .changes("process_start_time_seconds", over: .seconds(900)) > 0, severity: .info,
            summary: "{{ $labels.instance }} was restarted")
    }

    private mutating func declareBackupAlerts(ageMax: Double) {
        let age = MetricQuery.age(of: "backup_last_success_timestamp")
        alert(
            "BackupFailed", when: .value("backup_success") == 0, severity: .critical, group: "backup",
            summary: "The newest backup failed")
        alert(
            "BackupGettingOld", when: .between(ageMax / 2, and: ageMax, age), group: "backup",
            summary: "The newest backup is {{ $value | humanizeDuration }} old")
        alert(
            "BackupTooOld", when: age > ageMax, severity: .critical, group: "backup",
            summary: "The newest backup is {{ $value | humanizeDuration }} old")
        alert(
            "BackupSlow", when: .quantile(0.95, of: "backup_duration_seconds", over: .seconds(7_200)) > 300,
            severity: .info, group: "backup", summary: "Backups take {{ $value | humanizeDuration }}")
    }

    /// Of the exporters of other systems, should there be any beside the platform.
    mutating func declareExporterAlerts() {
        alert(
            "NodeFilesystemFull", when: .ratio("node_filesystem_avail_bytes", to: "node_filesystem_size_bytes") < 0.1,
            for: .seconds(300), severity: .critical, group: "system",
            summary: "{{ $labels.mountpoint }} has {{ $value | humanizePercentage }} left")
        alert(
            "PostgreSQLDown", when: .value("pg_up") == 0, for: .seconds(60), severity: .critical, group: "database",
            summary: "PostgreSQL is down")
        alert(
            "RedisDown", when: .value("redis_up") == 0, for: .seconds(60), severity: .critical, group: "cache",
            summary: "Redis is down")
        alert(
            "RedisMemoryHigh", when: .ratio("redis_memory_used_bytes", to: "redis_memory_max_bytes") > 0.9,
            for: .seconds(300), group: "cache", summary: "Redis uses {{ $value | humanizePercentage }} of its memory")
        alert(
            "CeleryWorkerDown", when: .value("celery_worker_up") == 0, for: .seconds(60), severity: .critical,
            group: "queue", summary: "Celery worker {{ $labels.hostname }} is down")
        alert(
            "CeleryQueueLong", when: .value("celery_queue_length") > 100, for: .seconds(300), group: "queue",
            summary: "{{ $value }} tasks wait in {{ $labels.queue_name }}")
    }
}
