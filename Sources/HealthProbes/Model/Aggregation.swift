// SPDX-License-Identifier: Apache-2.0

/// How the states of all checks and of the lifecycle make the four verdicts. Pure.
struct Aggregation {
    var reports: [CheckReport]
    var phase: LifecyclePhase
    var isStarted: Bool

    /// Fails on a critical failure alone: what is not known is no reason to restart a process.
    var liveness: Verdict {
        verdict(over: .liveness) { $0.contribution }
    }

    /// Fails while not started, draining or in maintenance, and when a critical check fails or cannot be known.
    var readiness: Verdict {
        let checks = verdict(over: .readiness, readinessContribution)
        switch phase {
        case .starting: return Verdict(.fail, reason: phase.rawValue, causes: checks.causes)
        case .maintenance, .draining, .stopped: return Verdict(.fail, reason: phase.rawValue, causes: checks.causes)
        case .started, .ready:
            // Maintenance may hide that startup has not ended.
            return isStarted ? checks : Verdict(.fail, reason: LifecyclePhase.starting.rawValue, causes: checks.causes)
        }
    }

    /// Fails until every startup check has passed once.
    var startup: Verdict {
        guard !isStarted else { return Verdict(.pass) }
        let pending = reports.filter { $0.kinds.contains(.startup) && !$0.hasPassed }.map(\.name)
        return Verdict(.fail, reason: LifecyclePhase.starting.rawValue, causes: pending)
    }

    /// The worst of the other three and of every check that none of them asks.
    var overall: Verdict {
        let readiness = readiness
        let checks = verdict(over: ProbeKind.overall.kinds) { report in
            report.kinds.contains(.readiness) ? readinessContribution(report) : report.contribution
        }
        let status = [checks.status, readiness.status, startup.status].max { $0.severity < $1.severity } ?? .pass
        return Verdict(status, reason: readiness.reason, causes: checks.causes)
    }

    private func readinessContribution(_ report: CheckReport) -> CheckStatus {
        let isKnown = report.status != .unknown && !report.marks.contains(.stale)
        return report.isCritical && !isKnown ? .fail : report.contribution
    }

    private func verdict(over kinds: CheckKinds, _ contribution: (CheckReport) -> CheckStatus) -> Verdict {
        var failing: [String] = []
        var degraded: [String] = []
        for report in reports where !report.kinds.isDisjoint(with: kinds) {
            switch contribution(report) {
            case .fail: failing.append(report.name)
            case .warn: degraded.append(report.name)
            case .pass, .unknown: break
            }
        }
        let status: CheckStatus = !failing.isEmpty ? .fail : !degraded.isEmpty ? .warn : .pass
        return Verdict(status, causes: failing + degraded)
    }
}

extension CheckReport {
    /// Whether any run has ever passed or warned.
    var hasPassed: Bool { lastSuccessUnixNanoseconds != nil }
}
