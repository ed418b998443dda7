// SPDX-License-Identifier: Apache-2.0

import HealthProbes
import Instrument

/// What a view of the service's health is made from.
struct HealthQuestion {
    /// Nil for a service without checks: that it answers is all there is to know.
    let snapshot: HealthSnapshot?
    /// The service's checks, for what a snapshot does not hold.
    let registry: HealthRegistry?
    /// The decoded query.
    let query: QueryParameters
    /// What stood in place of the path's `:names`.
    let parameters: [String: String]
    /// Whether the client may see more than names and statuses: it has the token, or came through the listener for
    /// details.
    let showsDetails: Bool
}

/// A view of the service's health that the loop renders itself.
enum HealthRoute: Sendable {
    /// One word and the names of what fails: for probes.
    case probe(ProbeKind)
    /// Everything as JSON: for people and their tools.
    case document

    /// Names shown by a probe's answer: a kubelet reads 10 KiB at most, people read less.
    private static let namesMax = 16

    /// The views below `base`, such as `/health`.
    static func children(of base: String) -> [(path: String, route: HealthRoute)] {
        [
            (base, .document), (base + "/live", .probe(.liveness)), (base + "/ready", .probe(.readiness)),
            (base + "/startup", .probe(.startup)),
        ]
    }

    /// Appends the body. Runs on a poll loop: quick, and never waits.
    ///
    /// - Returns: 200 or 503.
    func render(_ question: HealthQuestion, into body: inout ByteBuffer) -> ResponseStatus {
        switch self {
        case .probe(let kind): Self.renderProbe(question.snapshot?.verdict(kind), into: &body)
        case .document: Self.renderDocument(question.snapshot, into: &body)
        }
    }

    /// What the body is.
    var contentType: String {
        switch self {
        case .probe: "text/plain; charset=utf-8"
        case .document: "application/health+json"
        }
    }

    private static func renderProbe(_ verdict: Verdict?, into body: inout ByteBuffer) -> ResponseStatus {
        guard let verdict else {
            body.append("ok\n")
            return .ok
        }
        switch verdict.status {
        case .pass: body.append("ok")
        case .warn: body.append("degraded")
        case .fail, .unknown: body.append("failed")
        }
        if !verdict.reason.isEmpty {
            body.append(" (")
            body.append(verdict.reason)
            body.append(")")
        }
        for name in verdict.causes.prefix(namesMax) {
            body.append("\n")
            body.append(name)
        }
        body.append("\n")
        return verdict.isServing ? .ok : .serviceUnavailable
    }

    private static func renderDocument(_ health: HealthSnapshot?, into body: inout ByteBuffer) -> ResponseStatus {
        guard let health else {
            body.append("{\"status\":\"pass\",\"checks\":{}}\n")
            return .ok
        }
        body.append("{\"status\":")
        body.append(json: health.overall.status.rawValue)
        body.append(",\"phase\":")
        body.append(json: health.phase.rawValue)
        body.append(",\"checks\":{")
        var isFirst = true
        for check in health.checks {
            if !isFirst { body.append(",") }
            isFirst = false
            body.append(json: check.name)
            body.append(":{\"status\":")
            body.append(json: check.status.rawValue)
            body.append(",\"color\":")
            body.append(json: check.status.color)
            body.append(",\"critical\":")
            body.append(check.isCritical ? "true" : "false")
            body.append("}")
        }
        body.append("}}\n")
        return health.overall.isServing ? .ok : .serviceUnavailable
    }
}
