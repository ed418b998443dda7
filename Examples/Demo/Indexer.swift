// SPDX-License-Identifier: Apache-2.0

import HealthProbes
import Instrument
import StructuredLog

/// Runs the cycle: list the folder, let the agents read their shares at the same time, publish the new index.
actor Indexer {
    static let agentNames = ["indexer-1", "indexer-2", "indexer-3"]
    /// The pause between two cycles.
    static let pause: Duration = .seconds(5)

    /// What the last whole cycle found; empty before the first.
    private(set) var index = WordIndex()
    /// When the last whole cycle ended; nil before the first.
    private var published: ContinuousClock.Instant?

    private let folder: TextFolder
    private let agents: [IndexingAgent]
    private let metrics: DemoMetrics
    private let log: StructuredLogger

    init(folder: TextFolder, metrics: DemoMetrics, health: HealthRegistry, log: StructuredLogger) throws {
        self.folder = folder
        self.metrics = metrics
        self.log = log
        let readWords = metrics.fileReadDuration.timed { folder.words(of: $0) }
        agents = try Self.agentNames.map { name in
            IndexingAgent(
                heartbeat: try health.heartbeat(name, every: Self.pause, tolerance: .seconds(4)),
                filesRead: metrics.filesRead.with(name), readWords: readWords)
        }
    }

    /// Repeats the cycle until the task is cancelled; a cycle that fails is logged and tried again.
    func run() async {
        while !Task.isCancelled {
            do {
                try await metrics.cycleDuration.time { try await cycle() }
            } catch {
                log.error("cycle failed", error: error)
            }
            try? await Task.sleep(for: Self.pause)
        }
    }

    /// Passes once there is an index.
    func requireIndex() throws {
        guard published != nil else { throw CheckFailure("the first index is not complete yet") }
    }

    /// Passes while the index is young.
    func requireFreshIndex(within limit: Duration) throws {
        guard let published else { throw CheckFailure("there is no index yet") }
        let age = ContinuousClock.now - published
        guard age <= limit else { throw CheckFailure("the index is \(age) old, expected at most \(limit)") }
    }

    /// One cycle.
    private func cycle() async throws {
        let listing = try folder.list()
        var words: [String: WordIndex.WordCounts] = [:]
        var skipped = listing.skipped
        await withTaskGroup { group in
            for (number, agent) in agents.enumerated() {
                // Every third file each: neighbours in the listing are alike, so the shares are too.
                let share = stride(from: number, to: listing.entries.count, by: agents.count).map {
                    listing.entries[$0]
                }
                group.addTask { await agent.index(share) }
            }
            for await share in group {
                for (path, result) in share {
                    switch result {
                    case .success(let counts): words[path] = counts
                    case .failure(let file): skipped.append(file.reason)
                    }
                }
            }
        }
        publish(WordIndex(words), skipped: skipped)
    }

    private func publish(_ index: WordIndex, skipped: [TextFolder.Skip]) {
        self.index = index
        published = .now
        metrics.indexFiles.set(Double(index.fileCount))
        metrics.indexWords.set(Double(index.wordCount))
        metrics.lastCycle.setToCurrentTime()
        for reason in TextFolder.Skip.allCases {
            metrics.filesSkipped.with(reason.rawValue).set(Double(skipped.count { $0 == reason }))
        }
        log.info("index complete") {
            $0["files"] = index.fileCount
            $0["words"] = index.wordCount
            $0["skipped"] = skipped.count
        }
    }
}
