// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What `/proc/<pid>/stat` says about a process.
///
/// See <https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html>.
struct ProcessStatus: Equatable {
    /// Threads.
    var threads: Int
    /// Start, in clock ticks after the machine's.
    var startTicks: UInt64
    /// Address space, in bytes.
    var virtualBytes: UInt64
    /// Memory in use, in pages.
    var residentPages: Int64

    /// Reads the line; nil when it is not one. The program's name stands in parentheses and may hold any byte, so fields
    /// count from the last parenthesis.
    init?(parsing line: String) {
        guard let close = line.lastIndex(of: ")") else { return nil }
        let fields = line[line.index(after: close)...].split(separator: " ")
        // The first field behind the name is the third of the line.
        guard fields.count > 21, let threads = Int(fields[17]), let start = UInt64(fields[19]),
            let bytes = UInt64(fields[20]), let pages = Int64(fields[21])
        else { return nil }
        self.threads = threads
        startTicks = start
        virtualBytes = bytes
        residentPages = pages
    }

    /// Reads the status of this process.
    ///
    /// - Throws: `SystemError` when there is no such file, or it is not one.
    static func read(root: String) throws(SystemError) -> ProcessStatus {
        guard let status = ProcessStatus(parsing: try SmallFile.text(root + "/self/stat")) else {
            throw SystemError(code: EINVAL, operation: "parse \(root)/self/stat")
        }
        return status
    }

    /// Memory in use, in bytes.
    var residentBytes: UInt64 { UInt64(max(0, residentPages)) * UInt64(sysconf(Int32(_SC_PAGESIZE))) }

    /// Unix seconds of the machine's start, the line `btime` of `/proc/stat`; nil when there is none.
    static func bootSeconds(parsing stat: String) -> UInt64? {
        for line in stat.split(separator: "\n") where line.hasPrefix("btime ") {
            return UInt64(line.dropFirst(6))
        }
        return nil
    }

    /// How many entries a directory has, without `.`, `..` and the descriptor that reads it.
    static func countDescriptors(in path: String) -> Int? {
        guard let directory = opendir(path) else { return nil }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        return count - 3
    }
}
