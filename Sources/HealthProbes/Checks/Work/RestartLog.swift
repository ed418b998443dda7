// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument

/// Counts restarts of the process or of one of its components, to notice a loop of them.
///
/// With a file the count outlives the process: make the log at the start of the program and note the start in it.
///
/// ```swift
/// let starts = try RestartLog(file: "/var/lib/orders/starts")
/// try starts.note()
/// try health.register("restarts", .info, .restartLoop(starts, max: 3, within: .seconds(3_600)))
/// ```
public final class RestartLog: Sendable {
    /// Restarts that are kept at most.
    static let keptMax = 256

    private let file: String?
    private let time: TimeSource
    /// Unix nanoseconds, oldest first.
    private let times: Lock<[Int64]>

    /// Makes a log in memory, for components within the process.
    ///
    /// - Parameter time: the clock to go by.
    public init(time: TimeSource = .system) {
        file = nil
        self.time = time
        times = Lock([])
    }

    /// Makes a log that a file keeps: one restart a line, in nanoseconds since 1970.
    ///
    /// - Parameters:
    ///   - file: the file; it is made when there is none. Lines that are no numbers are passed over.
    ///   - time: the clock to go by.
    /// - Throws: an error of the operating system when the file is there and cannot be read.
    public init(file: String, time: TimeSource = .system) throws {
        self.file = file
        self.time = time
        let exists = FileManager.default.fileExists(atPath: file)
        let text = exists ? try SmallFile.text(file) : ""
        times = Lock(text.split(separator: "\n").compactMap { Int64($0) }.suffix(RestartLog.keptMax))
    }

    /// Notes a restart.
    ///
    /// - Throws: an error of the operating system when the file cannot be written; the restart then counts in memory.
    public func note() throws {
        let now = time.unixNanoseconds()
        let kept = times.withLock { times in
            times.append(now)
            if times.count > RestartLog.keptMax { times.removeFirst(times.count - RestartLog.keptMax) }
            return times
        }
        guard let file else { return }
        let text = kept.map { "\($0)\n" }.joined()
        try Data(text.utf8).write(to: URL(fileURLWithPath: file), options: .atomic)
    }

    /// Restarts within the last `window`.
    public func count(within window: Duration) -> Int {
        let now = time.unixNanoseconds()
        let since = now.subtractingReportingOverflow(window.saturatedNanoseconds)
        let earliest = since.overflow ? Int64.min : since.partialValue
        // What lies in the future was noted before the clock was set back; it counts until it leaves the log.
        return times.withLock { $0.count { $0 > earliest } }
    }
}

extension HealthCheck {
    /// Whether something restarts too often.
    ///
    /// - Parameters:
    ///   - log: the restarts.
    ///   - countMax: more than this many degrade.
    ///   - failing: more than this many fail; nil never does.
    ///   - window: the time looked back over.
    public static func restartLoop(
        _ log: RestartLog, max countMax: Int = 3, failing: Int? = nil, within window: Duration = .seconds(3_600)
    ) -> HealthCheck {
        HealthCheck {
            let count = log.count(within: window)
            let words = "\(count) restarts within \(window)"
            if let failing, count > failing {
                return .fail("\(words), more than \(failing)", value: Double(count), unit: "restarts")
            }
            if count > countMax {
                return .warn("\(words), more than \(countMax)", value: Double(count), unit: "restarts")
            }
            return .pass("", value: Double(count), unit: "restarts")
        }
    }
}
