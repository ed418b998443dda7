// SPDX-License-Identifier: Apache-2.0

import HealthProbes
import StructuredLog

/// One log line for each change of health, and a reminder while something stays failed. Probes themselves log nothing.
enum HealthLog {
    /// Writes the registry's events to `log` from now on.
    ///
    /// - Throws: `HealthError` when the operating system has no thread to give.
    static func follow(_ health: HealthRegistry, _ log: StructuredLogger) throws(HealthError) {
        try health.onEvent { event in
            let (kind, name) = event.subject.words
            let level = level(of: event)
            log.logWithoutSource(level, message(of: event)) { fields in
                fields["event"] = "health_\(event.occasion.rawValue)"
                fields["subject"] = kind
                fields["name"] = name
                fields["from"] = event.ends.from
                fields["to"] = event.ends.to
                if !event.message.isEmpty { fields["reason"] = event.message }
                if event.marks.contains(.test) { fields["test"] = true }
                if let escalation = event.escalation { fields["escalation"] = escalation }
            }
        }
    }

    private static func level(of event: HealthEvent) -> LogLevel {
        // A service that starts, or was told to leave, says so without raising its voice.
        if event.isExpected { return .info }
        return switch event.status {
        case .fail: event.isCritical ? .error : .warning
        case .warn, .unknown: .warning
        case .pass: .info
        }
    }

    private static func message(of event: HealthEvent) -> String {
        switch event.subject {
        case .check:
            switch event.occasion {
            case .transition: "health check changed"
            case .reminder: "health check still fails"
            case .escalation: "incident escalates"
            case .flapping: "health check flaps"
            case .steady: "health check is steady again"
            }
        case .verdict: "health verdict changed"
        case .phase: "service entered another phase"
        case .drainHook: "drain hook did not end well"
        }
    }
}
