// SPDX-License-Identifier: Apache-2.0

import Instrument
import Synchronization

/// Why the transport closed a connection, other than at its end.
enum CloseReason: Int, Sendable, CaseIterable {
    case evicted
    case headerDeadline
    case bodyDeadline
    case idleDeadline
    case writeDeadline
    case handlerDeadline
    case rejected
    case refused
    case peer

    /// The value of the metric's label.
    var label: String {
        switch self {
        case .evicted: "evicted"
        case .headerDeadline: "header_deadline"
        case .bodyDeadline: "body_deadline"
        case .idleDeadline: "idle_deadline"
        case .writeDeadline: "write_deadline"
        case .handlerDeadline: "handler_deadline"
        case .rejected: "rejected"
        case .refused: "refused"
        case .peer: "peer"
        }
    }
}

/// What the transport counts; shared by its loops.
final class TransportStatistics: Sendable {
    /// Connections that are open now. Relaxed: a bound on how many there are, nothing else hangs on it.
    let openConnections = Atomic<Int>(0)
    private let open: Gauge
    private let accepted: Counter
    private let acceptFailures: Counter
    private let closed: [Counter]
    private let droppedLines: Counter

    /// Registers the figures.
    ///
    /// - Throws: `MetricError` when a name is taken by a metric of another shape.
    init(_ registry: MetricRegistry) throws(MetricError) {
        open = try registry.gauge("http_server_connections", help: "Open connections to the endpoint.")
        accepted = try registry.counter(
            "http_server_connections_accepted_total", help: "Connections that the endpoint accepted.")
        acceptFailures = try registry.counter(
            "http_server_accept_failures_total",
            help: "Connections that could not be accepted for want of descriptors or memory.")
        let family = try registry.counter(
            "http_server_connections_closed_total",
            help: "Connections that ended early, by reason.", labels: "reason")
        droppedLines = try registry.counter(
            "http_server_access_log_dropped_total", help: "Access log lines dropped because too many waited.")
        closed = CloseReason.allCases.map { family.with($0.label) }
    }

    /// Counts one connection more.
    ///
    /// - Returns: how many are open with it.
    func connectionOpened() -> Int {
        accepted.increment()
        open.increment()
        return openConnections.add(1, ordering: .relaxed).newValue
    }

    /// Counts one connection less.
    func connectionClosed() {
        open.decrement()
        openConnections.subtract(1, ordering: .relaxed)
    }

    /// Counts a failed `accept`.
    func acceptFailed() { acceptFailures.increment() }

    /// Counts an access log line that was dropped.
    func lineDropped() { droppedLines.increment() }

    /// Counts one connection closed early.
    func count(_ reason: CloseReason) { closed[reason.rawValue].increment() }
}
