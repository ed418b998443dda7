// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument
import StructuredLog

/// A logger into memory whose clock stands at 2026-01-01T00:00:00.000Z.
struct LogBench {
    let capture = LogCapture()
    let clock = ManualClock()
    let pipeline: LogPipeline
    let log: StructuredLogger

    init(
        preset: LogPreset = .seed, level: LogLevel = .trace, lineBytesMax: Int = 16_383, nonFiniteAsNull: Bool = false
    ) throws {
        pipeline = try LogPipeline(
            LogPipeline.Configuration(
                outputs: [LogOutput(.capture(capture), preset: preset)], level: level, lineBytesMax: lineBytesMax,
                nonFiniteAsNull: nonFiniteAsNull, time: .manual(clock)))
        log = StructuredLogger("bench", pipeline: pipeline)
    }

    /// The fields of a line behind the head, as they stand in it: `"a":1,"b":2`.
    func fields(_ body: (inout LogFields) -> Void) -> String {
        capture.removeAll()
        log.log(.info, "m", fileID: "M/F.swift", function: "f()", line: 1, body)
        return Self.behindHead(capture.lines.last ?? "")
    }

    static func behindHead(_ line: String) -> String {
        guard let head = line.range(of: "\"line\":1,") else { return "" }
        return String(line[head.upperBound...].dropLast())
    }
}

/// A line as Foundation's parser reads it, which shares no code with the encoder.
func parsed(_ line: String) throws -> [String: Any] {
    let value = try JSONSerialization.jsonObject(with: Data(line.utf8))
    guard let object = value as? [String: Any] else { throw CocoaError(.coderReadCorrupt) }
    return object
}
