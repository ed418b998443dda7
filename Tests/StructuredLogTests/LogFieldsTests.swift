// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument
import StructuredLog
import Testing

@Suite struct LogFieldsTests {
    private struct Point: LogValue {
        var x: Int
        func write(to value: inout LogValueWriter) { value.object { $0["x"] = x } }
    }

    private struct Silent: LogValue {
        func write(to value: inout LogValueWriter) {}
    }

    private struct Doubled: LogValue {
        func write(to value: inout LogValueWriter) {
            value.integer(Int64(1))
            value.string("second")
        }
    }

    @Test func everyKindOfValueIsItsJSON() throws {
        let bench = try LogBench()
        let missing: Int? = nil
        let text = bench.fields {
            $0["string"] = "a\"b\\c\n\u{7F}\u{85}\u{2028}é"
            $0["int"] = -9_223_372_036_854_775_808
            $0["unsigned"] = UInt64.max
            $0["small"] = Int8(-5)
            $0["double"] = 0.1
            $0["float"] = Float(0.1)
            $0["yes"] = true
            $0["null"] = nil
            $0["missing"] = missing
            $0["duration"] = Duration.milliseconds(1_500)
            $0["date"] = Date(timeIntervalSince1970: 1.25)
            $0["list"] = [1, 2]
            $0["table"] = ["b": 2, "a": 1]
            $0["point"] = Point(x: 3)
            $0["silent"] = Silent()
            $0["doubled"] = Doubled()
            $0[dynamic: "dyn\tamic"] = "x"
        }
        #expect(
            text == #""string":"a\"b\\c\n\u007f\u0085\u2028é","int":-9223372036854775808,"#
                + #""unsigned":18446744073709551615,"small":-5,"double":0.1,"float":0.1,"yes":true,"null":null,"#
                + #""missing":null,"duration":1.5,"date":"1970-01-01T00:00:01.250Z","list":[1,2],"#
                + #""table":{"a":1,"b":2},"point":{"x":3},"silent":null,"doubled":1,"dyn\tamic":"x""#)
    }

    @Test func theLastWriteOfAKeyWinsWhereTheFirstStood() throws {
        let bench = try LogBench()
        let text = bench.fields {
            $0["a"] = 1
            $0["b"] = "old"
            $0["c"] = 3
            $0[dynamic: "b"] = "a longer value"
            $0["d"] = 4
            $0["a"] = 11
            $0["d"] = 44
        }
        #expect(text == #""a":11,"b":"a longer value","c":3,"d":44"#)
    }

    @Test func keysAreUniqueInNestedObjectsToo() throws {
        let bench = try LogBench()
        let text = bench.fields {
            $0["id"] = 1
            $0.object("user") {
                $0["id"] = 1
                $0["name"] = "x"
                $0["id"] = 2
                $0["message"] = "free here"
            }
            $0.array("rows") {
                $0.append(1)
                $0.object { $0["k"] = 1 }
                $0.array { _ in }
            }
            $0.object("user") { $0["again"] = true }
            $0.object("empty") { _ in }
        }
        #expect(text == #""id":1,"user":{"again":true},"rows":[1,{"k":1},[]],"empty":{}"#)
        let nested = bench.fields { fields in
            fields.object("user") {
                $0["id"] = 1
                $0["name"] = "x"
                $0["id"] = 2
                $0["message"] = "free here"
            }
        }
        #expect(nested == #""user":{"id":2,"name":"x","message":"free here"}"#)
    }

    @Test func aReservedKeyIsRenamedNotLost() throws {
        let bench = try LogBench()
        let text = bench.fields {
            $0["message"] = "mine"
            $0["level"] = 3
            $0[dynamic: "message_"] = "last wins"
            $0["exception"] = "e"
        }
        #expect(text == #""message_":"last wins","level_":3,"exception_":"e""#)
    }

