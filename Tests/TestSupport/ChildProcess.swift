// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument

/// A program as a child of the test: no signal blocked, killed with its owner.
///
/// Foundation's `Process` leaks, which would hide leaks of our own from the address sanitizer.
package final class ChildProcess: Sendable {
    /// The process's number, for signals.
    package let identifier: pid_t
    private let status = Lock<Int32?>(nil)

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - path: the program.
    ///   - arguments: without the program's name.
    ///   - environment: variables besides the test's own.
    ///   - output: the descriptor that becomes standard output; nil throws it away.
    ///   - errors: the descriptor that becomes standard error; nil throws it away when there is no output either.
    /// - Throws: `SystemError` of `posix_spawn`.
    package init(
        _ path: String, _ arguments: [String], environment: [String: String] = [:], output: Int32? = nil,
        errors: Int32? = nil
    ) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let output {
            posix_spawn_file_actions_adddup2(&actions, output, 1)
        } else {
            posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        }
        if let errors {
            posix_spawn_file_actions_adddup2(&actions, errors, 2)
        } else if output == nil {
            posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))

        var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
        let merged = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        var variables: [UnsafeMutablePointer<CChar>?] = merged.map { strdup("\($0)=\($1)") } + [nil]
        defer { for word in words + variables { free(word) } }
        var number: pid_t = 0
        let code = posix_spawn(&number, path, &actions, &attributes, &words, &variables)
        guard code == 0 else { throw SystemError(code: code, operation: "posix_spawn \(path)") }
        identifier = number
    }

    deinit {
        if isRunning {
            kill(identifier, SIGKILL)
            var status: Int32 = 0
            waitpid(identifier, &status, 0)
        }
    }

    /// Blocks the calling thread until it has ended.
    package func waitForEnd() {
        // Left to be reaped by `wait`, so that another thread may ask meanwhile.
        var information = siginfo_t()
        while waitid(P_PID, id_t(identifier), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
    }

    /// Whether it has not ended yet.
    package var isRunning: Bool { wait() == nil }

    /// The exit code, or nil while it runs and when a signal ended it.
    package var exitCode: Int32? { wait().flatMap { $0 & 0x7F == 0 ? ($0 >> 8) & 0xFF : nil } }

    private func wait() -> Int32? {
        status.withLock { status in
            if status == nil {
                var raw: Int32 = 0
                if waitpid(identifier, &raw, WNOHANG) == identifier { status = raw }
            }
            return status
        }
    }
}
