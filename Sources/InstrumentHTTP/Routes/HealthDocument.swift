// SPDX-License-Identifier: Apache-2.0

import HealthProbes
import Instrument

/// Health as JSON: a superset of
/// [draft-inadarei-api-health-check-06](https://datatracker.ietf.org/doc/html/draft-inadarei-api-health-check-06).
///
/// Without credentials it shows names and statuses alone, and its length is the same as long as no status changes: load
/// testers count a body of another length as a failure.
struct HealthDocument {
    let question: HealthQuestion

    /// Appends everything.
    func renderAll(into body: inout ByteBuffer) -> ResponseStatus {
        guard let snapshot = question.snapshot else {
            body.append("{\"status\":\"pass\",\"checks\":{}}\n")
            return .ok
        }
        let overall = snapshot.overall
        body.append("{\"status\":")
        body.append(json: Self.status(overall.status))
        body.append(",\"state\":")
        body.append(json: overall.status.rawValue)
        body.append(",\"color\":")
        body.append(json: overall.status.color)
        body.append(",\"phase\":")
        body.append(json: snapshot.phase.rawValue)
        for kind in [ProbeKind.liveness, .readiness, .startup] {
            body.append(",")
            body.append(json: kind.rawValue)
            body.append(":")
            body.append(json: Self.status(snapshot.verdict(kind).status))
        }
        body.append(",\"checks\":{")
        var isFirst = true
        for check in snapshot.checks {
            if !isFirst { body.append(",") }
            isFirst = false
            body.append(json: check.name)
            body.append(":[")
            render(check, into: &body)
            body.append("]")
        }
        body.append("}}\n")
        return overall.isServing ? .ok : .serviceUnavailable
    }

    /// Appends the traffic lights: `healthy` stands in the body when the service is green or yellow, and nowhere in it
    /// when it is red. No message is shown here, since any of them may contain that word.
    func renderComponents(into body: inout ByteBuffer) -> ResponseStatus {
        let overall = question.snapshot?.overall.status ?? .pass
        body.append("{\"overall\":")
        switch overall {
        case .pass: body.append("\"healthy\"")
        case .warn: body.append("\"healthy, degraded\"")
        case .fail, .unknown: body.append("\"failed\"")
        }
        body.append(",\"color\":")
        body.append(json: overall.color)
        body.append(",\"components\":{")
        var isFirst = true
        for check in question.snapshot?.checks ?? [] {
            if !isFirst { body.append(",") }
            isFirst = false
            body.append(json: check.name)
            body.append(":{\"status\":")
            body.append(json: check.status.rawValue)
            body.append(",\"color\":")
            body.append(json: Self.color(check))
            body.append(",\"critical\":")
            body.append(check.isCritical ? "true" : "false")
            body.append(",\"marks\":")
            Self.append(check.marks.names, to: &body)
            body.append(",\"dependsOn\":")
            Self.append(check.dependsOn, to: &body)
            body.append("}")
        }
        body.append("}}\n")
        return overall == .fail ? .serviceUnavailable : .ok
    }

    /// Appends the check that the path names.
    func renderCheck(into body: inout ByteBuffer) -> ResponseStatus {
        guard let name = question.parameters["check"], let check = question.snapshot?.check(named: name) else {
            body.append("{\"status\":\"fail\",\"output\":\"no check has that name\"}\n")
            return .notFound
        }
        render(check, into: &body)
        body.append("\n")
        return check.status == .fail ? .serviceUnavailable : .ok
    }

    private func render(_ check: CheckReport, into body: inout ByteBuffer) {
        body.append("{\"status\":")
        body.append(json: Self.status(check.status))
        body.append(",\"state\":")
        body.append(json: check.status.rawValue)
        body.append(",\"healthy\":")
        body.append(check.isHealthy ? "true" : "false")
        body.append(",\"color\":")
        body.append(json: Self.color(check))
        body.append(",\"critical\":")
        body.append(check.isCritical ? "true" : "false")
        let message = question.showsDetails ? check.result?.message : check.status == .pass ? nil : check.publicMessage
        body.append(",\"message\":")
        body.append(json: message ?? "")
        if question.showsDetails { renderDetails(check, into: &body) }
        body.append("}")
    }

    private func renderDetails(_ check: CheckReport, into body: inout ByteBuffer) {
        if check.status != .pass, let message = check.result?.message {
            body.append(",\"output\":")
            body.append(json: message)
        }
        if let value = check.result?.value, value.isFinite {
            body.append(",\"observedValue\":")
            body.append(finite: value)
        }
        if let unit = check.result?.unit {
            body.append(",\"observedUnit\":")
            body.append(json: unit)
        }
        Self.append(time: check.lastResultUnixNanoseconds, as: "time", to: &body)
        Self.append(time: check.sinceUnixNanoseconds, as: "since", to: &body)
        Self.append(time: check.lastSuccessUnixNanoseconds, as: "lastSuccess", to: &body)
        Self.append(time: check.lastFailureUnixNanoseconds, as: "lastFailure", to: &body)
        body.append(",\"durationMs\":")
        body.append(finite: Double(check.durationNanoseconds / 1_000) / 1_000)
        body.append(",\"consecutiveFailures\":")
        body.append(decimal: Int64(check.consecutiveFailures))
        body.append(",\"outstanding\":")
        body.append(decimal: Int64(check.outstanding))
        for (name, words) in [
            ("kinds", check.kinds.names), ("marks", check.marks.names), ("tags", check.tags),
            ("dependsOn", check.dependsOn),
        ] {
            body.append(",")
            body.append(json: name)
            body.append(":")
            Self.append(words, to: &body)
        }
        body.append(",\"details\":{")
        var isFirst = true
        for (key, value) in (check.result?.details ?? [:]).sorted(by: { $0.key < $1.key }) {
            if !isFirst { body.append(",") }
            isFirst = false
            body.append(json: key)
            body.append(":")
            body.append(json: value)
        }
        body.append("}")
    }

    /// The draft knows three words; what is unknown is no reason to call a service failed.
    private static func status(_ status: CheckStatus) -> String {
        status == .unknown ? CheckStatus.warn.rawValue : status.rawValue
    }

    /// The failure of what is not critical is yellow.
    private static func color(_ check: CheckReport) -> String {
        check.status == .fail && !check.isCritical ? CheckStatus.warn.color : check.status.color
    }

    private static func append(time: Int64?, as name: StaticString, to body: inout ByteBuffer) {
        guard let time else { return }
        body.append(",\"")
        body.append(name)
        body.append("\":")
        body.append(jsonTimestamp: time)
    }

    private static func append(_ words: [String], to body: inout ByteBuffer) {
        body.append("[")
        for (index, word) in words.enumerated() {
            if index > 0 { body.append(",") }
            body.append(json: word)
        }
        body.append("]")
    }
}

extension ByteBuffer {
    /// Appends a timestamp as a JSON string: always 26 bytes.
    mutating func append(jsonTimestamp unixNanoseconds: Int64) {
        append(UInt8(ascii: "\""))
        append(timestamp: unixNanoseconds)
        append(UInt8(ascii: "\""))
    }
}
