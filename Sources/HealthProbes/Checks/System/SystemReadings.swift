// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument

/// The machine's own figures from `/proc`.
struct SystemReadings: Sendable {
    /// The directory that `/proc` is in: `/`, or a test's recording.
    let root: String

    /// Busy and total CPU time of all CPUs, in clock ticks since the machine's start.
    ///
    /// The first line of `/proc/stat`: user, nice, system, idle, iowait, irq, softirq, steal. Guest time is part of user
    /// time already.
    func processorTicks() throws -> (busy: Double, total: Double) {
        let text = try SmallFile.text(root + "proc/stat")
        let line = text.prefix { $0 != "\n" }
        let ticks = line.split(separator: " ").dropFirst().prefix(8).compactMap { Double($0) }
        guard line.hasPrefix("cpu "), ticks.count >= 4 else { throw CheckFailure("/proc/stat has no cpu line") }
        let total = ticks.reduce(0, +)
        let idle = ticks[3] + (ticks.count > 4 ? ticks[4] : 0)
        return (total - idle, total)
    }

    /// Memory in use and all memory of the machine, in bytes.
    func memory() throws -> ControlGroup.Memory {
        let text = try SmallFile.text(root + "proc/meminfo")
        func kibibytes(_ name: String) -> Double? {
            for line in text.split(separator: "\n") where line.hasPrefix(name + ":") {
                return line.split(separator: " ").dropFirst().first.flatMap { Double($0) }
            }
            return nil
        }
        guard let total = kibibytes("MemTotal"), let available = kibibytes("MemAvailable"), total > 0 else {
            throw CheckFailure("/proc/meminfo has no MemTotal and MemAvailable")
        }
        return ControlGroup.Memory(used: 1_024 * (total - available), limit: 1_024 * total)
    }

    /// The load averages over one, five and fifteen minutes.
    func loadAverages() throws -> [Double] {
        let text = try SmallFile.text(root + "proc/loadavg")
        let loads = text.split(separator: " ").prefix(3).compactMap { Double($0) }
        guard loads.count == 3 else { throw CheckFailure("/proc/loadavg has no three averages") }
        return loads
    }

    /// Descriptors that are open, and how many may be.
    ///
    /// Without a limit none can be reached.
    func descriptors() throws -> (open: Double, limit: Double) {
        guard let directory = opendir(root + "proc/self/fd") else { throw SystemError.last("opendir /proc/self/fd") }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        // Neither ".", ".." nor the descriptor that reads the directory counts.
        return (Double(count - 3), Platform.openDescriptorsMax().map { Double($0) } ?? .infinity)
    }
}
