// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument

/// The layout of a line: which names the time, level, message and the rest get, and in which order.
public struct LogPreset: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case seed
    }

    let kind: Kind

    /// `timestamp`, `level` (upper case), `logger`, `message`, `module`, `function`, `line`, `exception`, then the fields:
    /// the names of Python's loggers, one flat object a line.
    public static let seed = LogPreset(kind: .seed)

    /// The keys that this layout writes itself.
    var reservedKeys: [String] {
        let truncation = ["truncated", "original_bytes"]
        switch kind {
        case .seed:
            return ["timestamp", "level", "logger", "message", "module", "function", "line", "exception"] + truncation
        }
    }
}

/// Where in the source a line was logged.
struct LogSource {
    var fileID: StaticString
    var function: StaticString
    var line: UInt

    /// The part of `#fileID` before the slash.
    @inline(__always)
    var module: UnsafeRawBufferPointer {
        guard fileID.hasPointerRepresentation else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        let count = fileID.utf8CodeUnitCount
        var length = 0
        while length < count, fileID.utf8Start[length] != UInt8(ascii: "/") { length &+= 1 }
        return UnsafeRawBufferPointer(start: fileID.utf8Start, count: length)
    }
}

/// What stands in front of a line's fields, for each level of one label and preset: made once, copied into every line.
struct LineHead: ~Copyable {
    /// `","level":"INFO","logger":"orders","message":"` and the like, by level.
    private let middles: UnsafeMutablePointer<ByteBuffer>

    init(_ preset: LogPreset, label: String) {
        middles = .allocate(capacity: LogLevel.allCases.count)
        for level in LogLevel.allCases {
            var middle = ByteBuffer()
            switch preset.kind {
            case .seed:
                middle.append("\",\"level\":\"")
                middle.append(level.capitalName)
                middle.append("\",\"logger\":")
                middle.append(json: label)
                middle.append(",\"message\":\"")
            }
            (middles + Int(level.rawValue)).initialize(to: middle)
        }
    }

    deinit {
        middles.deinitialize(count: LogLevel.allCases.count)
        middles.deallocate()
    }

    @inline(__always)
    borrowing func appendMiddle(_ level: LogLevel, to line: inout ByteBuffer) {
        line.append(middles[Int(level.rawValue)])
    }
}

extension LineState {
    /// Writes everything in front of the fields into the empty line.
    @inline(__always)
    mutating func writeHead(
        _ preset: LogPreset, _ head: borrowing LineHead, _ level: LogLevel, _ unixNanoseconds: Int64,
        _ text: String, _ source: LogSource
    ) {
        switch preset.kind {
        case .seed:
            line.append("{\"timestamp\":\"")
            timestamp.append(unixNanoseconds, to: &line)
            head.appendMiddle(level, to: &line)
            writeMessage(text)
            line.append("\",\"module\":\"")
            line.append(jsonEscaping: source.module)
            line.append("\",\"function\":\"")
            writeStatic(source.function)
            line.append("\",\"line\":")
            line.append(decimal: UInt64(source.line))
        }
    }

    /// Writes the error's own field or fields; they give way in a line that is too long.
    @inline(never)
    mutating func writeError(_ preset: LogPreset, _ error: any Error) {
        let type = String(reflecting: Swift.type(of: error))
        switch preset.kind {
        case .seed:
            beginReservedField("exception")
            writeString("\(type): \(error)")
            endField()
        }
    }

    /// Begins a field that the preset itself writes.
    private mutating func beginReservedField(_ key: StaticString) {
        let kept = seen
        seen = 0
        beginField(key)
        seen |= kept
    }

    @inline(__always)
    private mutating func writeMessage(_ text: String) {
        let start = line.count
        var text = text
        text.withUTF8 { appendBounded(UnsafeRawBufferPointer($0)) }
        message = start..<line.count
    }

    @inline(__always)
    private mutating func writeStatic(_ text: StaticString) {
        guard text.hasPointerRepresentation else { return }
        line.append(jsonEscaping: UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Ends the line: cuts it down if it is too long, closes the object, and adds the newline.
    @inline(__always)
    mutating func finish(_ preset: LogPreset) {
        let limit = shared.pointee.lineBytesMax
        if line.count &+ 1 &+ skippedBytes > limit { finishLong(limit) }
        line.append(most: 2) { output in
            output[0] = UInt8(ascii: "}")
            output[1] = UInt8(ascii: "\n")
            return 2
        }
    }

    @inline(never)
    private mutating func finishLong(_ limit: Int) {
        let original = cut(to: limit, closingBytes: 1)
        line.append(",\"truncated\":true,\"original_bytes\":")
        line.append(decimal: UInt64(original))
    }
}
