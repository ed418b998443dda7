// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A value that only one thread at a time can reach.
///
/// A `pthread_mutex_t`, because `Synchronization.Mutex` costs up to 11 us when contended on Linux and
/// ThreadSanitizer reports false races on it. Not recursive. For one word use `Atomic`.
///
/// `@unchecked Sendable`: `state` is touched only while `mutex` is held.
@usableFromInline
package struct Lock<State>: ~Copyable, @unchecked Sendable {
    @usableFromInline let mutex: UnsafeMutablePointer<pthread_mutex_t>
    @usableFromInline let state: UnsafeMutablePointer<State>

    /// Makes a lock around `state`.
    ///
    /// - Parameter spins: whether a thread that finds it taken tries for a moment before it sleeps; for locks that many
    ///   threads take very often and hold for nanoseconds.
    package init(_ state: consuming sending State, spins: Bool = false) {
        mutex = .allocate(capacity: 1)
        Platform.initializeMutex(mutex, spins: spins)
        self.state = .allocate(capacity: 1)
        self.state.initialize(to: state)
    }

    deinit {
        state.deinitialize(count: 1)
        state.deallocate()
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Runs `body` alone on the state.
    @inlinable @inline(__always)
    package borrowing func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout State) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&state.pointee)
    }
}

/// A lock that threads can also wait on, with deadlines on the system's monotonic clock.
///
/// `@unchecked Sendable`: the condition is only used together with the lock's mutex.
@usableFromInline
package struct Monitor<State>: ~Copyable, @unchecked Sendable {
    @usableFromInline let lock: Lock<State>
    @usableFromInline let condition: UnsafeMutablePointer<pthread_cond_t>

    /// Makes a monitor around `state`; `spins` as for `Lock`.
    package init(_ state: consuming sending State, spins: Bool = false) {
        lock = Lock(state, spins: spins)
        condition = .allocate(capacity: 1)
        Platform.initializeCondition(condition)
    }

    deinit {
        pthread_cond_destroy(condition)
        condition.deallocate()
    }

    /// Runs `body` alone on the state; call `wakeAll` or `wakeOne` afterwards if waiters may now proceed.
    @inlinable @inline(__always)
    package borrowing func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout State) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try lock.withLock(body)
    }

    /// Lets one waiter look at the state again.
    package borrowing func wakeOne() { pthread_cond_signal(condition) }

    /// Lets every waiter look at the state again.
    package borrowing func wakeAll() { pthread_cond_broadcast(condition) }

    /// Waits until `attempt` returns a value.
    ///
    /// `attempt` runs under the lock: once at once, then after each wake-up.
    ///
    /// - Parameter deadline: monotonic nanoseconds (`TimeSource.systemMonotonicNanoseconds()`); nil waits without end.
    /// - Returns: what `attempt` returned, or nil once the deadline has passed.
    package borrowing func wait<Result>(
        until deadline: UInt64? = nil, _ attempt: (inout State) -> Result?
    ) -> Result? {
        pthread_mutex_lock(lock.mutex)
        defer { pthread_mutex_unlock(lock.mutex) }
        while true {
            if let result = attempt(&lock.state.pointee) { return result }
            if let deadline {
                let now = TimeSource.systemMonotonicNanoseconds()
                guard now < deadline else { return nil }
                Platform.wait(condition, lock.mutex, nanoseconds: deadline - now)
            } else {
                pthread_cond_wait(condition, lock.mutex)
            }
        }
    }
}
