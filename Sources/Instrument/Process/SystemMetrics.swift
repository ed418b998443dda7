// SPDX-License-Identifier: Apache-2.0

import Foundation

extension MetricRegistry {
    /// Registers what the machine and the process' control groups tell: `system_cpu_usage_percent`,
    /// `system_memory_usage_bytes`, `system_memory_size_bytes`, `system_disk_usage_bytes` and `system_disk_size_bytes` by
    /// `path`, `system_load1`, `system_load5`, `system_load15`, and the tightest limits `cgroup_memory_limit_bytes`,
    /// `cgroup_memory_usage_bytes` and `cgroup_cpu_limit_cores`.
    ///
    /// What the system does not tell is left out.
    ///
    /// - Parameter diskPaths: any path of each file system to tell about.
    /// - Throws: ``MetricError`` when one of the names is taken.
    public func registerSystemMetrics(diskPaths: [String] = ["/"]) throws(MetricError) {
        try registerSystemMetrics(diskPaths: diskPaths, root: "")
    }

    /// The same, reading the files under another directory.
    func registerSystemMetrics(diskPaths: [String], root: String) throws(MetricError) {
        try registerProcessor(root: root)
        try registerMemory(root: root)
        try registerDisks(diskPaths)
        try registerLoad()
        try registerCgroup(root: root)
    }

    private func registerProcessor(root: String) throws(MetricError) {
        let path = root + "/proc/stat"
        guard let text = try? SmallFile.text(path), ProcessorTicks(parsing: text) != nil else { return }
        let usage = try gauge(
            "system_cpu_usage_percent", help: "Share of the machine's CPU time spent working since the last scrape.",
            unit: "percent")
        let shared = SharedTicks()
        try collector("system_cpu", of: [usage]) {
            guard let ticks = ProcessorTicks(parsing: try SmallFile.text(path)) else {
                throw SystemError(code: EINVAL, operation: "parse \(path)")
            }
            usage.set(
                shared.last.withLock { last in
                    defer { last = ticks }
                    return ticks.percentBusy(since: last)
                })
        }
    }

    private func registerMemory(root: String) throws(MetricError) {
        let path = root + "/proc/meminfo"
        guard let text = try? SmallFile.text(path), MemoryStatus(parsing: text) != nil else { return }
        let used = try gauge(
            "system_memory_usage_bytes", help: "Memory of the machine that is not available, in bytes.", unit: "bytes")
        let size = try gauge("system_memory_size_bytes", help: "Memory of the machine, in bytes.", unit: "bytes")
        try collector("system_memory", of: [used, size]) {
            guard let memory = MemoryStatus(parsing: try SmallFile.text(path)) else {
                throw SystemError(code: EINVAL, operation: "parse \(path)")
            }
            used.set(Double(memory.usedBytes))
            size.set(Double(memory.totalBytes))
        }
    }

    private func registerDisks(_ paths: [String]) throws(MetricError) {
        guard !paths.isEmpty else { return }
        let used = try gauge(
            "system_disk_usage_bytes", help: "Used bytes of the file system.", unit: "bytes", labels: "path")
        let size = try gauge(
            "system_disk_size_bytes", help: "Size of the file system, in bytes.", unit: "bytes", labels: "path")
        try collector("system_disk", of: [used, size]) {
            for path in paths {
                // A file system that cannot be asked is left out; the others are not.
                guard let disk = try? DiskStatus(path: path) else {
                    try used.remove(path)
                    try size.remove(path)
                    continue
                }
                used.with(path).set(Double(disk.usedBytes))
                size.with(path).set(Double(disk.totalBytes))
            }
        }
    }

    private func registerLoad() throws(MetricError) {
        var probe = [0.0, 0.0, 0.0]
        guard getloadavg(&probe, 3) == 3 else { return }
        let one = try gauge("system_load1", help: "Load average over 1 minute.")
        let five = try gauge("system_load5", help: "Load average over 5 minutes.")
        let fifteen = try gauge("system_load15", help: "Load average over 15 minutes.")
        try collector("system_load", of: [one, five, fifteen]) {
            var loads = [0.0, 0.0, 0.0]
            guard getloadavg(&loads, 3) == 3 else { throw SystemError.last("getloadavg") }
            one.set(loads[0])
            five.set(loads[1])
            fifteen.set(loads[2])
        }
    }

    private func registerCgroup(root: String) throws(MetricError) {
        let limits = CgroupLimits.read(root: root)
        if limits.memoryBytesMax != nil {
            let most = try gauge(
                "cgroup_memory_limit_bytes", help: "Tightest memory limit of the process' control groups, in bytes.",
                unit: "bytes")
            let used = try gauge(
                "cgroup_memory_usage_bytes", help: "Memory that the group of that limit uses, in bytes.", unit: "bytes")
            try collector("cgroup_memory", of: [most, used]) {
                let limits = CgroupLimits.read(root: root)
                most.set(Double(limits.memoryBytesMax ?? 0))
                used.set(Double(limits.memoryBytes ?? 0))
            }
        }
        if limits.cores != nil {
            let cores = try gauge(
                "cgroup_cpu_limit_cores", help: "Tightest CPU quota of the process' control groups, in cores.",
                unit: "cores")
            try collector("cgroup_cpu", of: [cores]) { cores.set(CgroupLimits.read(root: root).cores ?? .infinity) }
        }
    }
}

/// The reading before this one, shared by the scrapes.
private final class SharedTicks: Sendable {
    let last = Lock<ProcessorTicks?>(nil)
}
