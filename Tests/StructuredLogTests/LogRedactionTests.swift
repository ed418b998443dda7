// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument
import StructuredLog
import Testing

@Suite struct LogRedactionTests {
    private struct Token: LogValue, Error, CustomStringConvertible {
        var text: String
        var description: String { text }
        func write(to value: inout LogValueWriter) { value.string(text) }
    }

    private struct Account: LogValue {
        var secret: String
        func write(to value: inout LogValueWriter) {
            value.object {
                $0["name"] = "visible"
                $0["password"] = secret
                $0.object("card") { $0["number"] = secret }
            }
        }
    }

    private let rules = LogRedaction(
        keys: ["password", "API-Key", "naïve"], paths: ["user.card.number", "rows.pin"], types: [Token.self])

    @Test func keysAndPathsHideTheirValuesAlone() throws {
        let capture = LogCapture()
        let pipeline = try LogPipeline(
            LogPipeline.Configuration(outputs: [LogOutput(.capture(capture))], redaction: rules))
        let log = StructuredLogger("r", pipeline: pipeline)
        log.log(.info, "m", fileID: "M/F.swift", function: "f()", line: 1) {
            $0["Password"] = "s"
            $0["api-key"] = 5
            $0["naïve"] = true
            $0["number"] = "shown"
            $0.object("user") {
                $0["number"] = "shown"
                $0.object("card") {
                    $0["NUMBER"] = "s"
                    $0["pin"] = "shown"
                }
            }
            $0.array("rows") {
                $0.object {
                    $0["a"] = [1]
                    $0["pin"] = "s"
                }
                $0.object { $0["pin"] = "s" }
            }
            $0["pin"] = "shown"
            $0["password"] = ["again": "s"]
        }
        #expect(
            LogBench.behindHead(capture.lines[0]) == #""Password":"[redacted]","api-key":"[redacted]","#
                + #""naïve":"[redacted]","number":"shown","#
                + #""user":{"number":"shown","card":{"NUMBER":"[redacted]","pin":"shown"}},"#
                + #""rows":[{"a":[1],"pin":"[redacted]"},{"pin":"[redacted]"}],"pin":"shown","password":"[redacted]""#)
    }

    @Test func aRuleHoldsForAFieldThatIsRenamed() throws {
        let capture = LogCapture()
        let pipeline = try LogPipeline(
            LogPipeline.Configuration(
                outputs: [LogOutput(.capture(capture))],
                redaction: LogRedaction(keys: ["message", "Line"], paths: ["exception.code"])))
        let log = StructuredLogger("r", pipeline: pipeline)
        withLogContext {
            $0["line"] = 5
        } operation: {
            log.child { $0["function"] = "shown" }.log(.info, "m", fileID: "M/F.swift", function: "f()", line: 1) {
                $0["message"] = "s"
                $0.object("exception") {
                    $0["code"] = "s"
                    $0["message"] = "s"
                    $0["function"] = "shown"
                }
            }
        }
        #expect(
            LogBench.behindHead(capture.lines[0])
                == #""function_":"shown","line_":"[redacted]","message_":"[redacted]","#
                + #""exception_":{"code":"[redacted]","message":"[redacted]","function":"shown"}"#)
    }

