// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Instrument

@Suite struct SystemMetricsTests {
    @Test func processorShareIsBusyTimeBetweenReadings() throws {
        let first = try #require(ProcessorTicks(parsing: "cpu  100 0 100 700 100 0 0 0 50 0\ncpu0 1 2 3 4\n"))
        let second = try #require(ProcessorTicks(parsing: "cpu  150 0 125 750 125 0 0 50 60 0\n"))
        #expect(first.busy == 200 && first.total == 1_000)
        #expect(first.percentBusy(since: nil) == 20)
        #expect(second.percentBusy(since: first) == 62.5)
        #expect(second.percentBusy(since: second) == 0)
        #expect(first.percentBusy(since: second) == 0)
        #expect(ProcessorTicks(parsing: "intr 1 2 3\n") == nil)
    }

    @Test func memoryInUseIsWhatIsNotAvailable() throws {
        let text = "MemTotal:       24000000 kB\nMemFree:         1000000 kB\nMemAvailable:   20000000 kB\n"
        let memory = try #require(MemoryStatus(parsing: text))
        #expect(memory.usedBytes == 4_096_000_000)
        #expect(MemoryStatus(parsing: "MemTotal: 1 kB\n") == nil)
    }

    /// Files by path, in a folder that is removed at the end.
    private func withFiles(_ files: [String: String], _ body: (String) throws -> Void) throws {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("cgroup-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: root) }
        for (path, text) in files {
            let file = root.appendingPathComponent(path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try text.write(to: file, atomically: false, encoding: .utf8)
        }
        try body(root.path)
    }

    @Test func version2LimitIsTheTightestOnTheWayUp() throws {
        try withFiles([
            "proc/self/cgroup": "0::/kubepods/pod1/box\n",
            "proc/self/mountinfo": "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw\n",
            "sys/fs/cgroup/kubepods/pod1/box/memory.max": "max\n",
            "sys/fs/cgroup/kubepods/pod1/box/cpu.max": "200000 100000\n",
            "sys/fs/cgroup/kubepods/pod1/memory.max": "1000\n",
            "sys/fs/cgroup/kubepods/pod1/memory.current": "400\n",
            "sys/fs/cgroup/kubepods/pod1/cpu.max": "150000 100000\n",
            "sys/fs/cgroup/kubepods/memory.max": "5000\n",
            "sys/fs/cgroup/kubepods/memory.current": "4000\n",
            "sys/fs/cgroup/kubepods/cpu.max": "max 100000\n",
        ]) { root in
            #expect(CgroupLimits.read(root: root) == CgroupLimits(memoryBytesMax: 1_000, memoryBytes: 400, cores: 1.5))
            let metrics = MetricRegistry()
            try metrics.registerSystemMetrics(diskPaths: [], root: root)
            let text = metrics.exposition()
            #expect(text.contains("cgroup_memory_limit_bytes 1000\n"))
            #expect(text.contains("cgroup_memory_usage_bytes 400\n"))
            #expect(text.contains("cgroup_cpu_limit_cores 1.5\n"))
            #expect(!text.contains("system_cpu_usage_percent"))
        }
    }

    @Test func version1HierarchiesAreReadEachOnTheirOwn() throws {
        try withFiles([
            "proc/self/cgroup": "9:name=systemd:/\n4:memory:/docker/abc\n1:cpu,cpuacct:/docker/abc\n0::/\n",
            "proc/self/mountinfo": """
            31 30 0:27 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory
            32 30 0:28 /docker/abc /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpu,cpuacct
            33 30 0:29 / / rw - ext4 /dev/vda rw

            """,
            "sys/fs/cgroup/memory/memory.limit_in_bytes": "2048\n",
            "sys/fs/cgroup/memory/memory.usage_in_bytes": "1024\n",
            "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "50000\n",
            "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
        ]) { root in
            #expect(
                CgroupLimits.read(root: root) == CgroupLimits(memoryBytesMax: 2_048, memoryBytes: 1_024, cores: 0.5))
        }
    }

    @Test func unlimitedGroupsHaveNoLimit() throws {
        try withFiles([
            "proc/self/cgroup": "4:memory:/\n1:cpu:/\n0::/../other\n",
            "proc/self/mountinfo": """
            31 30 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
            32 30 0:28 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu
            34 30 0:30 /here /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw

            """,
            "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
            "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
            "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
        ]) { root in
            #expect(CgroupLimits.read(root: root) == CgroupLimits())
        }
        #expect(CgroupLimits.read(root: "/nowhere") == CgroupLimits())
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/proc/meminfo"), "needs /proc"))
    func liveValuesArePlausible() throws {
        let metrics = MetricRegistry()
        try metrics.registerSystemMetrics(diskPaths: ["/", "/does/not/exist"])
        var values: [String: Double] = [:]
        for line in metrics.exposition().split(separator: "\n") where !line.hasPrefix("#") {
            let parts = line.split(separator: " ")
            values[String(parts[0])] = Double(parts[1])
        }
        #expect((0...100).contains(values["system_cpu_usage_percent"]!))
        #expect(values["system_memory_usage_bytes"]! > 1e6)
        #expect(values["system_memory_usage_bytes"]! < values["system_memory_size_bytes"]!)
        #expect(values["system_disk_usage_bytes{path=\"/\"}"]! > 0)
        #expect(values["system_disk_usage_bytes{path=\"/does/not/exist\"}"] == nil)
        #expect(values["system_load1"]! >= 0)
    }
}
