// SPDX-License-Identifier: Apache-2.0

import HealthProbes
import Instrument

/// One of the named workers: it keeps the words of its share of the files and reads what changed.
actor IndexingAgent {
    /// A file's words, or why it holds none.
    typealias Reading = Result<WordIndex.WordCounts, SkippedFile>

    private let heartbeat: Heartbeat
    private let filesRead: Counter
    private let readWords: @Sendable (TextFolder.Entry) -> Reading
    private var known: [String: (entry: TextFolder.Entry, reading: Reading)] = [:]

    /// Makes a worker.
    ///
    /// - Parameters:
    ///   - heartbeat: beaten once per cycle.
    ///   - filesRead: counts the files that this worker read.
    ///   - readWords: reads one file.
    init(
        heartbeat: Heartbeat, filesRead: Counter, readWords: @escaping @Sendable (TextFolder.Entry) -> Reading
    ) {
        self.heartbeat = heartbeat
        self.filesRead = filesRead
        self.readWords = readWords
    }

    /// Brings this worker's share up to date; files that did not change are not read again.
    func index(_ entries: [TextFolder.Entry]) -> [String: Reading] {
        var current: [String: (entry: TextFolder.Entry, reading: Reading)] = [:]
        for entry in entries {
            if let before = known[entry.path], before.entry == entry {
                current[entry.path] = before
            } else {
                current[entry.path] = (entry, readWords(entry))
                filesRead.increment()
            }
        }
        known = current
        heartbeat.beat()
        return current.mapValues(\.reading)
    }
}
