// SPDX-License-Identifier: Apache-2.0

import Foundation
import InstrumentHTTP

/// What a client wants done: steps, one after the other.
struct Plan: Decodable, Sendable {
    static let stepsMax = 32
    static let nameBytesMax = 64

    var name: String
    var steps: [Step]

    /// Refuses what cannot be run.
    ///
    /// - Throws: a refusal with 400 that names the step.
    func validate() throws(RequestRefusal) {
        func refuse(_ reason: String) -> RequestRefusal { RequestRefusal(.badRequest, reason: reason) }
        guard (1...Self.nameBytesMax).contains(name.utf8.count) else {
            throw refuse("name has \(name.utf8.count) bytes; use 1 to \(Self.nameBytesMax)")
        }
        guard (1...Self.stepsMax).contains(steps.count) else {
            throw refuse("the plan has \(steps.count) steps; use 1 to \(Self.stepsMax)")
        }
        for (position, step) in steps.enumerated() {
            let inputs = (step.text == nil ? 0 : 1) + (step.file == nil ? 0 : 1)
            guard inputs == (step.kind == .runHistory ? 0 : 1) else {
                throw refuse(
                    "step \(position + 1): \(step.kind.rawValue) has \(inputs) inputs; give text or file, once")
            }
            if let file = step.file, file.hasPrefix(".") || file.contains("/") || file.isEmpty {
                throw refuse("step \(position + 1): file is no bare name; name one in the input folder")
            }
        }
    }
}

/// One piece of work on one input.
struct Step: Decodable, Sendable {
    /// The work.
    enum Kind: String, Codable, Sendable {
        /// Counts characters, words, lines and different words.
        case textStatistics = "text_statistics"
        /// The input's FNV-1a hash.
        case checksum
        /// Sorts the lines and leaves duplicates out.
        case sortLines = "sort_lines"
        /// Asks the database how earlier runs ended; takes no input.
        case runHistory = "run_history"
    }

    var kind: Kind
    /// The input itself,
    var text: String?
    /// or the name of a file in the input folder.
    var file: String?
}

/// What came of a step.
struct StepResult: Codable, Sendable {
    var kind: Step.Kind
    /// What it cost: a token is a word of input, and every step costs one at least.
    var tokens: Int
    var figures: [String: Int] = [:]
    /// The hash, or the first of the sorted lines.
    var text: String?
}

/// A plan that was carried out, as it is stored and answered.
struct Run: Codable, Sendable {
    /// How it ended.
    enum Status: String, Codable, Sendable {
        case completed
        case failed
    }

    var id = 0
    var name: String
    var status = Status.completed
    var tokens = 0
    var seconds = 0.0
    /// When it began, in seconds since 1970.
    var started = Date().timeIntervalSince1970
    var steps: [StepResult] = []
    /// Why it failed.
    var error: String?
}
