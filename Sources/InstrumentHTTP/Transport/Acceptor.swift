// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument
import Synchronization

/// A connection on its way from the loop that accepted it to the loop that will own it.
struct AcceptedSocket: Sendable {
    /// The open socket; whoever takes this takes over the descriptor.
    let number: Int32
    let peer: PeerAddress
    let showsDetails: Bool
    let usesReserve: Bool
    /// Whether the limit was reached, so that it may only come in place of another.
    let evictsAnother: Bool
}

/// Accepts connections and spreads them over the loops; survives the end of descriptors.
///
/// One descriptor is kept in reserve. When there are no more, it is given up for one connection at a time, so that a
/// probe is still answered; when it is in use too, accepting pauses for 5 ms, doubling up to 1 s. Owned by one loop.
final class Acceptor {
    private static let pauseNanosecondsMin: UInt64 = 5_000_000
    private static let pauseNanosecondsMax: UInt64 = 1_000_000_000
    /// Connections accepted in a row before the others have their turn.
    private static let batchMax = 64

    /// When a paused acceptor tries again, in monotonic nanoseconds; `.max` while it does not pause.
    private(set) var resumeAt = UInt64.max
    private let listeners: [Listener]
    /// The loops that connections are spread over.
    let loops: [PollLoop]
    private var reserve: Descriptor?
    private var pause = Acceptor.pauseNanosecondsMin

    /// Makes an acceptor for `loops`, the first of which will own it.
    init(listeners: [Listener], loops: [PollLoop]) {
        self.listeners = listeners
        self.loops = loops
        restoreReserve()
    }

    /// Lets `loop` poll the listeners. Called before the loop runs.
    func attach(to loop: PollLoop) {
        for listener in listeners {
            loop.polls.insert(
                pollfd(fd: listener.descriptor.number, events: Int16(POLLIN), revents: 0), at: loop.connectionsBase)
            loop.connectionsBase += 1
        }
    }

    /// Accepts what waits on the listeners that poll reported.
    func acceptReady(on loop: PollLoop) {
        if resumeAt != .max {
            guard loop.now >= resumeAt else { return }
            resume(on: loop)
        }
        for index in listeners.indices where loop.polls[index + 1].revents != 0 {
            loop.polls[index + 1].revents = 0
            guard acceptBatch(listeners[index], on: loop) else { return suspend(on: loop) }
        }
    }

    /// Accepts what the system has already let in, then takes the listeners out of `loop`; their sockets close with the
    /// last reference to them.
    func acceptLast(on loop: PollLoop) {
        for listener in listeners { _ = acceptBatch(listener, on: loop) }
        loop.polls.removeSubrange(1..<loop.connectionsBase)
        loop.connectionsBase = 1
    }

    /// Takes a descriptor into reserve again if there is one to be had.
    func restoreReserve() {
        guard reserve == nil else { return }
        // Failing is no error: the next pause tries again.
        reserve = try? Descriptor.open("/dev/null", flags: O_RDONLY)
    }

    /// - Returns: false when there are no descriptors.
    private func acceptBatch(_ listener: Listener, on loop: PollLoop) -> Bool {
        var remaining = Self.batchMax
        while remaining > 0 {
            remaining -= 1
            var storage = sockaddr_storage()
            var number = Self.acceptOne(listener, &storage)
            var usesReserve = false
            if number < 0, Self.isExhausted(errno) {
                loop.shared.statistics.acceptFailed()
                guard reserve != nil else { return false }
                reserve = nil
                number = Self.acceptOne(listener, &storage)
                usesReserve = true
                if number < 0 {
                    let code = errno
                    restoreReserve()
                    if Self.isExhausted(code) { return false }
                    return true
                }
            }
            guard number >= 0 else {
                // A client that gave up in the queue is no reason to stop.
                if errno == EINTR || errno == ECONNABORTED || errno == EPROTO { continue }
                return true
            }
            place(number, storage, listener, usesReserve: usesReserve, on: loop)
        }
        return true
    }

    private static func acceptOne(_ listener: Listener, _ storage: inout sockaddr_storage) -> Int32 {
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                accept(listener.descriptor.number, $0, &size)
            }
        }
    }

    private static func isExhausted(_ code: Int32) -> Bool {
        code == EMFILE || code == ENFILE || code == ENOBUFS || code == ENOMEM
    }

    private func place(
        _ number: Int32, _ storage: sockaddr_storage, _ listener: Listener, usesReserve: Bool, on loop: PollLoop
    ) {
        _ = fcntl(number, F_SETFD, FD_CLOEXEC)
        if Int32(storage.ss_family) != AF_UNIX {
            var enabled: Int32 = 1
            _ = setsockopt(
                number, Int32(IPPROTO_TCP), TCP_NODELAY, &enabled, socklen_t(MemoryLayout<Int32>.size))
        }
        Platform.suppressBrokenPipeSignal(on: number)
        let isFull = loop.shared.statistics.connectionOpened() > loop.shared.limits.connectionsMax
        let target = usesReserve ? loop : isFull ? longestWaitingLoop() : leastLoadedLoop()
        let socket = AcceptedSocket(
            number: number, peer: PeerAddress(storage), showsDetails: listener.showsDetails,
            usesReserve: usesReserve, evictsAnother: isFull)
        if target === loop {
            loop.connectionCount.add(1, ordering: .relaxed)
            loop.add(socket)
        } else {
            target.adopt(socket)
        }
    }

    private func leastLoadedLoop() -> PollLoop {
        var best = loops[0]
        var count = best.connectionCount.load(ordering: .relaxed)
        for loop in loops.dropFirst() {
            let candidate = loop.connectionCount.load(ordering: .relaxed)
            if candidate < count { (best, count) = (loop, candidate) }
        }
        return best
    }

    private func longestWaitingLoop() -> PollLoop {
        var best = loops[0]
        var since = best.oldestWait.load(ordering: .relaxed)
        for loop in loops.dropFirst() {
            let candidate = loop.oldestWait.load(ordering: .relaxed)
            if candidate < since { (best, since) = (loop, candidate) }
        }
        return best
    }

    private func suspend(on loop: PollLoop) {
        resumeAt = loop.now &+ pause
        pause = min(pause * 2, Self.pauseNanosecondsMax)
        for index in listeners.indices { loop.polls[index + 1].fd = -1 }
    }

    private func resume(on loop: PollLoop) {
        resumeAt = .max
        restoreReserve()
        if reserve != nil { pause = Self.pauseNanosecondsMin }
        for index in listeners.indices {
            loop.polls[index + 1].fd = listeners[index].descriptor.number
            // It is not known whether anyone waits; accepting says so at once.
            loop.polls[index + 1].revents = Int16(POLLIN)
        }
    }
}
