// SPDX-License-Identifier: Apache-2.0

import Instrument
import InstrumentHTTP

/// What a client asks for: `{"kind": "analysis", "type": "taxonomic", "dataset": "reads.fasta", "reference": "taxa.fasta"}`.
struct JobRequest: Decodable, Sendable {
    var kind: String
    var type: String?
    var dataset: String?
    var reference: String?
    var run: String?
    var epochs: Int?
}

/// A piece of work.
enum Work: Sendable {
    static let epochsMax = 10_000

    case composition(dataset: String)
    case taxonomic(dataset: String, reference: String)
    case training(ModelType, dataset: String, run: String, epochs: Int)
    case download(name: String)

    /// Understands a request.
    ///
    /// - Throws: `RequestRefusal` that says what may be asked for.
    init(_ request: JobRequest) throws(RequestRefusal) {
        let epochs = request.epochs ?? 20
        switch (request.kind, request.type, request.dataset) {
        case ("analysis", "composition", let dataset?): self = .composition(dataset: dataset)
        case ("analysis", "taxonomic", let dataset?):
            guard let reference = request.reference else { throw Self.refusal }
            self = .taxonomic(dataset: dataset, reference: reference)
        case ("training", let type?, let dataset?):
            guard let type = ModelType(rawValue: type), (1...Self.epochsMax).contains(epochs) else {
                throw Self.refusal
            }
            self = .training(type, dataset: dataset, run: request.run ?? "default", epochs: epochs)
        case ("download", nil, let dataset?): self = .download(name: dataset)
        default: throw Self.refusal
        }
    }

    private static let refusal = RequestRefusal(
        .badRequest,
        reason: """
            use kind analysis (type composition, or taxonomic with a reference), training (type perceptron or logistic, \
            epochs up to \(epochsMax)), or download; each with a dataset
            """)

    /// The family that it is counted in.
    var kind: String {
        switch self {
        case .composition, .taxonomic: "analysis"
        case .training: "training"
        case .download: "download"
        }
    }
}

/// A piece of work that waits for a worker.
struct Job: Sendable {
    var id: Int
    var work: Work
    /// Runs since it was queued.
    var watch = Stopwatch()
}
