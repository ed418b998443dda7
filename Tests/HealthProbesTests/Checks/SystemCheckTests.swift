// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument
import Testing

@testable import HealthProbes

@Suite struct ControlGroupTests {
    let directory: TemporaryDirectory
    let root: String

    init() throws {
        directory = try TemporaryDirectory()
        root = String(directory.path.dropLast())
        try mount("/sys/fs/cgroup", "cgroup2", "rw")
        try directory.write("MemTotal: 1000 kB\nMemFree: 1 kB\nMemAvailable: 800 kB\n", to: "proc/meminfo")
        try directory.write("cpu  100 0 100 700 100 0 0 0 0 0\ncpu0 1 1 1 1\n", to: "proc/stat")
    }

    func mount(_ point: String, _ type: String, _ options: String) throws {
        try directory.write("36 35 0:30 / \(point) rw - \(type) cgroup \(options)\n", to: "proc/self/mountinfo")
    }

    func group(_ path: String, max: String, current: Int, inactive: Int = 0) throws {
        let base = "sys/fs/cgroup" + path
        try directory.write("\(max)\n", to: base + "/memory.max")
        try directory.write("\(current)\n", to: base + "/memory.current")
        try directory.write("anon 1\ninactive_file \(inactive)\n", to: base + "/memory.stat")
    }

    @Test func tightestLimitAboveTheProcessDecides() throws {
        try directory.write("0::/pod/container\n", to: "proc/self/cgroup")
        try group("/pod/container", max: "max", current: 900)
        try group("/pod", max: "1000", current: 900, inactive: 50)
        try group("", max: "100000", current: 5_000)
        #expect(CgroupLimits.read(root: root).memoryBytesWorking == 850)
        let result = run(.memory(.above(warn: 80, fail: 95), root: root))
        #expect(result.status == .warn)
        #expect(result.message == "85 is above 80")
        #expect(result.details["scope"] == "control group")
    }

    @Test func containerWhoseOwnGroupIsTheMountIsFound() throws {
        // As seen inside a container: the path is the host's, the files stand in the mount itself.
        try directory.write("0::/../../kubepods/pod1/abc\n", to: "proc/self/cgroup")
        try group("", max: "2000", current: 500)
        #expect(CgroupLimits.read(root: root).memoryBytesMax == 2_000)
    }

    @Test func versionOneIsRead() throws {
        try mount("/sys/fs/cgroup/memory", "cgroup", "rw,memory")
        try directory.write("5:memory:/app\n3:cpu,cpuacct:/app\n", to: "proc/self/cgroup")
        let memory = "sys/fs/cgroup/memory"
        try directory.write("4000\n", to: memory + "/app/memory.limit_in_bytes")
        try directory.write("3000\n", to: memory + "/app/memory.usage_in_bytes")
        try directory.write("total_inactive_file 1000\n", to: memory + "/app/memory.stat")
        try directory.write("9223372036854771712\n", to: memory + "/memory.limit_in_bytes")
        #expect(run(.memory(.above(warn: 40), root: root)).message == "50 is above 40")
        try mount("/sys/fs/cgroup/cpu,cpuacct", "cgroup", "rw,cpu,cpuacct")
        let cpu = "sys/fs/cgroup/cpu,cpuacct/app"
        try directory.write("50000\n", to: cpu + "/cpu.cfs_quota_us")
        try directory.write("100000\n", to: cpu + "/cpu.cfs_period_us")
        try directory.write("2000000000\n", to: cpu + "/cpuacct.usage")
        #expect(CgroupLimits.read(root: root).cores == 0.5)
        #expect(CgroupLimits.read(root: root).processorSeconds == 2)
    }

    @Test func machineCountsWhereNoGroupLimits() throws {
        try directory.write("0::/\n", to: "proc/self/cgroup")
        #expect(CgroupLimits.read(root: root).memoryBytesMax == nil)
        #expect(CgroupLimits.read(root: root).cores == nil)
        let result = run(.memory(.above(warn: 80, fail: 95), root: root))
        #expect(result.status == .pass)
        #expect(result.value == 20)
        #expect(result.details["scope"] == "machine")
    }

