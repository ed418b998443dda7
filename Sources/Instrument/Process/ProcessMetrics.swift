// SPDX-License-Identifier: Apache-2.0

import Foundation

extension MetricRegistry {
    /// Registers what Prometheus' client libraries tell about every process: `process_cpu_seconds_total`,
    /// `process_resident_memory_bytes`, `process_virtual_memory_bytes`, `process_open_fds`, `process_max_fds`,
    /// `process_start_time_seconds` and `process_threads`.
    ///
    /// Values that the system does not tell (all but CPU time and limits where there is no `/proc`) are left out.
    ///
    /// - Throws: ``MetricError`` when one of the names is taken.
    public func registerProcessMetrics() throws(MetricError) {
        try registerProcessMetrics(root: "/proc")
    }

    /// The same, reading the files under another directory.
    func registerProcessMetrics(root: String) throws(MetricError) {
        let processor = try counter(
            "process_cpu_seconds_total", help: "User and system CPU time spent, in seconds.", unit: "seconds")
        try collector("process_cpu", of: [processor]) { processor.raise(to: Platform.processorSeconds()) }

        if (try? ProcessStatus.read(root: root)) != nil {
            try registerProcessStatus(root: root)
        }
        if ProcessStatus.countDescriptors(in: root + "/self/fd") != nil {
            let open = try gauge("process_open_fds", help: "Open file descriptors.")
            try collector("process_descriptors", of: [open]) {
                guard let count = ProcessStatus.countDescriptors(in: root + "/self/fd") else {
                    throw SystemError.last("opendir \(root)/self/fd")
                }
                open.set(count)
            }
        }
        if let limit = Platform.openDescriptorsMax() {
            try gauge("process_max_fds", help: "Most open file descriptors.").set(Double(limit))
        }
    }

    private func registerProcessStatus(root: String) throws(MetricError) {
        let resident = try gauge("process_resident_memory_bytes", help: "Memory in use, in bytes.", unit: "bytes")
        let virtual = try gauge("process_virtual_memory_bytes", help: "Address space, in bytes.", unit: "bytes")
        let threads = try gauge("process_threads", help: "Threads.")
        let start = try gauge(
            "process_start_time_seconds", help: "Start of the process, in seconds since 1970.", unit: "seconds")
        let ticksPerSecond = Double(sysconf(Int32(_SC_CLK_TCK)))
        try collector("process_status", of: [resident, virtual, threads, start]) {
            let status = try ProcessStatus.read(root: root)
            guard let boot = ProcessStatus.bootSeconds(parsing: try SmallFile.text(root + "/stat")) else {
                throw SystemError(code: EINVAL, operation: "parse \(root)/stat")
            }
            resident.set(Double(status.residentBytes))
            virtual.set(Double(status.virtualBytes))
            threads.set(status.threads)
            start.set(Double(boot) + Double(status.startTicks) / ticksPerSecond)
        }
    }
}
