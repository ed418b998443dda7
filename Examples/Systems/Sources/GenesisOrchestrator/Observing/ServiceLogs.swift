// SPDX-License-Identifier: Apache-2.0

import Foundation
import StructuredLog

/// One log file for each concern.
struct ServiceLogs: Sendable {
    static let names = ["orchestrator", "sla_monitor", "incident_response"]

    let orchestrator: StructuredLogger
    let sla: StructuredLogger
    let incidents: StructuredLogger
    private let folder: URL

    /// Opens the files.
    ///
    /// - Parameters:
    ///   - folder: made if it is missing.
    ///   - bytesMax: past it a file is set aside; so it is at midnight.
    init(folder: String, bytesMax: Int) throws {
        self.folder = URL(fileURLWithPath: folder)
        try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
        let rotation = LogRotation(bytesMax: bytesMax, every: .daily, filesMax: 30)
        func logger(_ name: String) throws -> StructuredLogger {
            try StructuredLogger(name, output: LogOutput(.file("\(folder)/\(name).log", rotation: rotation)))
        }
        orchestrator = try logger(Self.names[0])
        sla = try logger(Self.names[1])
        incidents = try logger(Self.names[2])
    }

    /// Sets the current files aside and deletes the ones that were set aside before.
    ///
    /// - Returns: the bytes that were freed.
    func rotate() throws -> Int {
        var freed = 0
        for (name, logger) in zip(Self.names, [orchestrator, sla, incidents]) {
            let current = "\(name).log"
            for old in try FileManager.default.contentsOfDirectory(atPath: folder.path)
            where old.hasPrefix(current + ".") {
                let file = folder.appendingPathComponent(old)
                freed += try file.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
                try FileManager.default.removeItem(at: file)
            }
            try FileManager.default.moveItem(
                at: folder.appendingPathComponent(current), to: folder.appendingPathComponent(current + ".1"))
            logger.pipeline.reopen()
        }
        return freed
    }

    /// Waits until everything is written.
    func flush() { for logger in [sla, incidents, orchestrator] { logger.flush() } }
}
