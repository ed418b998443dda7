// SPDX-License-Identifier: Apache-2.0

/// A status put over a check's own, to try the alarms out. Always marked as a test.
struct FaultInjection: Sendable {
    let result: CheckResult
    /// When it ends by itself, in awake monotonic nanoseconds.
    let until: UInt64
    let sinceUnixNanoseconds: Int64

    /// The report as readers see it.
    func laid(over report: CheckReport) -> CheckReport {
        var shown = report
        shown.status = result.status
        shown.result = result
        shown.sinceUnixNanoseconds = sinceUnixNanoseconds
        shown.marks.insert(.test)
        return shown
    }
}
