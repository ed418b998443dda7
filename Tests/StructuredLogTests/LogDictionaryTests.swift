// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument
import StructuredLog
import Testing

/// Values of a dictionary literal are read where they stand in their boxes; each kind must come out as by the closure form.
@Suite struct LogDictionaryTests {
    private struct Wide: LogValue {
        let first: Int
        let second: String
        let third: String
        func write(to value: inout LogValueWriter) {
            value.object {
                $0["first"] = first
                $0["second"] = second
                $0["third"] = third
            }
        }
    }

    @Test func eachKindOfValueIsWrittenAsByTheClosure() throws {
        let bench = try LogBench()
        let long = String(repeating: "heap \"string\" ", count: 4)
        let nothing: String? = nil
        let maybe: Int? = 3
        let dictionary = bench.fields {
            $0.set([
                "small": "x", "empty": "", "long": long, "substring": long.prefix(6), "int": -42, "max": Int.max,
                "byte": UInt8(200), "wide": UInt64.max, "double": 12.5, "third": 1.0 / 3.0, "nan": Double.nan,
                "float": Float(0.1), "yes": true, "no": false, "nil": nil, "nothing": nothing, "maybe": maybe,
                "array": [1, 2], "object": ["b": 1, "a": 2], "boxed": Wide(first: 1, second: long, third: "z"),
                "duration": Duration.milliseconds(1_500), "int": 7,
            ])
        }
        let closure = bench.fields {
            $0["small"] = "x"
            $0["empty"] = ""
            $0["long"] = long
            $0["substring"] = long.prefix(6)
            $0["int"] = 7
            $0["max"] = Int.max
            $0["byte"] = UInt8(200)
            $0["wide"] = UInt64.max
            $0["double"] = 12.5
            $0["third"] = 1.0 / 3.0
            $0["nan"] = Double.nan
            $0["float"] = Float(0.1)
            $0["yes"] = true
            $0["no"] = false
            $0["nil"] = nil
            $0["nothing"] = nothing
            $0["maybe"] = maybe
            $0["array"] = [1, 2]
            $0["object"] = ["b": 1, "a": 2]
            $0["boxed"] = Wide(first: 1, second: long, third: "z")
            $0["duration"] = Duration.milliseconds(1_500)
        }
        #expect(dictionary == closure)
        #expect(dictionary.hasPrefix(#""small":"x","empty":"","long":"heap \"string\" heap"#))
        #expect(dictionary.contains(#""yes":true,"no":false,"nil":null,"nothing":null,"maybe":3,"array":[1,2]"#))
    }

    @Test func typesAreHiddenInADictionaryToo() throws {
        let capture = LogCapture()
        let pipeline = try LogPipeline(
            LogPipeline.Configuration(
                outputs: [LogOutput(.capture(capture))],
                redaction: LogRedaction(keys: ["password"], types: [Int.self, UUID.self])))
        let log = StructuredLogger("bench", pipeline: pipeline)
        log.info("m", ["a": 1, "b": UUID(), "c": "shown", "password": "p", "d": nil, "e": LogSecret("s"), "f": 1.5])
        let line = try #require(capture.lines.first)
        #expect(
            line.hasSuffix(
                #""a":"[redacted]","b":"[redacted]","c":"shown","password":"[redacted]","d":null,"e":"[redacted]","f":1.5}"#
            ))
    }

    @Test func aBoxIsThreeWordsAndATypeAndNilHasNone() {
        #expect(MemoryLayout<any LogValue>.size == 5 * MemoryLayout<UInt>.size)
        #expect(MemoryLayout<(any LogValue)?>.size == MemoryLayout<any LogValue>.size)
        func words(_ value: (any LogValue)?) -> [UInt] {
            withUnsafeBytes(of: value) { Array($0.bindMemory(to: UInt.self)) }
        }
        #expect(words(nil)[3] == 0)
        #expect(words(5)[0] == 5)
        #expect(words(5)[3] == unsafeBitCast(Int.self as Any.Type, to: UInt.self))
        #expect(words(2.5)[0] == UInt((2.5).bitPattern))
        #expect(words("x")[3] == unsafeBitCast(String.self as Any.Type, to: UInt.self))
        #expect(words(Wide(first: 1, second: "", third: ""))[3] != 0)
    }
}
