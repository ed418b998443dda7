// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument

/// What `/proc/PID/stat` says about a process ([proc_pid_stat(5)](https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html)).
struct ProcessReading: Equatable, Sendable {
    /// Whether it has ended and waits for its parent to notice.
    var isZombie: Bool
    /// CPU time that it used, in clock ticks.
    var ticks: UInt64
    /// When it started, in ticks since boot: with the pid it names a process for good.
    var startTicks: UInt64

    /// Reads the text; the command's name may hold blanks and parentheses, so fields count from its last one.
    init?(parsing text: String) {
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 19, let user = UInt64(fields[11]), let system = UInt64(fields[12]),
            let start = UInt64(fields[19])
        else { return nil }
        isZombie = fields[0] == "Z" || fields[0] == "X"
        ticks = user + system
        startTicks = start
    }

    /// Reads a process; nil when there is none of that number.
    static func read(_ pid: Int32) -> ProcessReading? {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return nil }
        return ProcessReading(parsing: text)
    }
}

/// This process's own use of the machine.
enum OwnUsage {
    /// Memory in use, in megabytes.
    static func memoryMegabytes() throws -> Double {
        Double(try SystemReading.residentMemoryBytes()) / 1_048_576
    }

    /// CPU time used since the start, in seconds.
    static func processorSeconds() -> Double { Double(clock()) / Double(CLOCKS_PER_SEC) }
}
