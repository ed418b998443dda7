// SPDX-License-Identifier: Apache-2.0

extension HealthCore {
    /// Adds a check.
    ///
    /// - Returns: its id, which stays the same while positions change.
    mutating func add(_ definition: CheckDefinition, at moment: Moment) throws(HealthError) -> Int {
        let name = definition.name
        guard positions[name] == nil else {
            throw HealthError(.duplicateName, "check \"\(name)\": the name is registered already; use another")
        }
        guard slots.count < configuration.checksMax else {
            throw HealthError(
                .tooManyChecks,
                "check \"\(name)\": \(slots.count) checks are registered; remove some or raise checksMax")
        }
        for parent in definition.options.dependsOn where positions[parent] == nil {
            throw HealthError(
                .unknownDependency,
                "check \"\(name)\": it depends on \"\(parent)\", which is not registered; register that first")
        }
        if !definition.options.dependsOn.isEmpty { hasDependencies = true }
        let slot = CheckSlot(id: nextID, definition: definition, now: moment.now, unix: moment.unix)
        nextID += 1
        positions[name] = slots.count
        positionsByID[slot.id] = slots.count
        slots.append(slot)
        reports.append(slot.report)
        wakes.append(slot.wake)
        emit(.show(slot.report))
        change()
        return slot.id
    }

    /// Takes a check out; what it still runs is abandoned.
    mutating func remove(named name: String, at moment: Moment) throws(HealthError) {
        guard let position = positions[name] else { throw HealthError.unknownCheck(name) }
        let slot = slots[position]
        if let run = slot.run, !run.isAbandoned {
            active -= 1
            emit(.abandon(token: run.token, id: slot.id))
        }
        slots.remove(at: position)
        reports.remove(at: position)
        wakes.remove(at: position)
        queue.removeAll { $0 == slot.id }
        positions = [:]
        positionsByID = [:]
        for (position, slot) in slots.enumerated() {
            positions[slot.definition.name] = position
            positionsByID[slot.id] = position
        }
        incidents.close(name, unix: moment.unix, now: moment.now)
        emit(.forget(name: name))
        change()
    }

    /// Lets the checks run.
    mutating func start(at moment: Moment) {
        guard !isRunning else { return }
        isRunning = true
        for position in slots.indices {
            slots[position].arm(now: moment.now)
            wakes[position] = slots[position].wake
        }
        change()
    }

    /// Starts no further run.
    mutating func stop() {
        isRunning = false
        queue = []
        for position in slots.indices { slots[position].isQueued = false }
    }
}

extension HealthError {
    static func unknownCheck(_ name: String) -> HealthError {
        HealthError(.unknownCheck, "check \"\(name)\": no check has that name; register it first")
    }
}
