// SPDX-License-Identifier: Apache-2.0

import Foundation
import HealthProbes
import InstrumentHTTP
import StructuredLog

/// What the service answers besides metrics and health.
struct FlowRoutes {
    /// The most events that one answer lists.
    static let eventsMax = 1_000
    /// What clients may report; a type becomes the value of a label, so nobody invents one.
    static let eventTypes: Set<String> = ["user_message", "task_started", "task_completed", "task_failed"]

    let database: SwarmDatabase
    let health: HealthRegistry
    let log: StructuredLogger

    private struct NewEvent: Codable {
        var eventType: String
        var agentID: String
        var userID: String?
        var payload: String

        enum CodingKeys: String, CodingKey {
            case payload
            case eventType = "event_type"
            case agentID = "agent_id"
            case userID = "user_id"
        }
    }

    func add(to server: InstrumentServer) throws {
        let (database, health, log) = (database, health, log)
        try server.route(.post, "/events") { request in
            let event: NewEvent = try request.json()
            guard Self.eventTypes.contains(event.eventType) else {
                throw RequestRefusal(
                    .badRequest, reason: "event_type is none of \(Self.eventTypes.sorted().joined(separator: ", "))")
            }
            try database.insert(event.eventType, agent: event.agentID, payload: event.payload)
            log.info("event stored") { fields in
                fields["event_type"] = event.eventType
                fields["agent_id"] = event.agentID
                if let user = event.userID { fields["user_id"] = user }
            }
            return .status(.created)
        }
        try server.route(.get, "/events") { request in
            let limit = request.query["limit"].flatMap { Int($0) } ?? 100
            return try .json(
                try database.events(agent: request.query["agent_id"], limit: max(1, min(limit, Self.eventsMax))))
        }
        try server.route(.get, "/events/counts") { _ in try .json(try database.eventCounts()) }
        // For trying the alarms out: `PUT /faults/memory?seconds=30`. Everything that comes of it is marked as a test.
        try server.route(.put, "/faults/:check", needsCredentials: true) { request in
            let seconds = request.query["seconds"].flatMap { Int($0) } ?? 60
            do {
                try health.inject(
                    .fail("injected to try the alarms out"), into: request.parameters["check"] ?? "",
                    for: .seconds(max(0, min(seconds, 3_600))))
            } catch {
                throw RequestRefusal(.notFound, reason: "no check has that name")
            }
            return .status(.ok)
        }
    }
}
