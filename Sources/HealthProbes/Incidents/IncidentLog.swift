// SPDX-License-Identifier: Apache-2.0

import Instrument

/// Opens and closes incidents as checks fail and recover, and keeps the events of the last hour. Pure.
struct IncidentLog: Sendable {
    private struct Entry: Sendable {
        var incident: Incident
        /// Awake monotonic time: an age that no step of the wall clock changes.
        var openedAt: UInt64
        var closedAt: UInt64?
        /// The age of the newest level that was told; the level of a new incident is told with it.
        var toldAfter = Duration.zero
    }

    private struct Past: Sendable {
        var event: HealthEvent
        var at: UInt64
    }

    /// Closed incidents and events that are kept at most.
    static let keptMax = 1_024

    private let levels: [EscalationLevel]
    private let retention: UInt64
    private var entries: [Entry] = []
    private var past: [Past] = []
    private var nextID: UInt64 = 1

    init(levels: [EscalationLevel], retention: Duration) {
        self.levels = levels.sorted { $0.after < $1.after }
        self.retention = UInt64(max(0, retention.saturatedNanoseconds))
    }

    /// Takes an event in: a failing check opens an incident, a recovering one closes it.
    mutating func record(_ event: HealthEvent, now: UInt64) {
        prune(now: now)
        past.append(Past(event: event, at: now))
        guard case .check(let name) = event.subject, event.occasion == .transition else { return }
        let position = open(name)
        if event.status == .fail, position == nil {
            let incident = Incident(
                id: nextID, check: name, isCritical: event.isCritical, isTest: event.marks.contains(.test),
                message: event.message, openedUnixNanoseconds: event.unixNanoseconds)
            nextID += 1
            entries.append(Entry(incident: incident, openedAt: now))
        } else if event.status != .fail, let position {
            entries[position].closedAt = now
            entries[position].incident.closedUnixNanoseconds = event.unixNanoseconds
        }
    }

    /// Closes what is open for a check that is taken out.
    mutating func close(_ name: String, unix: Int64, now: UInt64) {
        for position in entries.indices where entries[position].incident.check == name {
            guard entries[position].closedAt == nil else { continue }
            entries[position].closedAt = now
            entries[position].incident.closedUnixNanoseconds = unix
        }
    }

    /// When the open incident of a check reaches its next level, in awake time; `.max` if it never does.
    func nextEscalation(of name: String) -> UInt64 {
        guard let entry = open(name).map({ entries[$0] }),
            let level = levels.first(where: { $0.after > entry.toldAfter })
        else { return .max }
        return entry.openedAt.addingSaturated(UInt64(level.after.saturatedNanoseconds))
    }

    /// Brings the open incident of a check to the level of its age.
    ///
    /// - Returns: the name of that level, or nil when it was told before.
    mutating func escalate(_ name: String, now: UInt64) -> String? {
        guard let position = open(name) else { return nil }
        let age = Duration.nanoseconds(Int64(clamping: now - min(entries[position].openedAt, now)))
        guard let level = levels.last(where: { $0.after <= age }), level.after > entries[position].toldAfter
        else { return nil }
        entries[position].toldAfter = level.after
        return level.name
    }

    private func open(_ name: String) -> Int? {
        entries.lastIndex { $0.incident.check == name && $0.closedAt == nil }
    }

    /// All open incidents and those that closed within the retention, the newest last.
    func incidents(now: UInt64) -> [Incident] {
        entries.filter { isKept($0, now: now) }.map { entry in
            var incident = entry.incident
            let end = entry.closedAt ?? now
            incident.age = .nanoseconds(Int64(clamping: end - min(entry.openedAt, end)))
            incident.escalation = levels.last { $0.after <= incident.age }?.name ?? ""
            return incident
        }
    }

    /// The events within the retention, the newest last.
    func history(now: UInt64) -> [HealthEvent] {
        past.filter { now - min($0.at, now) <= retention }.map(\.event)
    }

    private mutating func prune(now: UInt64) {
        entries = entries.filter { isKept($0, now: now) }
        // Events come in order, so the old ones stand in front.
        let old = past.prefix { now - min($0.at, now) > retention }.count
        past.removeFirst(old)
        if past.count >= IncidentLog.keptMax { past.removeFirst(past.count - IncidentLog.keptMax + 1) }
        let closed = entries.count { $0.closedAt != nil }
        if closed > IncidentLog.keptMax, let oldest = entries.firstIndex(where: { $0.closedAt != nil }) {
            entries.remove(at: oldest)
        }
    }

    private func isKept(_ entry: Entry, now: UInt64) -> Bool {
        guard let closedAt = entry.closedAt else { return true }
        return now - min(closedAt, now) <= retention
    }
}
