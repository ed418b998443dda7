// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument
import StructuredLog

/// Lines of everything that can be in a key, a value or a message: all bytes, all scalars, broken UTF-8, each length.
struct RigFuzz {
    private let lines: Int
    private let seed: UInt64
    private let preset: LogPreset
    private let pipeline: LogPipeline

    init(_ arguments: RigArguments) throws {
        lines = try arguments.number("lines", 10_000)
        seed = UInt64(try arguments.number("seed", 1))
        let presets: [String: LogPreset] = ["seed": .seed, "ecs": .ecs, "gcp": .gcp(), "otel": .otel]
        guard let preset = presets[arguments.text("preset") ?? "seed"] else {
            throw RigError(description: "preset is none of seed, ecs, gcp, otel")
        }
        self.preset = preset
        var output = try arguments.output()
        output.preset = preset
        pipeline = try LogPipeline(outputs: [output])
    }

    func run() throws {
        let log = StructuredLogger("fuzz", pipeline: pipeline)
        var random = Mixer(state: seed)
        for index in 0..<lines {
            let value = text(index, &random)
            let key = text(Int(truncatingIfNeeded: random.next()) & 0xFFFFFF, &random)
            let child = index % 7 == 0 ? log.child { $0[dynamic: key] = index } : log
            child.info(index % 3 == 0 ? value : "m") {
                $0["index"] = index
                // What the parser has to read back, as numbers that no escaping can spoil.
                $0["expected"] = value.unicodeScalars.map { Int($0.value) }
                $0["value"] = value
                if index % 2 == 0 { $0[dynamic: key] = value }
                if index % 5 == 0 { $0[dynamic: key] = Double(bitPattern: random.next()) }
                if index % 11 == 0 { $0.object("nested") { nest(&$0, key, value, depth: index % 12) } }
            }
        }
        guard pipeline.shutdown(deadline: .seconds(60)) else { throw RigError(description: "lines were left over") }
    }

    private func nest(_ fields: inout LogFields, _ key: String, _ value: String, depth: Int) {
        fields[dynamic: key] = value
        fields[dynamic: key] = depth
        guard depth > 0 else { return }
        fields.array("list") {
            $0.append(value)
            $0.object { nest(&$0, key, value, depth: depth - 1) }
        }
    }

    /// By turns: every byte, every scalar, broken UTF-8; behind a start of 0 to 63 plain bytes.
    private func text(_ index: Int, _ random: inout Mixer) -> String {
        let start = String(repeating: "a", count: index & 63)
        switch index % 4 {
        case 0:
            return start + String(decoding: [UInt8(truncatingIfNeeded: index / 4)], as: UTF8.self) + "z"
        case 1:
            let scalars = (0..<4).map { UInt32(truncatingIfNeeded: (index / 4) * 4 + $0) % 0x11_0000 }
            return start + String(String.UnicodeScalarView(scalars.compactMap { Unicode.Scalar($0) }))
        case 2:
            let broken: [[UInt8]] = [
                [0xED, 0xA0, 0x80], [0xC0, 0xAF], [0xE0, 0x80, 0xAF], [0xF0, 0x80, 0x80, 0xAF],
                [0xF4, 0x90, 0x80, 0x80],
                [0xFF], [0xC2], [0xE2, 0x80], [0xF0, 0x9F, 0x98], [0x80],
            ]
            return start + String(decoding: broken[index / 4 % broken.count], as: UTF8.self) + "z"
        default:
            return String(
                decoding: (0..<index & 63).map { _ in UInt8(truncatingIfNeeded: random.next()) }, as: UTF8.self)
        }
    }
}

/// SplitMix64.
struct Mixer {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
