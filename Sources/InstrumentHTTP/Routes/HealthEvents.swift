// SPDX-License-Identifier: Apache-2.0

import HealthProbes
import Instrument

/// Incidents and past events as JSON arrays, the newest last. Messages are for authorised readers.
struct HealthEvents {
    let question: HealthQuestion

    /// Appends the incidents.
    func renderIncidents(into body: inout ByteBuffer) -> ResponseStatus {
        body.append("[")
        for (index, incident) in (question.registry?.incidents() ?? []).enumerated() {
            body.append(index == 0 ? "{\"id\":" : ",{\"id\":")
            body.append(decimal: incident.id)
            body.append(",\"check\":")
            body.append(json: incident.check)
            body.append(",\"critical\":")
            body.append(incident.isCritical ? "true" : "false")
            body.append(",\"test\":")
            body.append(incident.isTest ? "true" : "false")
            body.append(",\"open\":")
            body.append(incident.isOpen ? "true" : "false")
            body.append(",\"openedAt\":")
            body.append(jsonTimestamp: incident.openedUnixNanoseconds)
            if let closed = incident.closedUnixNanoseconds {
                body.append(",\"closedAt\":")
                body.append(jsonTimestamp: closed)
            }
            body.append(",\"ageSeconds\":")
            body.append(decimal: incident.age.components.seconds)
            body.append(",\"escalation\":")
            body.append(json: incident.escalation)
            if question.showsDetails {
                body.append(",\"message\":")
                body.append(json: incident.message)
            }
            body.append("}")
        }
        body.append("]\n")
        return .ok
    }

    /// Appends the events.
    func renderHistory(into body: inout ByteBuffer) -> ResponseStatus {
        body.append("[")
        for (index, event) in (question.registry?.history() ?? []).enumerated() {
            let (kind, name) = event.subject.words
            body.append(index == 0 ? "{\"time\":" : ",{\"time\":")
            body.append(jsonTimestamp: event.unixNanoseconds)
            body.append(",\"subject\":")
            body.append(json: kind)
            body.append(",\"name\":")
            body.append(json: name)
            body.append(",\"occasion\":")
            body.append(json: event.occasion.rawValue)
            body.append(",\"from\":")
            body.append(json: event.ends.from)
            body.append(",\"to\":")
            body.append(json: event.ends.to)
            body.append(",\"test\":")
            body.append(event.marks.contains(.test) ? "true" : "false")
            if let escalation = event.escalation {
                body.append(",\"escalation\":")
                body.append(json: escalation)
            }
            if question.showsDetails {
                body.append(",\"message\":")
                body.append(json: event.message)
            }
            body.append("}")
        }
        body.append("]\n")
        return .ok
    }
}

extension HealthEvent {
    /// What changed, in words: two statuses, or two phases of the service's life.
    var ends: (from: String, to: String) {
        if case .phase(let from, let to) = subject { return (from.rawValue, to.rawValue) }
        return (previous.rawValue, status.rawValue)
    }
}

extension HealthEvent.Subject {
    /// What kind of thing the event is about, and its name.
    var words: (kind: String, name: String) {
        switch self {
        case .check(let name): ("check", name)
        case .verdict(let kind): ("verdict", kind.rawValue)
        case .phase: ("phase", "phase")
        case .drainHook(let name): ("drain_hook", name)
        }
    }
}
