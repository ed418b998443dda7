// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What the machine's processors did since its start, from the first line of `/proc/stat`, in clock ticks.
package struct ProcessorTicks: Equatable, Sendable {
    /// Ticks of work.
    package var busy: UInt64
    /// All ticks.
    package var total: UInt64

    /// Reads the line `cpu user nice system idle iowait irq softirq steal ...`; nil when there is none.
    package init?(parsing stat: String) {
        guard let line = stat.split(separator: "\n").first, line.hasPrefix("cpu ") else { return nil }
        // Guest time is part of user time: the first eight numbers are everything.
        let numbers = line.split(separator: " ").dropFirst().prefix(8).compactMap { UInt64($0) }
        guard numbers.count >= 4 else { return nil }
        total = numbers.reduce(0, &+)
        let idle = numbers[3] &+ (numbers.count > 4 ? numbers[4] : 0)
        busy = total &- idle
    }

    /// The share of work since an earlier reading, in percent; the share since the machine's start without one.
    package func percentBusy(since earlier: ProcessorTicks?) -> Double {
        let busy = Double(self.busy) - Double(earlier?.busy ?? 0)
        let total = Double(self.total) - Double(earlier?.total ?? 0)
        return total > 0 ? min(100, max(0, 100 * busy / total)) : 0
    }
}

/// The machine's memory, from `/proc/meminfo`.
package struct MemoryStatus: Equatable, Sendable {
    /// All memory, in bytes.
    package var totalBytes: UInt64
    /// What programs can still get without swapping, in bytes.
    package var availableBytes: UInt64

    /// Memory in use, in bytes.
    package var usedBytes: UInt64 { totalBytes - min(totalBytes, availableBytes) }

    /// Reads `MemTotal` and `MemAvailable`; nil when one of them is missing.
    package init?(parsing meminfo: String) {
        var values: [Substring: UInt64] = [:]
        for line in meminfo.split(separator: "\n") {
            let fields = line.split(separator: " ")
            if fields.count >= 2, let kibibytes = UInt64(fields[1]) { values[fields[0]] = kibibytes &* 1_024 }
        }
        guard let total = values["MemTotal:"], let available = values["MemAvailable:"] else { return nil }
        totalBytes = total
        availableBytes = available
    }
}

/// How full a file system is; ``SystemReading/disk(_:)`` asks.
public struct DiskStatus: Equatable, Sendable {
    /// Its size, in bytes.
    public let totalBytes: UInt64
    /// What unprivileged programs can still write, in bytes.
    public let availableBytes: UInt64
    /// What is used, in bytes.
    public let usedBytes: UInt64

    /// Asks the file system that holds `path`.
    ///
    /// - Throws: `SystemError` of `statvfs`.
    package init(path: String) throws(SystemError) {
        var status = Foundation.statvfs()
        guard statvfs(path, &status) == 0 else { throw .last("statvfs \(path)") }
        let block = UInt64(status.f_frsize)
        totalBytes = UInt64(status.f_blocks) * block
        availableBytes = UInt64(status.f_bavail) * block
        usedBytes = totalBytes - UInt64(status.f_bfree) * block
    }
}
