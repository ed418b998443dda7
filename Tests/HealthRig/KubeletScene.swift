// SPDX-License-Identifier: Apache-2.0

import Foundation
import HealthProbes
import Instrument

/// Probes as a kubelet does: a new connection each time, one second for dial, head and body together, at most 10 KiB of
/// a body that must be there whole.
///
/// Arguments: port, path, probes altogether, threads. Prints `probes`, `usable`, `unusable`, `codes` and the times
/// `p50_us`, `p99_us`, `max_us`.
@Sendable func kubeletScene(_ arguments: [String]) async throws {
    guard arguments.count == 4, let port = UInt16(arguments[0]), let total = Int(arguments[2]),
        let threads = Int(arguments[3]), threads > 0
    else { throw CheckFailure("kubelet PORT PATH PROBES THREADS") }
    let tally = Tally()
    let workers = try (0..<threads).map { number in
        try PlainThread(name: "kubelet") {
            let probe = HTTPProbe(host: "127.0.0.1", port: port, path: arguments[1])
            let share = total / threads + (number < total % threads ? 1 : 0)
            for _ in 0..<share { tally.add(probe) }
        }
    }
    for worker in workers { worker.join() }
    tally.report()
}

/// What came of the probes.
private final class Tally: Sendable {
    private struct State {
        var microseconds: [UInt64] = []
        var codes: [Int: Int] = [:]
        var failures: [String: Int] = [:]
    }

    private let state = Lock(State())

    func add(_ probe: HTTPProbe) {
        let start = TimeSource.systemMonotonicNanoseconds()
        let answer = Result { try probe.get(deadline: start + 1_000_000_000, readsBody: true) }
        let took = (TimeSource.systemMonotonicNanoseconds() - start) / 1_000
        state.withLock { state in
            state.microseconds.append(took)
            switch answer {
            case .success(let answer) where answer.body.isEmpty || answer.body.utf8.count > 10_240:
                state.failures["body of \(answer.body.utf8.count) bytes", default: 0] += 1
            case .success(let answer): state.codes[answer.status, default: 0] += 1
            case .failure(let error): state.failures["\(error)", default: 0] += 1
            }
        }
    }

    func report() {
        let state = state.withLock { $0 }
        let times = state.microseconds.sorted()
        let unusable = state.failures.values.reduce(0, +)
        say("probes=\(times.count)")
        say("usable=\(times.count - unusable)")
        say("unusable=\(unusable)")
        say("codes=\(state.codes.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" }.joined(separator: ","))")
        for (failure, count) in state.failures { say("failure=\(count) x \(failure)") }
        guard let slowest = times.last else { return }
        say("p50_us=\(times[times.count / 2])")
        say("p99_us=\(times[times.count * 99 / 100])")
        say("max_us=\(slowest)")
    }
}
