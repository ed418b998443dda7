// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The tightest limits of the control groups that the process is in, of version 1 and 2 alike.
///
/// A group's limit binds all groups below it, so the path is followed up to the mount.
///
/// See <https://docs.kernel.org/admin-guide/cgroup-v2.html> and <https://man7.org/linux/man-pages/man7/cgroups.7.html>.
package struct CgroupLimits: Equatable, Sendable {
    /// The least memory limit, in bytes; nil without one.
    package var memoryBytesMax: UInt64?
    /// Memory that the group of that limit uses, in bytes.
    package var memoryBytes: UInt64?
    /// File pages of that group that can be dropped at once; the kubelet does not count them as used.
    package var memoryBytesInactive: UInt64?
    /// The least CPU quota, in cores; nil without one.
    package var cores: Double?
    /// CPU time that the group of that quota has used.
    package var processorSeconds: Double?

    /// Memory that the group of the limit uses and cannot drop at once, in bytes.
    package var memoryBytesWorking: UInt64? {
        memoryBytes.map { $0 - min($0, memoryBytesInactive ?? 0) }
    }

    /// Reads the limits of the process.
    ///
    /// - Parameter root: what stands in front of `/proc` and `/sys`; empty but in tests.
    package static func read(root: String = "") -> CgroupLimits {
        var limits = CgroupLimits()
        guard let groups = try? SmallFile.text(root + "/proc/self/cgroup"),
            let mounts = try? SmallFile.text(root + "/proc/self/mountinfo")
        else { return limits }
        let mountList = mounts.split(separator: "\n").compactMap { CgroupMount(parsing: $0) }
        for line in groups.split(separator: "\n") {
            // hierarchy:controllers:path, and 0::path for version 2.
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            let path = String(fields[2])
            if fields[0] == "0", fields[1].isEmpty {
                for mount in mountList where mount.isVersion2 {
                    mount.forEachGroup(of: path, root: root) { limits.tighten(version2: $0) }
                }
            } else {
                for controller in fields[1].split(separator: ",") {
                    for mount in mountList where mount.controllers.contains(String(controller)) {
                        mount.forEachGroup(of: path, root: root) { group in
                            if controller == "memory" { limits.tighten(version1Memory: group) }
                            if controller == "cpu" { limits.tighten(version1Processor: group) }
                        }
                    }
                }
            }
        }
        return limits
    }

    private mutating func tighten(version2 group: String) {
        if let limit = Self.number(group + "/memory.max") {
            tighten(memory: limit, group, usage: "/memory.current", inactive: "inactive_file")
        }
        guard let fields = Self.fields(group + "/cpu.max"), fields.count == 2, let quota = Double(fields[0]),
            let period = Double(fields[1]), period > 0
        else { return }
        tighten(cores: quota / period, used: Self.entry("usage_usec", in: group + "/cpu.stat").map { Double($0) / 1e6 })
    }

    private mutating func tighten(version1Memory group: String) {
        guard let limit = Self.number(group + "/memory.limit_in_bytes") else { return }
        tighten(memory: limit, group, usage: "/memory.usage_in_bytes", inactive: "total_inactive_file")
    }

    private mutating func tighten(version1Processor group: String) {
        guard let quota = Self.fields(group + "/cpu.cfs_quota_us").flatMap({ Double($0[0]) }), quota > 0,
            let period = Self.fields(group + "/cpu.cfs_period_us").flatMap({ Double($0[0]) }), period > 0
        else { return }
        tighten(cores: quota / period, used: Self.number(group + "/cpuacct.usage").map { Double($0) / 1e9 })
    }

    private mutating func tighten(cores limit: Double, used seconds: Double?) {
        guard limit < cores ?? .infinity else { return }
        cores = limit
        processorSeconds = seconds
    }

    private mutating func tighten(memory limit: UInt64, _ group: String, usage: String, inactive: Substring) {
        // Version 1 writes "no limit" as the largest multiple of a page.
        guard limit < 1 << 60, limit < memoryBytesMax ?? .max else { return }
        memoryBytesMax = limit
        memoryBytes = Self.number(group + usage)
        memoryBytesInactive = Self.entry(inactive, in: group + "/memory.stat")
    }

    /// The number behind a name in a file of such lines.
    private static func entry(_ name: Substring, in path: String) -> UInt64? {
        guard let text = try? SmallFile.text(path) else { return nil }
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, words[0] == name { return UInt64(words[1]) }
        }
        return nil
    }

    private static func fields(_ path: String) -> [Substring]? {
        guard let text = try? SmallFile.text(path) else { return nil }
        let fields = text.split { $0 == " " || $0 == "\n" }
        return fields.isEmpty ? nil : fields
    }

    private static func number(_ path: String) -> UInt64? { fields(path).flatMap { UInt64($0[0]) } }
}

/// A mounted hierarchy of control groups, one line of `/proc/self/mountinfo`.
struct CgroupMount: Equatable {
    /// The group that is mounted.
    var mountedGroup: String
    /// Where.
    var mountPoint: String
    /// Version 1: the controllers.
    var controllers: [String]
    var isVersion2: Bool

    /// Reads a line; nil when something else is mounted.
    init?(parsing line: Substring) {
        // 36 35 98:0 /group /point options - type source super-options, with optional fields before the hyphen.
        let fields = line.split(separator: " ")
        guard let hyphen = fields.firstIndex(of: "-"), hyphen >= 5, fields.count > hyphen + 3 else { return nil }
        let type = fields[hyphen + 1]
        guard type == "cgroup" || type == "cgroup2" else { return nil }
        mountedGroup = String(fields[3])
        mountPoint = String(fields[4])
        isVersion2 = type == "cgroup2"
        controllers = isVersion2 ? [] : fields[hyphen + 3].split(separator: ",").map { String($0) }
    }

    /// Calls `body` with the directories of a group and of all groups above it, up to the mount.
    func forEachGroup(of path: String, root: String, _ body: (String) -> Void) {
        var relative: Substring
        if mountedGroup == "/" {
            relative = path[...]
        } else if path == mountedGroup || path.hasPrefix(mountedGroup + "/") {
            relative = path.dropFirst(mountedGroup.count)
        } else {
            // Another namespace's path: only what is mounted can be seen.
            relative = ""
        }
        while true {
            while relative.hasSuffix("/") { relative = relative.dropLast() }
            body(root + mountPoint + relative)
            guard let slash = relative.lastIndex(of: "/") else { return }
            relative = relative[..<slash]
        }
    }
}
