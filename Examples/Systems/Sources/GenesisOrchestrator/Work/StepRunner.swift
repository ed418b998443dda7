// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Does the work of plans. Blocks its thread, so only a worker calls it.
struct StepRunner: Sendable {
    static let inputBytesMax = 16 << 20

    let inputFolder: String
    let cache: ResultCache
    let store: RunStore

    /// Carries the steps out, up to the first that fails.
    func run(_ plan: Plan) -> Run {
        var run = Run(name: plan.name)
        do {
            for step in plan.steps { run.steps.append(try self.run(step)) }
        } catch {
            run.status = .failed
            run.error = "step \(run.steps.count + 1): \(error)"
        }
        run.tokens = run.steps.reduce(0) { $0 + $1.tokens }
        return run
    }

    private func run(_ step: Step) throws -> StepResult {
        guard step.kind != .runHistory else {
            return StepResult(kind: .runHistory, tokens: 1, figures: try store.runsByStatus())
        }
        let input = try step.text ?? read(step.file ?? "")
        return cache.result(of: step.kind, for: input) { Self.work(step.kind, on: input) }
    }

    private func read(_ name: String) throws -> String {
        let file = URL(fileURLWithPath: inputFolder).appendingPathComponent(name)
        // Foundation's own error tells clients where the folder is.
        guard FileManager.default.isReadableFile(atPath: file.path) else {
            throw InputError("there is no file \(name)")
        }
        let handle = try FileHandle(forReadingFrom: file)
        defer { try? handle.close() }
        let data = try handle.read(upToCount: Self.inputBytesMax + 1) ?? Data()
        guard data.count <= Self.inputBytesMax else { throw InputError("\(name) has more than 16 MiB") }
        guard let text = String(validating: data, as: UTF8.self) else { throw InputError("\(name) is no UTF-8 text") }
        return text
    }

    /// A pure function of its input, so its results may be cached.
    private static func work(_ kind: Step.Kind, on input: String) -> StepResult {
        let words = input.split(whereSeparator: \.isWhitespace)
        let lines = input.split(whereSeparator: \.isNewline)
        var result = StepResult(kind: kind, tokens: max(1, words.count))
        switch kind {
        case .textStatistics:
            result.figures = [
                "characters": input.count, "words": words.count, "lines": lines.count,
                "different_words": Set(words.map { $0.lowercased() }).count,
            ]
        case .checksum:
            // FNV-1a, 64 bits.
            let hash = input.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
            result.figures = ["bytes": input.utf8.count]
            result.text = String(hash, radix: 16)
        case .sortLines:
            let sorted = Set(lines).sorted()
            result.figures = ["lines": lines.count, "different_lines": sorted.count]
            result.text = sorted.first.map(String.init)
        case .runHistory: break
        }
        return result
    }
}

/// An input that cannot be worked on.
struct InputError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
