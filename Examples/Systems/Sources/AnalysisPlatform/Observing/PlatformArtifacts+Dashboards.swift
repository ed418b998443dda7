// SPDX-License-Identifier: Apache-2.0

import InstrumentHTTP

// The overview is the service's own dashboard; the other five stand beside it.

extension ServiceArtifacts {
    private static let window = Duration.seconds(300)

    mutating func declareOverview() {
        showsDefaultPanels = false
        section("System") { section in
            section.panel("CPU", .value("system_cpu_usage_percent"), unit: .percent, as: .gauge)
            section.panel(
                "Memory", .ratio("system_memory_usage_bytes", to: "system_memory_size_bytes"), unit: .ratio, as: .gauge)
            section.panel(
                "Disk", .ratio("system_disk_usage_bytes", to: "system_disk_size_bytes"), unit: .ratio, as: .gauge)
            section.panel("Load", [.value("system_load1"), .value("system_load5"), .value("system_load15")])
        }
        section("Work") { section in
            section.panel("Jobs waiting", .value("queue_length"), as: .stat)
            section.panel("Analyses", .sum(.rate("analysis_runs_total", over: Self.window), by: ["status"]))
            section.panel("Trainings", .sum(.rate("training_runs_total", over: Self.window), by: ["status"]))
            section.panel("Downloads", .sum(.rate("download_jobs_total", over: Self.window), by: ["status"]))
        }
    }

    mutating func declareDashboards() {
        declareApplicationDashboard()
        declareQueueDashboard()
        dashboard("Database") { dashboard in
            dashboard.section("Connections") { section in
                section.panel(
                    "Connections", [.value("database_connections_active"), .value("database_connections_limit")])
                section.panel(
                    "Wait for one (P95)", .quantile(0.95, of: "database_pool_wait_seconds", over: Self.window))
                section.panel("No connection in time", .rate("database_pool_timeouts_total", over: Self.window))
            }
            dashboard.section("Queries") { section in
                section.panel(
                    "Duration (P95)",
                    .quantile(0.95, of: "database_query_duration_seconds", over: Self.window, by: ["query_type"]))
                section.panel(
                    "Queries",
                    .sum(.rate("database_query_duration_seconds_count", over: Self.window), by: ["query_type"]))
                section.panel("Errors", .rate("database_errors_total", over: Self.window))
                section.panel("Size", .value("database_size_bytes"))
                section.panel("Tables", .value("database_tables_count"), as: .stat)
            }
        }
        dashboard("Cache") { dashboard in
            dashboard.section("Cache of results") { section in
                section.panel(
                    "Lookups",
                    [.rate("cache_hits_total", over: Self.window), .rate("cache_misses_total", over: Self.window)])
                section.panel(
                    "Room taken", .ratio("cache_size_bytes", to: "cache_limit_bytes"), unit: .ratio, as: .gauge)
                section.panel("Results", .value("cache_entries"), as: .stat)
                section.panel("Evictions", .rate("cache_evictions_total", over: Self.window))
            }
        }
        dashboard("Backup") { dashboard in
            dashboard.section("Backups") { section in
                section.panel("Newest succeeded", .value("backup_success"), as: .stat)
                section.panel("Age of the newest", .age(of: "backup_last_success_timestamp"), unit: .seconds, as: .stat)
                section.panel("Size", .value("backup_size_bytes"))
                section.panel("Duration (P95)", .quantile(0.95, of: "backup_duration_seconds", over: .seconds(86_400)))
            }
        }
    }

    private mutating func declareApplicationDashboard() {
        dashboard("Application") { dashboard in
            dashboard.section("Requests") { section in
                section.panel(
                    "Requests", .sum(.rate("http_requests_total", over: Self.window), by: ["endpoint", "status"]))
                section.panel(
                    "Duration (P95)",
                    .quantile(0.95, of: "http_request_duration_seconds", over: Self.window, by: ["endpoint"]))
                section.panel("Request size (P95)", .summaryQuantile(0.95, of: "http_request_size_bytes"))
                section.panel("Response size (P95)", .summaryQuantile(0.95, of: "http_response_size_bytes"))
                section.panel("In flight", .value("http_requests_in_flight"), as: .stat)
            }
            dashboard.section("Components") { section in
                section.panel("Health", .value("component_health"), as: .table)
                section.panel("Resident memory", .value("process_resident_memory_bytes"))
            }
        }
    }

    private mutating func declareQueueDashboard() {
        dashboard("Queue") { dashboard in
            dashboard.section("Queue") { section in
                section.panel("Jobs waiting", [.value("queue_length"), .value("queue_limit")])
                section.panel("Workers", [.value("queue_workers_busy"), .value("queue_workers")])
                section.panel("Wait (P95)", .quantile(0.95, of: "queue_wait_seconds", over: Self.window))
                section.panel("Refused", .rate("queue_rejected_jobs_total", over: Self.window))
            }
            dashboard.section("Jobs") { section in
                section.panel(
                    "Under way",
                    [
                        .sum(.value("analysis_active_runs")), .sum(.value("training_active_runs")),
                        .value("download_active_jobs"),
                    ])
                section.panel(
                    "Analysis duration (P95)",
                    .quantile(0.95, of: "analysis_duration_seconds", over: Self.window, by: ["analysis_type"]))
                section.panel(
                    "Training duration (P95)",
                    .quantile(0.95, of: "training_duration_seconds", over: Self.window, by: ["model_type"]))
                section.panel(
                    "Sequences",
                    .sum(.rate("analysis_sequences_processed_total", over: Self.window), by: ["analysis_type"])
                )
                section.panel("Downloaded", .rate("download_bytes_total", over: Self.window))
                section.panel("Accuracy", .value("training_accuracy"), unit: .ratio)
                section.panel("Loss", .value("training_loss"))
            }
        }
    }
}
