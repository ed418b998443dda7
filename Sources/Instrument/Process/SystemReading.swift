// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Figures of this process and of the machine at the moment of asking, for gauges and health checks of one's own.
///
/// ```swift
/// let size = try SystemReading.disk("/data").totalBytes
/// try health.register(
///     "disk_forecast", .info, every: .seconds(60),
///     .trend(towards: Double(size), warn: .seconds(4 * 3_600)) { Double(try SystemReading.disk("/data").usedBytes) })
/// ```
///
/// As metrics they are there with ``MetricRegistry/registerProcessMetrics()`` and
/// ``MetricRegistry/registerSystemMetrics(diskPaths:)``.
public enum SystemReading {
    /// How full the file system is that holds `path`.
    ///
    /// - Throws: what the operating system says when it does not tell, of a path that does not exist, say.
    public static func disk(_ path: String = "/") throws -> DiskStatus { try DiskStatus(path: path) }

    /// Memory of this process that is in use, in bytes: the value of `process_resident_memory_bytes`.
    ///
    /// - Throws: what the operating system says where there is no `/proc`.
    public static func residentMemoryBytes() throws -> UInt64 { try residentMemoryBytes(root: "/proc") }

    /// The same, reading the file under another directory.
    static func residentMemoryBytes(root: String) throws -> UInt64 { try ProcessStatus.read(root: root).residentBytes }
}