    @Test func plainTypesAreHiddenInEveryForm() throws {
        let capture = LogCapture()
        let pipeline = try LogPipeline(
            LogPipeline.Configuration(
                outputs: [LogOutput(.capture(capture))],
                redaction: LogRedaction(types: [Int.self, String.self, Double.self])))
        let log = StructuredLogger("r", pipeline: pipeline)
        log.log(.info, "m", fileID: "M/F.swift", function: "f()", line: 1) {
            $0["a"] = 5
            $0["b"] = "s"
            $0["c"] = 1.5
            $0["é"] = 5
            $0["yes"] = true
            $0["bytes"] = UInt8(5)
            $0[dynamic: "d"] = 5
            $0["list"] = [1.5]
            $0.object("o") { $0["n"] = 5 }
        }
        #expect(
            LogBench.behindHead(capture.lines[0]) == #""a":"[redacted]","b":"[redacted]","c":"[redacted]","#
                + #""é":"[redacted]","yes":true,"bytes":5,"d":"[redacted]","list":["[redacted]"],"o":{"n":"[redacted]"}"#
        )
    }

    @Test func typesAreHiddenInATasksContextByThePipelinesThatSaySo() throws {
        let strict = LogCapture()
        let lax = LogCapture()
        let hiding = try LogPipeline(
            LogPipeline.Configuration(
                outputs: [LogOutput(.capture(strict))], redaction: LogRedaction(types: [Token.self, UInt16.self])))
        let showing = try LogPipeline(outputs: [LogOutput(.capture(lax))])
        withLogContext {
            $0["a"] = Token(text: "s\u{1}s")
            $0["b"] = 1
        } operation: {
            withLogContext {
                $0["list"] = [[Token(text: "s")], []]
                $0.object("o") { $0["t"] = Optional(Token(text: "s")) }
                $0.set(["d": Token(text: "s"), "n": UInt16(7), "none": nil])
            } operation: {
                for pipeline in [hiding, showing] {
                    StructuredLogger("r", pipeline: pipeline)
                        .log(.info, "m", fileID: "M/F.swift", function: "f()", line: 1)
                }
            }
        }
        #expect(
            LogBench.behindHead(strict.lines[0]) == #""a":"[redacted]","b":1,"list":[["[redacted]"],[]],"#
                + #""o":{"t":"[redacted]"},"d":"[redacted]","n":"[redacted]","none":null"#)
        #expect(
            LogBench.behindHead(lax.lines[0])
                == #""a":"s\u0001s","b":1,"list":[["s"],[]],"o":{"t":"s"},"d":"s","n":7,"none":null"#)
    }

    @Test(
        "a thousand secrets through every path reach no sink",
        arguments: [LogPreset.seed, .ecs, .otel, .logfmt, .console])
    func canary(preset: LogPreset) throws {
        let first = LogCapture()
        let second = LogCapture()
        let pipeline = try LogPipeline(
            LogPipeline.Configuration(
                outputs: [LogOutput(.capture(first), preset: preset), LogOutput(.capture(second), preset: .gcp())],
                redaction: rules, backtraceLevel: .critical))
        let log = StructuredLogger("canary", pipeline: pipeline)
        for index in 0..<1_000 {
            let secret = "CANARY\(index)X"
            let child = log.child {
                $0["password"] = secret
                $0["user"] = Account(secret: secret)
                $0["token"] = Token(text: secret)
            }
            withLogContext {
                $0["api-key"] = secret
                $0.object("user") { $0.object("card") { $0["number"] = secret } }
                $0.array("rows") { $0.object { $0["pin"] = secret } }
                $0["hidden"] = LogSecret(secret)
                $0["token"] = Token(text: secret)
            } operation: {
                child.info("signed in with \(LogSecret(secret))", error: Token(text: secret)) {
                    $0["PASSWORD"] = secret
                    $0["optional"] = Optional(Token(text: secret))
                    $0["list"] = [Token(text: secret)]
                    $0["table"] = ["password": secret]
                    $0["wrapped"] = LogSecret(Token(text: secret))
                    $0[dynamic: "Api-Key"] = secret
                    $0.object("user") { $0.object("card") { $0["number"] = secret } }
                }
                child.warning("dictionary", ["password": secret, "t": Token(text: secret), "a": Account(secret: "")])
            }
        }
        #expect(first.lines.count == 2_000 && second.lines.count == 2_000)
        for line in first.lines + second.lines { #expect(!line.contains("CANARY")) }
        #expect(first.lines[0].contains("[redacted]"))
    }
}
