// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument

/// The machine's own figures from `/proc`.
struct MachineReadings: Sendable {
    /// What stands in front of `/proc`; empty but in tests.
    let root: String

    /// What the machine's processors did since its start.
    func processorTicks() throws -> ProcessorTicks {
        guard let ticks = ProcessorTicks(parsing: try SmallFile.text(root + "/proc/stat")) else {
            throw CheckFailure("/proc/stat has no cpu line")
        }
        return ticks
    }

    /// The machine's memory.
    func memory() throws -> MemoryStatus {
        guard let memory = MemoryStatus(parsing: try SmallFile.text(root + "/proc/meminfo")), memory.totalBytes > 0
        else { throw CheckFailure("/proc/meminfo has no MemTotal and MemAvailable") }
        return memory
    }

    /// The load averages over one, five and fifteen minutes.
    func loadAverages() throws -> [Double] {
        let text = try SmallFile.text(root + "/proc/loadavg")
        let loads = text.split(separator: " ").prefix(3).compactMap { Double($0) }
        guard loads.count == 3 else { throw CheckFailure("/proc/loadavg has no three averages") }
        return loads
    }

    /// Descriptors that are open, and how many may be.
    ///
    /// Without a limit none can be reached.
    func descriptors() throws -> (open: Double, limit: Double) {
        guard let directory = opendir(root + "/proc/self/fd") else { throw SystemError.last("opendir /proc/self/fd") }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        // Neither ".", ".." nor the descriptor that reads the directory counts.
        return (Double(count - 3), Platform.openDescriptorsMax().map { Double($0) } ?? .infinity)
    }
}