    @Test func processorShareOfTheQuota() throws {
        try directory.write("0::/app\n", to: "proc/self/cgroup")
        try directory.write("200000 100000\n", to: "sys/fs/cgroup/app/cpu.max")
        try directory.write("usage_usec 1000000\nuser_usec 1\n", to: "sys/fs/cgroup/app/cpu.stat")
        let check = HealthCheck.processor(.above(warn: 70, fail: 90), root: root)
        #expect(run(check, now: 0) == .pass("nothing to compare with yet"))
        // 15 s of CPU in 10 s of time: three quarters of two CPUs.
        try directory.write("usage_usec 16000000\n", to: "sys/fs/cgroup/app/cpu.stat")
        let result = run(check, now: 10_000_000_000)
        #expect(result.status == .warn)
        #expect(result.value == 75)
    }

    @Test func processorShareOfTheMachine() throws {
        try directory.write("0::/\n", to: "proc/self/cgroup")
        let check = HealthCheck.processor(.above(warn: 70, fail: 90), root: root)
        #expect(run(check).status == .pass)
        try directory.write("cpu  190 0 100 705 105 0 0 0 0 0\n", to: "proc/stat")
        #expect(run(check).value == 90)
        #expect(run(check) == .pass("nothing to compare with yet"))
    }

    @Test func loadIsPerProcessor() throws {
        try directory.write("8.00 4.00 2.00 1/100 12345\n", to: "proc/loadavg")
        func load(_ span: HealthCheck.LoadSpan) -> CheckResult {
            run(.load(span, .above(warn: 1, fail: 1.5), root: root, processors: 4))
        }
        #expect(load(.oneMinute).status == .fail)
        #expect(load(.fiveMinutes).status == .pass)
        #expect(load(.fifteenMinutes).value == 0.5)
    }

    @Test func unreadableMachineFails() {
        let result = run(.load(.oneMinute, .above(warn: 1), root: "/nonexistent", processors: 1))
        #expect(result.status == .fail)
        #expect(result.message.contains("No such file"))
    }
}

/// Against the machine that the tests run on.
@Suite struct RealMachineTests {
    @Test func everyReadingOfThisMachineMakesSense() {
        let never = Threshold.above(fail: .infinity)
        for (name, check) in [
            ("disk", HealthCheck.disk(["/", "/tmp"], never)), ("memory", .memory(never)),
            ("load", .load(.oneMinute, never)), ("descriptors", .openDescriptors(never)),
        ] {
            let result = run(check)
            #expect(result.status == .pass, "\(name): \(result.message)")
            #expect((result.value ?? -1) >= 0, "\(name)")
            if name != "load" { #expect((result.value ?? 101) <= 100, "\(name)") }
        }
        let processor = HealthCheck.processor(never)
        #expect(run(processor).status == .pass)
    }

    @Test func fullestFileSystemDecides() {
        let result = run(.disk(["/", "/tmp"], .above(warn: -2, fail: -1)))
        #expect(result.status == .fail)
        #expect(Set(result.details.keys) == ["/", "/tmp"])
        #expect(run(.disk(["/"], .above(), freeBytesMin: .max)).status == .fail)
        #expect(run(.disk(["/nonexistent"])).message.contains("statvfs /nonexistent"))
    }

    @Test func openDescriptorsAreCounted() throws {
        let before = try MachineReadings(root: "").descriptors().open
        let files = try (0..<64).map { _ in
            FileHandle(
                fileDescriptor: try Descriptor.open("/dev/null", flags: O_RDONLY).release(), closeOnDealloc: true)
        }
        let after = try MachineReadings(root: "").descriptors().open
        // Other tests open and close descriptors meanwhile.
        #expect(after - before > 30)
        withExtendedLifetime(files) {}
    }
}
