// SPDX-License-Identifier: Apache-2.0

import Foundation
import HealthProbes
import Instrument
import TestSupport

@testable import InstrumentHTTP

/// A service that has registered some of everything.
struct SampleService {
    enum Outcome: String, CaseIterable {
        case hit
        case miss
    }

    let metrics = MetricRegistry(constantLabels: ["cluster": "eu"])
    let health = HealthRegistry.manual(ManualClock())
    let objectives: ObjectiveBook

    init(convention: RequestMetrics.Convention = .classic) throws {
        objectives = try ObjectiveBook(in: metrics)
        _ = try objectives.availability("api", target: 0.999)
        _ = try RequestMetrics(metrics, convention: convention)
        try metrics.registerProcessMetrics()
        _ = try MetricWatches(in: metrics)
        _ = try metrics.gauge("system_cpu_usage_percent", help: "Processor.", unit: "percent")
        _ = try metrics.gauge("system_memory_usage_bytes", help: "Used memory.", unit: "bytes")
        _ = try metrics.gauge("system_memory_size_bytes", help: "Memory.", unit: "bytes")
        _ = try metrics.gauge("system_disk_usage_bytes", help: "Used disk.", unit: "bytes", labels: "path")
        _ = try metrics.gauge("system_disk_size_bytes", help: "Disk.", unit: "bytes", labels: "path")
        _ = try metrics.counter("log_lines_dropped_total", help: "Lines given up.")
        _ = try metrics.counter("log_write_errors_total", help: "Failed writes.")
        _ = try metrics.counter("http_server_access_log_dropped_total", help: "Lines given up.")
        _ = try metrics.counter("jobs_total", help: "Jobs.", labels: "queue", "outcome")
        _ = try metrics.gauge("queue_length", help: "Waiting jobs.", labels: "queue")
        _ = try metrics.gauge("hit_ratio", help: "Share of hits.")
        _ = try metrics.histogram("job_duration_seconds", help: "Jobs' time.", labels: "queue")
        _ = try metrics.summary("query_seconds", help: "Queries' time.", quantiles: [0.5, 0.95], labels: "query_type")
        _ = try metrics.gauge("backup_last_success_timestamp_seconds", help: "Newest backup.")
        _ = try metrics.counter("lookups_total", help: "Lookups.", labels: EnumLabel<Outcome>("outcome"))
        _ = try metrics.stateSet("mode", help: "Mode.", of: Outcome.self)
        _ = try metrics.untyped("agent_detection_errors", help: "Errors.")
        try health.register("db.main", .readiness, critical: true, every: .seconds(10)) {}
        try health.register("cache", .readiness, every: .seconds(10)) {}
        _ = try health.heartbeat("worker-1", every: .seconds(30))
        try health.publish(to: metrics)
    }

    /// Its artifacts, before anything is declared.
    var artifacts: ServiceArtifacts {
        ServiceArtifacts(job: "sample", metrics: [metrics], health: health)
    }
}

/// A program of Prometheus' own, run on generated files.
enum PrometheusTool {
    /// Whether the program is there.
    static func exists(_ name: String) -> Bool { FileManager.default.isExecutableFile(atPath: "/usr/bin/\(name)") }

    /// Writes files into a folder of their own and runs a program there.
    ///
    /// - Returns: its exit code and all of its output.
    static func run(
        _ name: String, _ arguments: [String], on files: [ArtifactFile]
    ) async throws -> (code: Int32, output: String) {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("artifacts-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for file in files { try Data(file.text.utf8).write(to: folder.appendingPathComponent(file.name)) }
        let log = folder.appendingPathComponent("output").path
        return try await onThread {
            let output = try Descriptor.open(log, flags: O_RDWR | O_CREAT | O_CLOEXEC, mode: 0o600)
            let script = "cd \"$0\" && exec /usr/bin/\(name) \"$@\""
            let child = try ChildProcess(
                "/bin/sh", ["-c", script, folder.path] + arguments, output: output.number, errors: output.number)
            child.waitForEnd()
            return (child.exitCode ?? -1, try String(contentsOfFile: log, encoding: .utf8))
        }
    }
}
