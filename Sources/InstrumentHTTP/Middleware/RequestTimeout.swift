// SPDX-License-Identifier: Apache-2.0

import Instrument

/// Bounds how long a handler may take, by a thread of its own: it also fires while the cooperative pool is blocked.
///
/// For other servers' handlers; this package's server has ``EndpointLimits/handlerDeadline``. A handler that does not
/// react to its cancellation is left behind: its result is dropped when it comes.
///
/// ```swift
/// let timeout = RequestTimeout(.seconds(5))
/// let response = try await timeout.run { try await handle(request) }   // or throws RequestRefusal with 503
/// ```
public final class RequestTimeout: Sendable {
    private struct State {
        /// In order of deadline: all durations are the same.
        var waiting: [(deadline: UInt64, fire: @Sendable () -> Void)] = []
        var first = 0
        var hasThread = false
    }

    private let nanoseconds: UInt64
    private let core: Core

    /// What the thread holds on to: it leaves some time after the last handler began.
    private final class Core: Sendable {
        let monitor = Monitor(State())

        func run() {
            while let fire = next() { fire() }
        }

        private func next() -> (@Sendable () -> Void)? {
            let idleEnd = TimeSource.systemMonotonicNanoseconds() &+ 10_000_000_000
            var wakeAt: UInt64?
            while true {
                let step: Step? = monitor.wait(until: wakeAt ?? idleEnd) { state in
                    let now = TimeSource.systemMonotonicNanoseconds()
                    guard state.first < state.waiting.count else { return now >= idleEnd ? .leave : nil }
                    let entry = state.waiting[state.first]
                    guard entry.deadline <= now else {
                        return wakeAt == entry.deadline ? nil : .sleep(until: entry.deadline)
                    }
                    state.first += 1
                    if state.first > 1_024 || state.first == state.waiting.count {
                        state.waiting.removeFirst(state.first)
                        state.first = 0
                    }
                    return .fire(entry.fire)
                }
                switch step {
                case .fire(let fire): return fire
                case .sleep(let deadline): wakeAt = deadline
                case .leave, nil:
                    let leaves = monitor.withLock { state in
                        guard state.waiting.isEmpty else { return false }
                        state.hasThread = false
                        return true
                    }
                    if leaves { return nil }
                }
            }
        }
    }

    private enum Step {
        case fire(@Sendable () -> Void)
        case sleep(until: UInt64)
        case leave
    }

    /// Makes a timeout; share it between handlers.
    public init(_ duration: Duration) {
        nanoseconds = UInt64(max(0, duration.saturatedNanoseconds))
        core = Core()
    }

    /// Runs a handler.
    ///
    /// - Throws: what the handler throws; `RequestRefusal` with 503 when time is up or no thread is to be had.
    public func run<Response: Sendable>(
        _ handler: @escaping @Sendable () async throws -> Response
    ) async throws -> Response {
        let race = Race<Response>()
        try arm {
            race.finish(
                .failure(RequestRefusal(.serviceUnavailable, headers: ["Retry-After": "1"], reason: "took too long")))
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let task = Task {
                    do {
                        race.finish(.success(try await handler()))
                    } catch {
                        race.finish(.failure(error))
                    }
                }
                race.begin(continuation) { task.cancel() }
            }
        } onCancel: {
            race.cancel()
        }
    }

    private func arm(_ fire: @escaping @Sendable () -> Void) throws(RequestRefusal) {
        let deadline = TimeSource.systemMonotonicNanoseconds().addingReportingOverflow(nanoseconds)
        let needsThread = core.monitor.withLock { state in
            state.waiting.append((deadline.overflow ? .max : deadline.partialValue, fire))
            defer { state.hasThread = true }
            return !state.hasThread
        }
        core.monitor.wakeOne()
        guard needsThread else { return }
        let core = core
        do {
            try PlainThread(name: "http-timeout") { core.run() }.detach()
        } catch {
            core.monitor.withLock { $0.hasThread = false }
            throw RequestRefusal(.serviceUnavailable, reason: "no thread to be had")
        }
    }
}

/// The first of several results is the one; the handler's task is cancelled once it is known.
private final class Race<Response: Sendable>: Sendable {
    private struct State {
        var continuation: CheckedContinuation<Response, any Error>?
        var cancel: (@Sendable () -> Void)?
        var result: Result<Response, any Error>?
        var isCancelled = false
    }

    private let state = Lock(State())

    func begin(_ continuation: CheckedContinuation<Response, any Error>, cancel: @escaping @Sendable () -> Void) {
        let (result, isCancelled) = state.withLock { state in
            if state.result == nil {
                state.continuation = continuation
                state.cancel = cancel
            }
            return (state.result, state.isCancelled)
        }
        if isCancelled || result != nil { cancel() }
        if let result { continuation.resume(with: result) }
    }

    func finish(_ result: Result<Response, any Error>) {
        let (continuation, cancel) = state.withLock { state in
            guard state.result == nil else {
                return (nil, nil) as (CheckedContinuation<Response, any Error>?, (@Sendable () -> Void)?)
            }
            state.result = result
            defer { (state.continuation, state.cancel) = (nil, nil) }
            return (state.continuation, state.cancel)
        }
        cancel?()
        continuation?.resume(with: result)
    }

    func cancel() {
        let cancel = state.withLock { state in
            state.isCancelled = true
            return state.cancel
        }
        cancel?()
    }
}
