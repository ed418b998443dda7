// SPDX-License-Identifier: Apache-2.0

import HealthProbes
import Instrument

/// Who beats and who does not: a JSON array of names, when they were last seen, and how they look.
enum HeartbeatsRoute {
    private struct Entry: Encodable {
        let name: String
        let status: String
        let lastSeen: String?

        enum CodingKeys: String, CodingKey {
            case name
            case status
            case lastSeen = "last_seen"
        }

        /// A heartbeat that was never seen shows `null`, so that every entry has the same keys.
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(name, forKey: .name)
            try container.encode(status, forKey: .status)
            try container.encode(lastSeen, forKey: .lastSeen)
        }
    }

    /// The heartbeats of a service, in order of registration.
    static func answer(_ health: HealthRegistry) throws -> ServerResponse {
        try .json(
            health.heartbeats().map { beat in
                Entry(
                    name: beat.name, status: beat.status.rawValue,
                    lastSeen: beat.lastSeenUnixNanoseconds.map(timestamp))
            })
    }

    private static func timestamp(_ unixNanoseconds: Int64) -> String {
        var text = ByteBuffer(capacity: 24)
        text.append(timestamp: unixNanoseconds)
        return text.makeString()
    }
}
