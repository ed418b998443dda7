// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument

extension HealthCheck {
    /// How full file systems are, in percent, as `df` shows it: what ordinary users may still write counts as free.
    ///
    /// - Parameters:
    ///   - paths: a path on each file system; the fullest one decides, all are in the details.
    ///   - threshold: the limits, in percent.
    ///   - freeBytesMin: fails below this many free bytes, whatever the percentage.
    public static func disk(
        _ paths: [String] = ["/"], _ threshold: Threshold = .above(warn: 80, fail: 95), freeBytesMin: UInt64 = 0
    ) -> HealthCheck {
        let judges = paths.map { _ in Judge(threshold, unit: "percent") }
        return HealthCheck(
            .blocking { context in
                var worst = CheckResult.pass
                var details: [String: String] = [:]
                for (path, judge) in zip(paths, judges) {
                    let (used, free) = try fileSystem(path)
                    details[path] = "\(Judge.rounded(used)) % used, \(free) bytes free"
                    var result = judge.result(used, subject: "\(path): ", now: context.now)
                    if free < freeBytesMin {
                        result = .fail(
                            "\(path): \(free) bytes free, expected \(freeBytesMin)", value: used, unit: "percent")
                    }
                    let isWorse =
                        (result.status.severity, result.value ?? 0) > (worst.status.severity, worst.value ?? -1)
                    if isWorse { worst = result }
                }
                worst.details = details
                return worst
            })
    }

    private static func fileSystem(_ path: String) throws -> (usedPercent: Double, freeBytes: UInt64) {
        let disk = try DiskStatus(path: path)
        let total = Double(disk.usedBytes) + Double(disk.availableBytes)
        return (total > 0 ? 100 * Double(disk.usedBytes) / total : 0, disk.availableBytes)
    }

    /// How much of the memory that this process may use is in use, in percent: the tightest control group's limit, or
    /// the machine's memory if nothing limits it further.
    ///
    /// - Parameter threshold: the limits, in percent.
    public static func memory(_ threshold: Threshold = .above(warn: 80, fail: 95)) -> HealthCheck {
        memory(threshold, root: "")
    }

    static func memory(_ threshold: Threshold, root: String) -> HealthCheck {
        let judge = Judge(threshold, unit: "percent")
        return HealthCheck(
            .blocking { context in
                let machine = try MachineReadings(root: root).memory()
                var (used, limit, scope) = (machine.usedBytes, machine.totalBytes, "machine")
                let group = CgroupLimits.read(root: root)
                if let groupUsed = group.memoryBytesWorking, let groupLimit = group.memoryBytesMax, groupLimit > 0,
                    Double(groupUsed) / Double(groupLimit) > Double(used) / Double(limit)
                {
                    (used, limit, scope) = (groupUsed, groupLimit, "control group")
                }
                var result = judge.result(100 * Double(used) / Double(limit), now: context.now)
                result.details = ["used": "\(used)", "limit": "\(limit)", "scope": scope]
                return result
            })
    }

    /// How much of the CPU time that this process may use was used since the last run, in percent: by its control group
    /// if that has a quota, else by the whole machine.
    ///
    /// - Parameter threshold: the limits, in percent.
    public static func processor(_ threshold: Threshold = .above(warn: 70, fail: 90)) -> HealthCheck {
        processor(threshold, root: "")
    }

    static func processor(_ threshold: Threshold, root: String) -> HealthCheck {
        let judge = Judge(threshold, unit: "percent")
        let meter = UsageMeter()
        return HealthCheck(
            .blocking { context in
                let group = CgroupLimits.read(root: root)
                let share: Double?
                if let cores = group.cores, let used = group.processorSeconds {
                    share = meter.share(used: used, of: Double(context.now) / 1e9 * cores)
                } else {
                    let ticks = try MachineReadings(root: root).processorTicks()
                    share = meter.share(used: Double(ticks.busy), of: Double(ticks.total))
                }
                guard let share else { return .pass("nothing to compare with yet") }
                return judge.result(100 * share, now: context.now)
            })
    }

    /// Which of the three load averages is meant.
    public enum LoadSpan: Int, Sendable, CaseIterable {
        /// Over one minute.
        case oneMinute
        /// Over five minutes.
        case fiveMinutes
        /// Over fifteen minutes.
        case fifteenMinutes
    }

    /// The machine's load average, per CPU.
    ///
    /// - Parameters:
    ///   - span: which average.
    ///   - threshold: the limits, for each CPU.
    public static func load(
        _ span: LoadSpan = .fiveMinutes, _ threshold: Threshold = .above(warn: 1, fail: 2)
    ) -> HealthCheck {
        load(span, threshold, root: "", processors: ProcessInfo.processInfo.activeProcessorCount)
    }

    static func load(_ span: LoadSpan, _ threshold: Threshold, root: String, processors: Int) -> HealthCheck {
        .threshold(threshold) {
            try MachineReadings(root: root).loadAverages()[span.rawValue] / Double(max(1, processors))
        }
    }

    /// How many of the descriptors that this process may open are open, in percent.
    ///
    /// - Parameter threshold: the limits, in percent.
    public static func openDescriptors(_ threshold: Threshold = .above(warn: 80, fail: 95)) -> HealthCheck {
        .threshold(threshold, unit: "percent") {
            let (open, limit) = try MachineReadings(root: "").descriptors()
            return limit > 0 ? 100 * open / limit : 100
        }
    }
}

/// The share that one growing total has in another's growth since the last look.
private final class UsageMeter: Sendable {
    private let last = Lock<(used: Double, all: Double)?>(nil)

    /// Nil for the first look, and while nothing has grown.
    func share(used: Double, of all: Double) -> Double? {
        last.withLock { last in
            defer { last = (used, all) }
            guard let last, all > last.all else { return nil }
            return max(0, used - last.used) / (all - last.all)
        }
    }
}
