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
    /// Every check as a traffic light: for watchers that search the body for a word.
    case components
    /// One check as JSON.
    case check
    /// What fails and failed, with age and escalation.
    case incidents
    /// The events of the last hour.
    case history

    /// The views below `base`, such as `/health`.
    static func children(of base: String) -> [(path: String, route: HealthRoute)] {
        [
            (base, .document), (base + "/live", .probe(.liveness)), (base + "/ready", .probe(.readiness)),
            (base + "/startup", .probe(.startup)), (base + "/components", .components),
            (base + "/incidents", .incidents), (base + "/history", .history), (base + "/:check", .check),
        ]
    }

    /// Appends the body. Runs on a poll loop: quick, and never waits.
    ///
    /// - Returns: 200 or 503; 404 for a check that is not there.
    func render(_ question: HealthQuestion, into body: inout ByteBuffer) -> ResponseStatus {
        // Checks that run on demand are asked here; this answer does not wait for theirs.
        question.registry?.refreshOnDemand()
        switch self {
        case .probe(let kind): return HealthProbeBody(question: question, kind: kind).render(into: &body)
        case .document: return HealthDocument(question: question).renderAll(into: &body)
        case .components: return HealthDocument(question: question).renderComponents(into: &body)
        case .check: return HealthDocument(question: question).renderCheck(into: &body)
        case .incidents: return HealthEvents(question: question).renderIncidents(into: &body)
        case .history: return HealthEvents(question: question).renderHistory(into: &body)
        }
    }

    /// What the body is.
    var contentType: String {
        switch self {
        case .probe: "text/plain; charset=utf-8"
        case .document, .check: "application/health+json"
        case .components, .incidents, .history: "application/json"
        }
    }
}
