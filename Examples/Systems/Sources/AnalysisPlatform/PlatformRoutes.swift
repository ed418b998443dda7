// SPDX-License-Identifier: Apache-2.0

import Instrument
import InstrumentHTTP

/// What the platform answers besides metrics and health.
struct PlatformRoutes {
    let datasets: Datasets
    let queue: JobQueue
    let store: JobStore
    let backup: BackupJob
    let metrics: JobMetrics

    /// An analysis that was done elsewhere, as its owner reports it.
    private struct AnalysisReport: Decodable {
        var type: String
        var status: String
        var seconds: Double
        var sequences: Int
    }

    func add(to server: InstrumentServer) throws {
        try addJobs(to: server)
        try addReports(to: server)
        let (datasets, backup) = (datasets, backup)
        try server.route(.put, "/api/datasets/:name") { request in
            do {
                try datasets.store(request.body, as: request.parameters["name"] ?? "")
            } catch let error as InputError {
                throw RequestRefusal(.badRequest, reason: error.description)
            }
            return .status(.created)
        }
        try server.route(.post, "/api/backups", needsCredentials: true) { _ in
            try .json(["bytes": try backup.run()], status: .created)
        }
    }

    private func addJobs(to server: InstrumentServer) throws {
        let (queue, store) = (queue, store)
        try server.route(.post, "/api/jobs") { request in
            let work = try Work(try request.json())
            guard let job = try queue.add({ Job(id: try store.insert(kind: work.kind), work: work) }) else {
                throw RequestRefusal(
                    .serviceUnavailable, headers: ["Retry-After": "5"], reason: "too many jobs wait; try again")
            }
            return try .json(["id": job.id], status: .accepted)
        }
        try server.route(.get, "/api/jobs/:id") { request in
            guard let id = request.parameters["id"].flatMap(Int.init), let job = try store.job(id) else {
                throw ServerResponse.status(.notFound)
            }
            return try .json(job)
        }
    }

    /// Counts by hand what no function of this process does.
    private func addReports(to server: InstrumentServer) throws {
        let metrics = metrics
        try server.route(.post, "/api/analyses") { request in
            let report = try request.json(AnalysisReport.self)
            guard let type = AnalysisType(rawValue: report.type),
                let outcome = OperationOutcome(rawValue: report.status),
                (0...86_400).contains(report.seconds), (0...1_000_000_000).contains(report.sequences)
            else { throw RequestRefusal(.badRequest, reason: "use a known type and status, seconds and sequences") }
            metrics.analysis(type).record(outcome, took: .seconds(report.seconds))
            metrics.sequences.with(type).increment(by: report.sequences)
            return .status(.noContent)
        }
    }
}
