// SPDX-License-Identifier: Apache-2.0

import Instrument

/// Hands events to callbacks, on a thread of its own, and to streams.
///
/// A slow callback delays the ones behind it and nothing else; past the limit events are dropped and counted.
final class EventHub: Sendable {
    /// Events that may wait for a callback.
    static let queueMax = 1_024

    private struct State {
        var queue: [HealthEvent] = []
        var callbacks: [@Sendable (HealthEvent) -> Void] = []
        var streams: [Int: AsyncStream<HealthEvent>.Continuation] = [:]
        var nextStream = 0
        var dropped: UInt64 = 0
        var hasThread = false
        var isStopped = false
    }

    private let state = Monitor(State())

    /// Events that no callback saw because too many waited.
    var dropped: UInt64 { state.withLock { $0.dropped } }

    /// Takes an event. Never waits.
    func post(_ event: HealthEvent) {
        let streams = state.withLock { state in
            if !state.callbacks.isEmpty {
                if state.queue.count < EventHub.queueMax {
                    state.queue.append(event)
                } else {
                    state.dropped += 1
                }
            }
            return Array(state.streams.values)
        }
        state.wakeAll()
        for stream in streams { stream.yield(event) }
    }

    /// Adds a callback; with `startsThread` events reach it from a thread of the hub.
    func add(startsThread: Bool, _ callback: @escaping @Sendable (HealthEvent) -> Void) throws(SystemError) {
        let needsThread = state.withLock { state in
            let isNeeded = startsThread && !state.hasThread
            if isNeeded { state.hasThread = true }
            state.isStopped = false
            return isNeeded
        }
        if needsThread {
            do throws(SystemError) {
                try PlainThread(name: "health-events") { [self] in run() }.detach()
            } catch {
                state.withLock { $0.hasThread = false }
                throw error
            }
        }
        state.withLock { $0.callbacks.append(callback) }
    }

    /// A stream of events from now on; a reader that falls behind loses the oldest.
    func stream() -> AsyncStream<HealthEvent> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: HealthEvent.self, bufferingPolicy: .bufferingNewest(256))
        let number = state.withLock { state in
            state.nextStream += 1
            state.streams[state.nextStream] = continuation
            return state.nextStream
        }
        continuation.onTermination = { [self] _ in state.withLock { $0.streams[number] = nil } }
        return stream
    }

    /// Calls the callbacks with everything that waits.
    func deliver() {
        while true {
            let (batch, callbacks) = state.withLock { state in
                defer { state.queue = [] }
                return (state.queue, state.callbacks)
            }
            guard !batch.isEmpty else { return }
            for event in batch {
                for callback in callbacks { callback(event) }
            }
        }
    }

    /// Ends the streams, and the thread once it has delivered what waits.
    func stop() {
        let streams = state.withLock { state in
            defer { state.streams = [:] }
            state.isStopped = true
            return Array(state.streams.values)
        }
        state.wakeAll()
        for stream in streams { stream.finish() }
    }

    private func run() {
        while true {
            let goesOn = state.wait { state -> Bool? in
                if !state.queue.isEmpty { return true }
                guard state.isStopped else { return nil }
                state.hasThread = false
                return false
            }
            guard goesOn == true else { return }
            deliver()
        }
    }
}
