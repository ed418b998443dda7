// SPDX-License-Identifier: Apache-2.0

import Instrument
import StructuredLog
import TestSupport
import Testing

@Suite struct LogLevelsTests {
    @Test func theLongestPrefixDecides() {
        let levels = LogLevels(default: .warning)
        levels.set(.info, for: "db")
        levels.set(.trace, for: "db.pool")
        levels.silence("db.pool.noise")
        let expected: [(String, LogLevel?)] = [
            ("http", .warning), ("db", .info), ("dbx", .info), ("db.query", .info), ("db.pool", .trace),
            ("db.pool.a", .trace), ("db.pool.noise.1", nil), ("", .warning),
        ]
        for (label, level) in expected { #expect(levels.level(of: label) == level, "\(label)") }
    }

    @Test func aChangeReachesLoggersThatExist() throws {
        let bench = try LogBench(level: .info)
        let child = bench.log.child { $0["a"] = 1 }
        #expect(!child.isEnabled(.debug))
        bench.log.levels.set(.debug, for: "ben")
        #expect(child.isEnabled(.debug) && bench.log.isEnabled(.debug) && !child.isEnabled(.trace))
        bench.log.levels.remove("ben")
        #expect(!child.isEnabled(.debug))
        bench.log.levels.silence("bench")
        #expect(!child.isEnabled(.critical))
    }

    @Test func aTemporaryRuleEndsAndThePermanentOneReturns() throws {
        let bench = try LogBench(level: .info)
        let levels = bench.log.levels
        levels.set(.error, for: "bench")
        levels.set(.trace, for: "bench", lasting: .seconds(600))
        levels.set(.debug, for: "other", lasting: .seconds(60))
        #expect(bench.log.isEnabled(.trace))
        bench.clock.advance(by: .seconds(599))
        levels.expireRules()
        #expect(bench.log.isEnabled(.trace))
        #expect(levels.rules.map(\.prefix) == ["", "bench"])
        #expect(levels.rules.last?.remaining == .seconds(1))
        bench.clock.advance(by: .seconds(1))
        levels.expireRules()
        #expect(!bench.log.isEnabled(.warning) && bench.log.isEnabled(.error))
        #expect(levels.rules.last?.remaining == nil)
    }

    @Test func theSystemsClockEndsATemporaryRuleByItself() async throws {
        let capture = LogCapture()
        let log = try StructuredLogger("timed", output: LogOutput(.capture(capture)))
        log.levels.set(.trace, for: "timed", lasting: .seconds(3_600))
        #expect(log.isEnabled(.trace))
        log.levels.set(.debug, for: "timed", lasting: .milliseconds(50))
        #expect(try await eventually { !log.isEnabled(.debug) })
        #expect(log.isEnabled(.info))
    }

    @Test func labelsAndRulesAreBounded() {
        let levels = LogLevels()
        let accepted = (0..<LogLevels.rulesMax).filter { levels.set(.debug, for: "p\($0)") }.count
        #expect(accepted == LogLevels.rulesMax - 1)
        #expect(levels.set(.trace, for: "p1"))
    }
}