    @Test(arguments: [(false, #""a":"NaN","b":"Infinity","c":"-Infinity","d":"NaN""#), (true, "null")])
    func numbersWithoutJSONAreStringsOrNull(asNull: Bool, expected: String) throws {
        let bench = try LogBench(nonFiniteAsNull: asNull)
        let text = bench.fields {
            $0["a"] = Double.nan
            $0["b"] = Double.infinity
            $0["c"] = -Double.infinity
            $0["d"] = Float.nan
        }
        #expect(text == (asNull ? #""a":null,"b":null,"c":null,"d":null"# : expected))
    }

    @Test func nestingStopsAtEightLevels() throws {
        let bench = try LogBench()
        func nest(_ fields: inout LogFields, _ depth: Int) {
            guard depth > 0 else { return }
            fields.object("o") { nest(&$0, depth - 1) }
        }
        let eight = bench.fields { nest(&$0, 8) }
        #expect(eight == String(repeating: #""o":{"#, count: 8) + String(repeating: "}", count: 8))
        let nine = bench.fields { nest(&$0, 9) }
        #expect(
            nine == String(repeating: #""o":{"#, count: 8) + #""o":"[nested too deep]""#
                + String(repeating: "}", count: 8))
    }

    @Test func keysThatDifferInOneByteStayApart() throws {
        let bench = try LogBench()
        let keys = (0..<300).map { "key_with_a_long_common_start_\($0)" } + (0..<26).map { "k\($0)" }
        let text = bench.fields { for key in keys { $0[dynamic: key] = 1 } }
        #expect(text == keys.map { "\"\($0)\":1" }.joined(separator: ","))
    }

    @Test func aLongLineLosesItsLongestFieldsAndSaysSo() throws {
        let bench = try LogBench(lineBytesMax: 512)
        let child = bench.log.child { $0["context"] = String(repeating: "c", count: 150) }
        child.log(.info, "kept", fileID: "M/F.swift", function: "f()", line: 1) {
            $0["small"] = 1
            $0["large"] = String(repeating: "x", count: 400)
            $0["also"] = 2
        }
        let line = bench.capture.lines[0]
        #expect(line.utf8.count <= 512)
        let fields = LogBench.behindHead(line)
        #expect(fields.hasPrefix(#""context":"ccc"#))
        let note = try #require(fields.range(of: #","small":1,"also":2,"truncated":true,"original_bytes":"#))
        let original = Int(fields[note.upperBound...])
        let noteBytes = #","truncated":true,"original_bytes":687"#.utf8.count
        let lostBytes = #","large":"""#.utf8.count + 400
        #expect(original == line.utf8.count - noteBytes + lostBytes)
    }

    @Test(arguments: [0, 1, 2, 3])
    func aLongMessageIsCutLastAndBetweenCharacters(shift: Int) throws {
        let bench = try LogBench(lineBytesMax: 512)
        let message = String(repeating: "a", count: shift) + String(repeating: "é\n😀", count: 200)
        bench.log.log(.info, message, fileID: "M/F.swift", function: "f()", line: 1) { $0["gone"] = "x" }
        let line = bench.capture.lines[0]
        #expect(line.utf8.count <= 512 && line.utf8.count > 500)
        let object = try parsed(line)
        let kept = try #require(object["message"] as? String)
        #expect(message.hasPrefix(kept) && kept.count > 100)
        #expect(object["truncated"] as? Bool == true)
        #expect(object["gone"] == nil)
    }

    @Test func aLineWithoutALimitKeepsItsArrays() throws {
        let bench = try LogBench(lineBytesMax: .max)
        #expect(bench.fields { $0["a"] = [1, 2] } == #""a":[1,2]"#)
    }

    @Test func aLineTellsOfAContextFieldThatFitsNoLine() throws {
        let bench = try LogBench(lineBytesMax: 512)
        let huge = String(repeating: "y", count: 2_000)
        let child = bench.log.child {
            $0["huge"] = huge
            $0["a"] = 1
        }
        child.child { $0["b"] = 2 }.info("m")
        withLogContext {
            $0["huge"] = String(repeating: huge, count: 10)
        } operation: {
            child.info("m")
        }
        let objects = try bench.capture.lines.map { try parsed($0) }
        for object in objects {
            #expect(object["huge"] == nil)
            #expect(object["a"] as? Int == 1)
            #expect(object["truncated"] as? Bool == true)
        }
        #expect(objects.count == 2 && objects[0]["b"] as? Int == 2)
        #expect(try #require(objects[0]["original_bytes"] as? Int) > 2_000)
        #expect(try #require(objects[1]["original_bytes"] as? Int) > 22_000)
    }

    @Test func aHugeValueIsBoundedInMemoryAndTellsItsSize() throws {
        let bench = try LogBench()
        let huge = String(repeating: "y", count: 5_000_000)
        bench.log.info("m") {
            $0["huge"] = huge
            $0.array("rows") { rows in for index in 0..<100_000 { rows.append(index) } }
            $0["after"] = 1
        }
        let object = try parsed(bench.capture.lines[0])
        #expect(object["huge"] == nil && object["rows"] == nil)
        #expect(object["after"] as? Int == 1)
        #expect(try #require(object["original_bytes"] as? Int) > 5_500_000)
    }
}
