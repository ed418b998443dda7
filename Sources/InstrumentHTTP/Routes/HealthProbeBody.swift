// SPDX-License-Identifier: Apache-2.0

import HealthProbes
import Instrument

/// The answer to a probe: `ok`, `degraded` or `failed`, and what it is about.
///
/// Plain, it is at most 4,096 bytes whatever is registered: a kubelet reads 10 KiB. With `?verbose` every check has a
/// line, and `?exclude=name` leaves one out, both as in
/// [kube-apiserver](https://kubernetes.io/docs/reference/using-api/health-checks/).
struct HealthProbeBody {
    /// Names shown at most.
    static let namesMax = 16

    let question: HealthQuestion
    let kind: ProbeKind

    /// Appends the body.
    func render(into body: inout ByteBuffer) -> ResponseStatus {
        guard let snapshot = question.snapshot else {
            body.append("ok\n")
            return .ok
        }
        let isVerbose = question.query.contains("verbose")
        let excluded = Set(question.query.values(of: "exclude"))
        let verdict =
            excluded.isEmpty ? snapshot.verdict(kind) : snapshot.verdict(kind, excluding: excluded)
        if isVerbose {
            renderVerbose(verdict, snapshot, excluded, into: &body)
        } else {
            renderPlain(verdict, into: &body)
        }
        return verdict.isServing ? .ok : .serviceUnavailable
    }

    private func renderPlain(_ verdict: Verdict, into body: inout ByteBuffer) {
        body.append(Self.word(verdict))
        if !verdict.reason.isEmpty {
            body.append(" (")
            body.append(verdict.reason)
            body.append(")")
        }
        for name in verdict.causes.prefix(Self.namesMax) {
            body.append("\n")
            body.append(name)
        }
        body.append("\n")
    }

    private func renderVerbose(
        _ verdict: Verdict, _ snapshot: HealthSnapshot, _ excluded: Set<String>, into body: inout ByteBuffer
    ) {
        let probe = Self.name(of: kind)
        for check in snapshot.checks where !check.kinds.isDisjoint(with: kind.kinds) {
            let failed = check.status == .fail
            body.append(failed && !excluded.contains(check.name) ? "[-]" : "[+]")
            body.append(check.name)
            if excluded.contains(check.name) {
                body.append(" excluded: ok\n")
            } else if failed {
                body.append(" failed: ")
                let message = question.showsDetails ? check.result?.message : check.publicMessage
                // One line each, whatever the message contains.
                body.append((message ?? "reason withheld").map { $0.isNewline ? " " : String($0) }.joined())
                body.append("\n")
            } else {
                body.append(check.status == .pass ? " ok\n" : " \(check.status.rawValue)\n")
            }
        }
        for name in excluded.sorted().prefix(Self.namesMax) where snapshot.check(named: name) == nil {
            body.append("warn: some health checks cannot be excluded: no matches for ")
            body.append(json: String(name.prefix(64)))
            body.append("\n")
        }
        if !verdict.reason.isEmpty {
            body.append("[-]")
            body.append(verdict.reason)
            body.append("\n")
        }
        body.append(probe)
        body.append(verdict.isServing ? " check passed\n" : " check failed\n")
    }

    private static func word(_ verdict: Verdict) -> StaticString {
        switch verdict.status {
        case .pass: "ok"
        case .warn: "degraded"
        case .fail, .unknown: "failed"
        }
    }

    private static func name(of kind: ProbeKind) -> StaticString {
        switch kind {
        case .liveness: "livez"
        case .readiness: "readyz"
        case .startup: "startupz"
        case .overall: "healthz"
        }
    }
}
