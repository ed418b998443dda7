// SPDX-License-Identifier: Apache-2.0

import Instrument

/// Writes the line by which an output says, in its own stream, what it had to drop.
///
/// ```
/// {"timestamp":"...","level":"WARNING","logger":"log","message":"lines were dropped","event":"log.dropped",
///  "count":12,"bytes":3480,"by_level":{"info":12}}
/// ```
struct DropReport: Sendable {
    /// Reports are at least this far apart, in nanoseconds.
    static let intervalNanoseconds: UInt64 = 900_000_000
    /// The report's level.
    static let level = LogLevel.warning

    private let preset: LogPreset
    private let time: TimeSource
    private let neutral: NeutralPipeline

    init(preset: LogPreset, time: TimeSource) {
        self.preset = preset
        self.time = time
        neutral = NeutralPipeline(time: time)
    }

    /// Appends the report of `drops`.
    func write(_ drops: Drops, to output: inout ByteBuffer) {
        let head = LineHead(preset, label: "log")
        let state = ThreadLineState.acquire(neutral.shared)
        defer { ThreadLineState.release(state) }
        var fields = LogFields(state)
        fields["event"] = "log.dropped"
        fields["count"] = drops.byLevel.reduce(0, +)
        fields["bytes"] = drops.bytes
        fields.object("by_level") { fields in
            for level in LogLevel.allCases where drops.byLevel[Int(level.rawValue)] > 0 {
                fields[dynamic: level.description] = drops.byLevel[Int(level.rawValue)]
            }
        }
        state.pointee.setFieldsAside()
        let source = LogSource(fileID: #fileID, function: #function, line: #line, isWritten: false)
        let layout = preset.layout
        state.pointee.writeHead(
            layout, head, Self.level, time.unixNanoseconds(), "lines were dropped", nil, source)
        state.pointee.appendFieldsSetAside(layout)
        state.pointee.finish(layout)
        output.append(state.pointee.line)
    }
}

/// Lines that were given up since the last report.
struct Drops {
    var byLevel: [UInt64]
    var bytes: UInt64

    /// What `statistics` counted beyond an earlier reading.
    init(_ statistics: LogStatistics, since earlier: LogStatistics) {
        byLevel = zip(statistics.droppedByLevel, earlier.droppedByLevel).map { $0 - $1 }
        bytes = statistics.droppedBytes - earlier.droppedBytes
    }
}
