// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import HealthProbes

@Suite struct IncidentLogTests {
    static func event(_ name: String, _ status: CheckStatus, seconds: Int64 = 0) -> HealthEvent {
        HealthEvent(
            subject: .check(name), occasion: .transition, previous: .pass, status: status, marks: [],
            isCritical: true, isExpected: false, message: "down", unixNanoseconds: seconds * 1_000_000_000)
    }

    static func seconds(_ count: UInt64) -> UInt64 { count * 1_000_000_000 }

    @Test(
        arguments: [
            (0, "automated"), (119, "automated"), (120, "on-call"), (1_799, "on-call"), (1_800, "lead"),
            (7_200, "management"), (90_000, "management"),
        ] as [(UInt64, String)])
    func openIncidentEscalatesWithItsAge(age: UInt64, level: String) {
        var log = IncidentLog(levels: EscalationLevel.standard, retention: .seconds(3_600))
        log.record(Self.event("db", .fail), now: Self.seconds(10))
        let incident = log.incidents(now: Self.seconds(10 + age))[0]
        #expect(incident.escalation == level)
        #expect(incident.age == .seconds(Int64(age)))
        #expect(incident.isOpen)
    }

    @Test func recoveryClosesAndTheNextFailureOpensAnother() {
        var log = IncidentLog(levels: EscalationLevel.standard, retention: .seconds(3_600))
        log.record(Self.event("db", .fail, seconds: 1), now: Self.seconds(1))
        log.record(Self.event("db", .warn, seconds: 5), now: Self.seconds(5))
        log.record(Self.event("db", .pass, seconds: 6), now: Self.seconds(6))
        log.record(Self.event("db", .fail, seconds: 9), now: Self.seconds(9))
        let incidents = log.incidents(now: Self.seconds(10))
        #expect(incidents.map(\.id) == [1, 2])
        #expect(incidents[0].closedUnixNanoseconds == 5_000_000_000)
        #expect(incidents[0].age == .seconds(4))
        #expect(incidents[1].isOpen)
    }

    @Test func closedIncidentsAndEventsGoAfterTheRetentionAndOpenOnesStay() {
        var log = IncidentLog(levels: EscalationLevel.standard, retention: .seconds(3_600))
        log.record(Self.event("a", .fail), now: 0)
        log.record(Self.event("b", .fail), now: 0)
        log.record(Self.event("a", .pass), now: Self.seconds(10))
        #expect(log.incidents(now: Self.seconds(3_610)).map(\.check) == ["a", "b"])
        #expect(log.incidents(now: Self.seconds(3_611)).map(\.check) == ["b"])
        #expect(log.history(now: Self.seconds(3_605)).count == 1)
        #expect(log.history(now: Self.seconds(3_611)).isEmpty)
    }

    @Test func historyIsBounded() {
        var log = IncidentLog(levels: [], retention: .seconds(3_600))
        for number in 0..<10_000 {
            log.record(Self.event("db", number % 2 == 0 ? .fail : .pass, seconds: Int64(number)), now: 1)
        }
        #expect(log.history(now: 1).count == IncidentLog.keptMax)
        #expect(log.history(now: 1).last?.unixNanoseconds == 9_999_000_000_000)
        #expect(log.incidents(now: 1).count <= IncidentLog.keptMax + 1)
    }
}
