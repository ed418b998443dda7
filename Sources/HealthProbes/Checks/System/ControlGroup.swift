// SPDX-License-Identifier: Apache-2.0

import Instrument

/// What the control groups above this process allow and count, version 2 and version 1.
///
/// See <https://docs.kernel.org/admin-guide/cgroup-v2.html>. Inside a container the own group is usually mounted as the
/// root, and a path from `/proc/self/cgroup` may not exist below the mount: then the mount itself is looked at.
struct ControlGroup: Sendable {
    /// Memory in use and its limit, in bytes.
    struct Memory: Equatable, Sendable {
        var used: Double
        var limit: Double
        var share: Double { used / limit }
    }

    /// CPU time used so far in seconds, and how many CPUs the group may use.
    struct Processor: Equatable, Sendable {
        var usedSeconds: Double
        var limit: Double
    }

    /// The directory that `/proc` and `/sys` are in: `/`, or a test's recording.
    let root: String

    /// The group with the least memory left, if any limits it.
    ///
    /// Memory that can be dropped at once (inactive file pages) does not count as used: the kubelet reckons so too.
    func memory() -> Memory? {
        var groups: [Memory] = []
        for directory in directories(controller: "memory") {
            let isUnified = directory.isUnified
            let limitFile = isUnified ? "memory.max" : "memory.limit_in_bytes"
            let usedFile = isUnified ? "memory.current" : "memory.usage_in_bytes"
            // "max" is no number; version 1 says "no limit" with a number next to 2^63.
            guard let limit = number(directory.path + limitFile), limit > 0, limit < 0x1p62,
                let used = number(directory.path + usedFile)
            else { continue }
            let inactive = entry(
                isUnified ? "inactive_file" : "total_inactive_file", in: directory.path + "memory.stat")
            groups.append(Memory(used: max(0, used - (inactive ?? 0)), limit: limit))
        }
        return groups.max { $0.share < $1.share }
    }

    /// The group with the smallest CPU quota, if any has one.
    func processor() -> Processor? {
        var groups: [Processor] = []
        for directory in directories(controller: "cpu") {
            if directory.isUnified {
                let words = text(directory.path + "cpu.max")?.split(whereSeparator: \.isWhitespace) ?? []
                guard words.count == 2, let quota = Double(words[0]), let period = Double(words[1]), period > 0,
                    let used = entry("usage_usec", in: directory.path + "cpu.stat")
                else { continue }
                groups.append(Processor(usedSeconds: used / 1e6, limit: quota / period))
            } else {
                guard let quota = number(directory.path + "cpu.cfs_quota_us"), quota > 0,
                    let period = number(directory.path + "cpu.cfs_period_us"), period > 0,
                    let used = number(directory.path + "cpuacct.usage")
                else { continue }
                groups.append(Processor(usedSeconds: used / 1e9, limit: quota / period))
            }
        }
        return groups.min { $0.limit < $1.limit }
    }

    private struct Directory {
        var path: String
        var isUnified: Bool
    }

    /// The own group's directory and all above it, for both versions.
    private func directories(controller: String) -> [Directory] {
        var found: [Directory] = []
        for line in text(root + "proc/self/cgroup")?.split(separator: "\n") ?? [] {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            let isUnified = parts[0] == "0" && parts[1].isEmpty
            guard isUnified || parts[1].split(separator: ",").contains(Substring(controller)) else { continue }
            let mount = root + (isUnified ? "sys/fs/cgroup" : "sys/fs/cgroup/\(parts[1])")
            var names = parts[2].split(separator: "/")
            while true {
                found.append(Directory(path: ([mount[...]] + names).joined(separator: "/") + "/", isUnified: isUnified))
                guard names.popLast() != nil else { break }
            }
        }
        return found
    }

    private func text(_ path: String) -> String? { try? SmallFile.text(path) }

    private func number(_ path: String) -> Double? {
        text(path).flatMap { Double($0.prefix { !$0.isWhitespace }) }
    }

    private func entry(_ name: String, in path: String) -> Double? {
        for line in text(path)?.split(separator: "\n") ?? [] {
            let words = line.split(separator: " ")
            if words.count == 2, words[0] == name { return Double(words[1]) }
        }
        return nil
    }
}
