// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Results of analyses whose input was seen before; the one that was used longest ago makes room for a new one.
final class ResultCache: Sendable {
    private struct Entry {
        var result: AnalysisResult
        var bytes: Int
        var lastUse: Int
    }

    private struct State {
        var entries: [String: Entry] = [:]
        var bytes = 0
        var uses = 0
    }

    private let state = Mutex(State())
    private let bytesMax: Int
    private let metrics: CacheMetrics

    init(bytesMax: Int, metrics: CacheMetrics) {
        self.bytesMax = bytesMax
        self.metrics = metrics
        metrics.limit.set(bytesMax)
    }

    /// The kept result for `input`, or that of `work`, which is kept from then on.
    func result(for input: String, _ work: () throws -> AnalysisResult) rethrows -> AnalysisResult {
        let known = state.withLock { state -> AnalysisResult? in
            state.uses += 1
            state.entries[input]?.lastUse = state.uses
            return state.entries[input]?.result
        }
        if let known {
            metrics.hits.increment()
            return known
        }
        metrics.misses.increment()
        let result = try work()
        keep(result, for: input)
        return result
    }

    private func keep(_ result: AnalysisResult, for input: String) {
        let bytes = input.utf8.count
        guard bytes <= bytesMax else { return }
        state.withLock { state in
            state.uses += 1
            // Another worker may have been quicker.
            state.bytes -= state.entries.removeValue(forKey: input)?.bytes ?? 0
            while state.bytes + bytes > bytesMax,
                let oldest = state.entries.min(by: { $0.value.lastUse < $1.value.lastUse })
            {
                state.entries[oldest.key] = nil
                state.bytes -= oldest.value.bytes
                metrics.evictions.increment()
            }
            state.entries[input] = Entry(result: result, bytes: bytes, lastUse: state.uses)
            state.bytes += bytes
            metrics.entries.set(state.entries.count)
            metrics.bytes.set(state.bytes)
        }
    }
}
