// SPDX-License-Identifier: Apache-2.0

import Instrument

/// What an analysis looks for.
enum AnalysisType: String, CaseIterable, Sendable {
    case composition
    case taxonomic
}

/// What is trained.
enum ModelType: String, CaseIterable, Sendable {
    case perceptron
    case logistic
}

/// What is measured of the three families of jobs, and of the queue that they wait in.
struct JobMetrics: Sendable {
    /// Names of runs that become values of a label; further ones share one series, and an alert tells.
    static let runNamesMax = 40

    private let composition: InstrumentedOperation
    private let taxonomic: InstrumentedOperation
    private let perceptron: InstrumentedOperation
    private let logistic: InstrumentedOperation
    let download: InstrumentedOperation

    let sequences: Family<Counter, AnalysisType>
    let downloadedBytes: Counter
    let accuracy: Family<Gauge, (String, String)>
    let loss: Family<Gauge, (String, String)>

    let queued: Gauge
    let queueLimit: Gauge
    let busyWorkers: Gauge
    let workers: Gauge
    let rejected: Counter
    let waiting: Histogram

    init(_ metrics: MetricRegistry) throws {
        // Buckets that fit: files of some kilobytes take milliseconds, and a job that takes minutes is an outlier.
        let seconds: HistogramBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 30, 120, 600]
        let names = OperationNames(active: "active_runs", outcome: "status")
        func analysis(_ type: AnalysisType) throws -> InstrumentedOperation {
            try InstrumentedOperation(
                "analysis", in: metrics, labels: ["analysis_type": type.rawValue], buckets: seconds, names: names)
        }
        func training(_ type: ModelType) throws -> InstrumentedOperation {
            try InstrumentedOperation(
                "training", in: metrics, labels: ["model_type": type.rawValue], buckets: seconds, names: names)
        }
        composition = try analysis(.composition)
        taxonomic = try analysis(.taxonomic)
        perceptron = try training(.perceptron)
        logistic = try training(.logistic)
        download = try InstrumentedOperation(
            "download", in: metrics, buckets: seconds,
            names: OperationNames(runs: "jobs_total", active: "active_jobs", outcome: "status"))

        sequences = try metrics.counter(
            "analysis_sequences_processed_total", help: "Sequences analysed.",
            labels: EnumLabel<AnalysisType>("analysis_type"))
        for type in AnalysisType.allCases { _ = sequences.with(type) }
        downloadedBytes = try metrics.counter("download_bytes_total", help: "Bytes downloaded.", unit: "bytes")
        // Clients name the runs, so their number has a limit, and a run that is over goes away after an hour.
        let limits = SeriesLimits(seriesMax: Self.runNamesMax, idleExpiry: .seconds(3_600))
        accuracy = try metrics.gauge(
            "training_accuracy", help: "Share of held-out rows that the newest epoch of a run told right.",
            limits: limits, labels: "model_type", "run")
        loss = try metrics.gauge(
            "training_loss", help: "Mean loss over the training rows in the newest epoch of a run.", limits: limits,
            labels: "model_type", "run")

        queued = try metrics.gauge("queue_length", help: "Jobs that wait.")
        queueLimit = try metrics.gauge("queue_limit", help: "Jobs that may wait.")
        busyWorkers = try metrics.gauge("queue_workers_busy", help: "Workers with a job.")
        workers = try metrics.gauge("queue_workers", help: "Workers.")
        rejected = try metrics.counter("queue_rejected_jobs_total", help: "Jobs refused because the queue was full.")
        waiting = try metrics.histogram(
            "queue_wait_seconds", help: "How long jobs waited for a worker.", unit: "seconds",
            buckets: [0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30, 120, 600])
    }

    func analysis(_ type: AnalysisType) -> InstrumentedOperation {
        switch type {
        case .composition: composition
        case .taxonomic: taxonomic
        }
    }

    func training(_ type: ModelType) -> InstrumentedOperation {
        switch type {
        case .perceptron: perceptron
        case .logistic: logistic
        }
    }
}
