// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument

/// The last flush: lines that still wait when the process ends in an orderly way are written, within a second.
enum LogExit {
    private struct Reference {
        weak var pipeline: LogPipeline?
    }

    private static let pipelines = Lock<[Reference]>([])

    private static let isRegistered: Bool = atexit { LogExit.flushAll() } == 0

    static func register(_ pipeline: LogPipeline) {
        // Without room in the table of exit handlers the host's own flush is the last one.
        _ = isRegistered
        pipelines.withLock { references in
            references.removeAll { $0.pipeline == nil }
            references.append(Reference(pipeline: pipeline))
        }
    }

    /// The pipelines that exist now.
    static var livingPipelines: [LogPipeline] { pipelines.withLock { $0.compactMap(\.pipeline) } }

    private static func flushAll() {
        let deadline = TimeSource.systemMonotonicNanoseconds() + 1_000_000_000
        for pipeline in livingPipelines {
            let now = TimeSource.systemMonotonicNanoseconds()
            pipeline.flush(deadline: .nanoseconds(Int64(deadline > now ? deadline - now : 0)))
        }
    }
}
