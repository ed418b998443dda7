// SPDX-License-Identifier: Apache-2.0

/// How a run of an operation ended.
public enum OperationOutcome: String, CaseIterable, Sendable {
    /// It returned.
    case success
    /// It threw.
    case failure
    /// It threw `CancellationError`, or threw while its task was cancelled.
    case cancelled
}

/// Everything about one kind of work: how often it ran and how it ended, how long it took, how much of it is under way.
///
/// Named `analysis`, it registers `analysis_runs_total{outcome}`, `analysis_duration_seconds` and `analysis_active`;
/// ``OperationNames`` gives them other names.
///
/// ```swift
/// let analysis = try InstrumentedOperation("analysis", in: metrics)
/// let report = try await analysis.run { try await analyse(file) }
/// let classify = analysis.tracked(classifySequence)         // same parameters and result as classifySequence
/// ```
public struct InstrumentedOperation: Sendable {
    private let runs: (success: Counter, failure: Counter, cancelled: Counter)
    private let duration: Histogram
    private let active: Gauge

    /// Registers the metrics of an operation.
    ///
    /// - Parameters:
    ///   - name: the beginning of the metrics' names, such as `analysis`.
    ///   - metrics: where they are registered.
    ///   - labels: names and values that all of the operation's metrics carry, such as `["type": "taxonomic"]`. Operations
    ///     of one name differ in the values alone.
    ///   - buckets: the bounds of the duration, in seconds.
    ///   - names: what follows the operation's name in the metrics' names, and the label of the outcome.
    /// - Throws: ``MetricError`` for bad names, or names that are taken by another shape.
    public init(
        _ name: String, in metrics: MetricRegistry, labels: KeyValuePairs<String, String> = [:],
        buckets: HistogramBuckets = .default, names: OperationNames = OperationNames()
    ) throws(MetricError) {
        let descriptions = labels.map { LabelDescription(name: $0.key) }
        let values = labels.map(\.value)
        let shape = try CellShape.histogram(buckets, nil, for: name)
        let runs: Family<Counter, Never> = try metrics.family(
            metrics.describe(
                "\(name)_\(names.runs)", help: "Runs of \(name) that have ended, by \(names.outcome).", unit: nil,
                kind: .counter, labels: descriptions + [LabelDescription(name: names.outcome)]))
        let duration: Family<Histogram, Never> = try metrics.family(
            metrics.describe(
                "\(name)_\(names.duration)", help: "How long runs of \(name) took.", unit: "seconds", kind: .histogram,
                labels: descriptions, shape: shape))
        let active: Family<Gauge, Never> = try metrics.family(
            metrics.describe(
                "\(name)_\(names.active)", help: "Runs of \(name) under way.", unit: nil, kind: .gauge,
                labels: descriptions))
        func counter(_ outcome: OperationOutcome) throws(MetricError) -> Counter {
            try runs.with(values: values + [outcome.rawValue])
        }
        self.runs = (try counter(.success), try counter(.failure), try counter(.cancelled))
        self.duration = try duration.with(values: values)
        self.active = try active.with(values: values)
    }

    /// Runs `body` as one run of the operation.
    public func run<Result: ~Copyable, Failure: Error>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let run = begin()
        do {
            let result = try body()
            run.end(.success)
            return result
        } catch {
            run.end(Self.outcome(of: error, isCancelled: false))
            throw error
        }
    }

    /// Runs `body` as one run of the operation, on the caller's actor.
    public func run<Result: ~Copyable, Failure: Error>(
        isolation: isolated (any Actor)? = #isolation, _ body: () async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        let run = begin()
        do {
            let result = try await body()
            run.end(.success)
            return result
        } catch {
            run.end(Self.outcome(of: error, isCancelled: Task.isCancelled))
            throw error
        }
    }

    /// Begins a run that is ended by hand, for work that no closure spans.
    ///
    /// A run that goes away without an end counts as cancelled.
    public func begin() -> OperationRun {
        active.increment()
        return OperationRun(operation: self, start: duration.series.head.pointee.monotonicNanoseconds())
    }

    /// Counts a run that was measured elsewhere.
    public func record(_ outcome: OperationOutcome, took duration: Duration) {
        counter(outcome).increment()
        self.duration.observe(duration)
    }

    fileprivate func end(_ outcome: OperationOutcome, since start: UInt64) {
        active.decrement()
        counter(outcome).increment()
        duration.observeElapsed(since: start)
    }

    private func counter(_ outcome: OperationOutcome) -> Counter {
        switch outcome {
        case .success: runs.success
        case .failure: runs.failure
        case .cancelled: runs.cancelled
        }
    }

    static func outcome(of error: some Error, isCancelled: Bool) -> OperationOutcome {
        isCancelled || error is CancellationError ? .cancelled : .failure
    }
}

/// A run of an ``InstrumentedOperation`` under way.
public struct OperationRun: ~Copyable, Sendable {
    private let operation: InstrumentedOperation
    private let start: UInt64

    fileprivate init(operation: InstrumentedOperation, start: UInt64) {
        self.operation = operation
        self.start = start
    }

    deinit { operation.end(.cancelled, since: start) }

    /// Ends the run.
    public consuming func end(_ outcome: OperationOutcome) {
        operation.end(outcome, since: start)
        discard self
    }
}
