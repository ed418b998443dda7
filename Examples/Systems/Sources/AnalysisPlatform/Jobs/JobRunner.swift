// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument

/// Does the work of jobs. Every function that does some is tracked: its runs are counted by status, timed, and shown
/// while they are under way.
struct JobRunner: Sendable {
    /// Learns from a text, as a run of a name, in so many epochs.
    private typealias Training = @Sendable (String, String, Int) throws -> LinearModel.Progress

    private let datasets: Datasets
    private let cache: ResultCache
    private let composition: @Sendable (String) throws -> AnalysisResult
    private let taxonomic: @Sendable (String, String) throws -> AnalysisResult
    private let perceptron: Training
    private let logistic: Training
    private let download: @Sendable (String) throws -> Int

    init(datasets: Datasets, cache: ResultCache, metrics: JobMetrics) {
        self.datasets = datasets
        self.cache = cache

        composition = metrics.analysis(.composition).tracked { text in
            let result = AnalysisResult.composition(of: try DNASequence.records(in: text))
            metrics.sequences.with(.composition).increment(by: result.sequences)
            return result
        }
        taxonomic = metrics.analysis(.taxonomic).tracked { text, reference in
            let result = try AnalysisResult.taxa(
                of: try DNASequence.records(in: text), among: try DNASequence.records(in: reference))
            metrics.sequences.with(.taxonomic).increment(by: result.sequences)
            return result
        }
        func training(_ type: ModelType) -> Training {
            metrics.training(type).tracked { text, run, epochs in
                let accuracy = metrics.accuracy.with(type.rawValue, run)
                let loss = metrics.loss.with(type.rawValue, run)
                return try LinearModel.train(type, on: try TrainingData(text), epochs: epochs) { progress in
                    accuracy.set(progress.accuracy)
                    loss.set(progress.loss)
                }
            }
        }
        perceptron = training(.perceptron)
        logistic = training(.logistic)
        download = metrics.download.tracked { name in
            try datasets.fetch(name) { metrics.downloadedBytes.increment(by: $0) }
        }
    }

    /// Does the work.
    ///
    /// - Returns: what came out, as JSON.
    func run(_ work: Work) throws -> String {
        switch work {
        case .composition(let dataset):
            let text = try datasets.text(of: dataset)
            return try json(try cache.result(for: "composition \(text)") { try composition(text) })
        case .taxonomic(let dataset, let reference):
            let (text, reference) = (try datasets.text(of: dataset), try datasets.text(of: reference))
            return try json(
                try cache.result(for: "taxonomic \(reference) \(text)") { try taxonomic(text, reference) })
        case .training(let type, let dataset, let run, let epochs):
            let text = try datasets.text(of: dataset)
            switch type {
            case .perceptron: return try json(try perceptron(text, run, epochs))
            case .logistic: return try json(try logistic(text, run, epochs))
            }
        case .download(let name): return try json(["bytes": try download(name)])
        }
    }

    private func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
