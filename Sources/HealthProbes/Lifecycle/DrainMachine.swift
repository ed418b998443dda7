// SPDX-License-Identifier: Apache-2.0

/// The end of a service as a row of stages: delay, requests, hooks one by one, done. Pure: time comes in as a number.
struct DrainMachine: Sendable {
    /// What the machine wants done.
    enum Action: Equatable, Sendable {
        /// Run the hook of that number now.
        case runHook(Int)
        /// The hook of that number took too long; it is left behind.
        case abandonHook(Int)
        /// The drain is over; this is the exit code.
        case finish(Int32)
    }

    enum Stage: Equatable, Sendable {
        case idle
        case delaying
        case awaitingRequests
        case runningHook(Int)
        case finished(Int32)
    }

    private(set) var stage = Stage.idle
    private let delay: UInt64
    private let requestsTimeout: UInt64
    private let budget: UInt64
    /// The deadline of each hook, in the order they run in; filled by `begin`.
    private var hookTimeouts: [UInt64] = []
    private var stageEnd = UInt64.max
    private var budgetEnd = UInt64.max
    /// Whether something had to be cut short.
    private(set) var isForced = false

    init(delay: UInt64, requestsTimeout: UInt64, budget: UInt64) {
        self.delay = min(delay, budget)
        self.requestsTimeout = requestsTimeout
        self.budget = budget
    }

    var isDraining: Bool { stage != .idle }

    /// The moment at which `step` has something to do at the latest.
    var wake: UInt64 {
        switch stage {
        case .idle, .finished: .max
        default: min(stageEnd, budgetEnd)
        }
    }

    /// Starts the drain; a second call changes nothing.
    ///
    /// - Returns: whether this call was the one that started it.
    mutating func begin(hookTimeouts: [UInt64], now: UInt64) -> Bool {
        guard case .idle = stage else { return false }
        self.hookTimeouts = hookTimeouts
        budgetEnd = now &+ budget
        stage = .delaying
        stageEnd = now &+ delay
        return true
    }

    /// Ends the delay early, as the second signal asks for.
    mutating func skipDelay(now: UInt64) {
        if case .delaying = stage { stageEnd = now }
    }

    /// Notes that the hook of that number has ended.
    mutating func hookEnded(_ number: Int, failed: Bool, now: UInt64) -> [Action] {
        guard case .runningHook(number) = stage else { return [] }
        if failed { isForced = true }
        var actions: [Action] = []
        startHook(number + 1, now: now, &actions)
        return actions
    }

    /// Goes as far as `now` and the requests in flight allow.
    mutating func step(now: UInt64, inFlight: Int) -> [Action] {
        var actions: [Action] = []
        if isDraining, now >= budgetEnd {
            if case .finished = stage { return [] }
            if case .runningHook(let number) = stage { actions.append(.abandonHook(number)) }
            isForced = true
            finish(&actions)
            return actions
        }
        if case .delaying = stage, now >= stageEnd {
            stage = .awaitingRequests
            stageEnd = now &+ requestsTimeout
        }
        if case .awaitingRequests = stage, inFlight == 0 || now >= stageEnd {
            if inFlight > 0 { isForced = true }
            startHook(0, now: now, &actions)
        }
        if case .runningHook(let number) = stage, now >= stageEnd {
            isForced = true
            actions.append(.abandonHook(number))
            startHook(number + 1, now: now, &actions)
        }
        return actions
    }

    private mutating func startHook(_ number: Int, now: UInt64, _ actions: inout [Action]) {
        guard number < hookTimeouts.count else { return finish(&actions) }
        stage = .runningHook(number)
        stageEnd = now.addingSaturated(hookTimeouts[number])
        actions.append(.runHook(number))
    }

    private mutating func finish(_ actions: inout [Action]) {
        let code: Int32 = isForced ? 1 : 0
        stage = .finished(code)
        actions.append(.finish(code))
    }
}

extension UInt64 {
    /// The sum, or the largest number there is.
    func addingSaturated(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
