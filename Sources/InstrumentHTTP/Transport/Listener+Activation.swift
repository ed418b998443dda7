// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument
import Synchronization

extension Listener {
    /// Whether the process has taken the passed sockets: their numbers are in the environment for good, the sockets
    /// are there once.
    private static let haveBeenTaken = Atomic<Bool>(false)

    /// The sockets that systemd opened for this process; none when it opened none, or when they have been taken.
    ///
    /// They are numbered from 3 on ([sd_listen_fds](https://www.freedesktop.org/software/systemd/man/latest/sd_listen_fds.html)).
    ///
    /// - Throws: `ServerError` when one of them does not listen.
    static func activated(environment: [String: String]) throws(ServerError) -> [Listener] {
        guard let count = environment["LISTEN_FDS"].flatMap(Int32.init), (1...64).contains(count),
            environment["LISTEN_PID"].flatMap(Int32.init) == getpid(),
            !haveBeenTaken.exchange(true, ordering: .relaxed)
        else { return [] }
        var listeners: [Listener] = []
        for number in 3..<(3 + count) {
            var isListening: Int32 = 0
            var size = socklen_t(MemoryLayout<Int32>.size)
            guard getsockopt(number, SOL_SOCKET, SO_ACCEPTCONN, &isListening, &size) == 0, isListening == 1 else {
                throw ServerError(
                    .invalidConfiguration,
                    "activated socket \(number): does not listen; use ListenStream= with Accept=no in its unit")
            }
            listeners.append(try adopt(Descriptor(owning: number), name: "activated socket \(number)"))
        }
        return listeners
    }

    private static func adopt(_ descriptor: consuming Descriptor, name: String) throws(ServerError) -> Listener {
        do {
            try Descriptor.closeOnExec(descriptor.number)
            try Descriptor.makeNonBlocking(descriptor.number)
        } catch {
            throw .bind(name, error.code)
        }
        return Listener(descriptor, showsDetails: false, name: name, unixPath: nil)
    }
}
