// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Rows of numbers with a class, 0 or 1, in the last column.
struct TrainingData: Sendable {
    struct Row: Sendable {
        var features: [Double]
        var isPositive: Bool
    }

    let training: [Row]
    /// Every fifth row, which a model never sees while it learns.
    let heldOut: [Row]

    /// Reads lines of numbers with commas between them.
    ///
    /// - Throws: `InputError` for lines that differ in length or hold anything else, and for fewer than ten.
    init(_ text: String) throws(InputError) {
        var rows: [Row] = []
        for line in text.split(whereSeparator: \.isNewline) {
            let numbers = line.split(separator: ",").compactMap { Double($0) }
            let isWhole = numbers.count == line.split(separator: ",", omittingEmptySubsequences: false).count
            guard isWhole, numbers.count >= 2, let mark = numbers.last, mark == 0 || mark == 1,
                rows.isEmpty || rows[0].features.count == numbers.count - 1
            else { throw InputError("row \(rows.count + 1) is not numbers and a class of 0 or 1, as many as before") }
            rows.append(Row(features: numbers.dropLast(), isPositive: mark == 1))
        }
        guard rows.count >= 10 else { throw InputError("there are \(rows.count) rows, expected 10 or more") }
        training = rows.enumerated().filter { $0.offset % 5 != 4 }.map(\.element)
        heldOut = rows.enumerated().filter { $0.offset % 5 == 4 }.map(\.element)
    }
}

/// A linear model that learns row by row.
struct LinearModel: Sendable {
    /// How an epoch ended.
    struct Progress: Codable, Equatable, Sendable {
        var epoch: Int
        var accuracy: Double
        var loss: Double
    }

    static let learningRate = 0.1

    let type: ModelType
    private var weights: [Double]
    private var bias = 0.0

    init(_ type: ModelType, features: Int) {
        self.type = type
        weights = [Double](repeating: 0, count: features)
    }

    /// Learns in `epochs` passes over the data; `report` hears of each.
    static func train(
        _ type: ModelType, on data: TrainingData, epochs: Int, report: (Progress) -> Void
    ) throws -> Progress {
        var model = LinearModel(type, features: data.training[0].features.count)
        var progress = Progress(epoch: 0, accuracy: 0, loss: 0)
        for epoch in 1...epochs {
            var loss = 0.0
            for row in data.training { loss += model.learn(row) }
            let right = data.heldOut.count { (model.score($0) > 0) == $0.isPositive }
            progress = Progress(
                epoch: epoch, accuracy: Double(right) / Double(data.heldOut.count),
                loss: loss / Double(data.training.count))
            guard progress.loss.isFinite else { throw InputError("the loss of epoch \(epoch) is no number") }
            report(progress)
        }
        return progress
    }

    private func score(_ row: TrainingData.Row) -> Double {
        zip(weights, row.features).reduce(bias) { $0 + $1.0 * $1.1 }
    }

    /// Takes one step downhill.
    ///
    /// - Returns: the loss on this row before the step.
    private mutating func learn(_ row: TrainingData.Row) -> Double {
        let sign = row.isPositive ? 1.0 : -1.0
        let margin = sign * score(row)
        let (loss, slope): (Double, Double)
        switch type {
        case .perceptron: (loss, slope) = margin > 0 ? (0, 0) : (-margin, 1)
        case .logistic:
            // log(1 + exp(-margin)), which overflows for neither sign.
            loss = max(0, -margin) + log1p(exp(-abs(margin)))
            slope = 1 / (1 + exp(margin))
        }
        let step = Self.learningRate * slope * sign
        for index in weights.indices { weights[index] += step * row.features[index] }
        bias += step
        return loss
    }
}
