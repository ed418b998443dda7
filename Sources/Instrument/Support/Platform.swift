// SPDX-License-Identifier: Apache-2.0

// The one file with conditional compilation. Everything else reaches the C library through Foundation, which
// re-exports it, and through the names declared here where the platforms differ.

import Foundation

#if !(canImport(Glibc) || canImport(Musl) || canImport(Darwin))
    #error("Instrument supports Linux (glibc, Musl) and macOS.")
#endif
#if !(arch(x86_64) || arch(arm64))
    #error("Instrument supports 64-bit x86 and ARM.")
#endif

/// What differs between the supported C libraries, under one name each.
@usableFromInline
package enum Platform {
    #if canImport(Darwin)
        package typealias ThreadHandle = pthread_t
        package static let streamSocket: Int32 = SOCK_STREAM
        package static let datagramSocket: Int32 = SOCK_DGRAM
        /// `send` flags that keep SIGPIPE away; on Darwin the socket option `SO_NOSIGPIPE` does that instead.
        package static let sendFlags: Int32 = 0
    #else
        package typealias ThreadHandle = pthread_t
        #if canImport(Musl)
            package static let streamSocket: Int32 = SOCK_STREAM
            package static let datagramSocket: Int32 = SOCK_DGRAM
        #else
            package static let streamSocket = Int32(SOCK_STREAM.rawValue)
            package static let datagramSocket = Int32(SOCK_DGRAM.rawValue)
        #endif
        /// `send` flags that keep SIGPIPE away.
        package static let sendFlags = Int32(MSG_NOSIGNAL)
    #endif

    /// Keeps writes to `socket` from raising SIGPIPE where a `send` flag cannot.
    package static func suppressBrokenPipeSignal(on socket: Int32) {
        #if canImport(Darwin)
            var enabled: Int32 = 1
            _ = setsockopt(socket, SOL_SOCKET, SO_NOSIGPIPE, &enabled, socklen_t(MemoryLayout<Int32>.size))
        #endif
    }

    /// Names the calling thread in debuggers and `/proc`; the kernel keeps 15 bytes.
    package static func nameCurrentThread(_ name: String) {
        let short = String(decoding: name.utf8.prefix(15), as: UTF8.self)
        #if canImport(Darwin)
            _ = pthread_setname_np(short)
        #else
            // pthread_setname_np and prctl are not in the Glibc module. A name is a courtesy: failure is no error.
            guard let file = try? Descriptor.open("/proc/thread-self/comm", flags: O_WRONLY) else { return }
            _ = write(file.number, short, short.utf8.count)
        #endif
    }

    /// A number that tells running threads apart: the processor that the calling thread runs on.
    ///
    /// `sched_getcpu` reads it from memory that the kernel keeps up to date for glibc 2.35 and later (rseq); it is not in
    /// the Glibc module, so it is looked up by name. Elsewhere it would be a system call, and threads go by the page of
    /// their own block instead: stacks lie a whole number of pages apart.
    package static let processorNumber: @convention(c) () -> Int32 = {
        #if canImport(Glibc)
            if let program = dlopen(nil, RTLD_NOW), let kept = dlsym(program, "__rseq_size"),
                kept.load(as: UInt32.self) > 0, let function = dlsym(program, "sched_getcpu")
            {
                return unsafeBitCast(function, to: (@convention(c) () -> Int32).self)
            }
            return { Int32(truncatingIfNeeded: pthread_self() >> 12) }
        #else
            return { Int32(truncatingIfNeeded: UInt(bitPattern: pthread_self()) >> 12) }
        #endif
    }()

    /// How many descriptors the process may have open; nil without a limit.
    package static func openDescriptorsMax() -> UInt64? {
        var limit = rlimit()
        #if canImport(Glibc)
            let code = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        #else
            let code = getrlimit(RLIMIT_NOFILE, &limit)
        #endif
        guard code == 0, limit.rlim_cur != rlim_t.max else { return nil }
        return UInt64(limit.rlim_cur)
    }

    /// User and system time that the process has used, in seconds.
    package static func processorSeconds() -> Double {
        var usage = rusage()
        #if canImport(Glibc)
            getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        #else
            getrusage(RUSAGE_SELF, &usage)
        #endif
        return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
            + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
    }

    /// Starts a thread with every signal blocked, so that the host's handlers never run on it.
    ///
    /// - Returns: the handle, or the errno of `pthread_create`.
    package static func startThread(stackBytes: Int, _ body: @escaping @Sendable () -> Void) -> Result<
        ThreadHandle, SystemError
    > {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, stackBytes)

        var all = sigset_t()
        var previous = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &previous)
        defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }

        let boxed = Unmanaged.passRetained(ThreadBody(run: body))
        #if canImport(Darwin)
            var handle: pthread_t?
            let code = pthread_create(&handle, &attributes, { runThreadBody($0) }, boxed.toOpaque())
        #else
            var handle = pthread_t()
            let code = pthread_create(&handle, &attributes, { runThreadBody($0!) }, boxed.toOpaque())
        #endif
        guard code == 0 else {
            boxed.release()
            return .failure(SystemError(code: code, operation: "pthread_create"))
        }
        #if canImport(Darwin)
            return .success(handle!)
        #else
            return .success(handle)
        #endif
    }

    /// When a file was last modified, in nanoseconds since 1970.
    package static func modifiedUnixNanoseconds(_ status: stat) -> Int64 {
        #if canImport(Darwin)
            let time = status.st_mtimespec
        #else
            let time = status.st_mtim
        #endif
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// A three-argument signal handler, as `sigaction` declares it.
    package typealias SignalHandler =
        @convention(c) (Int32, UnsafeMutablePointer<siginfo_t>?, UnsafeMutableRawPointer?) -> Void

    /// Lets signals be delivered to the calling thread.
    package static func unblockSignals(_ signals: Int32...) {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal) }
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
    }

    /// An action that calls `handler`, restarts interrupted calls and blocks no other signal.
    package static func signalAction(_ handler: @escaping SignalHandler) -> sigaction {
        var action = sigaction()
        #if canImport(Darwin)
            action.__sigaction_u.__sa_sigaction = handler
        #elseif canImport(Musl)
            action.__sa_handler.sa_sigaction = handler
        #else
            action.__sigaction_handler.sa_sigaction = handler
        #endif
        action.sa_flags = SA_SIGINFO | SA_RESTART
        sigemptyset(&action.sa_mask)
        return action
    }

    /// Calls the handler of `action`, unless it stands for the default or for ignoring. Async-signal-safe.
    package static func callHandler(
        of action: sigaction, _ signal: Int32, _ info: UnsafeMutablePointer<siginfo_t>?,
        _ context: UnsafeMutableRawPointer?
    ) {
        #if canImport(Darwin)
            let handler = action.__sigaction_u
            let (plain, informed) = (handler.__sa_handler, handler.__sa_sigaction)
        #elseif canImport(Musl)
            let (plain, informed) = (action.__sa_handler.sa_handler, action.__sa_handler.sa_sigaction)
        #else
            let handler = action.__sigaction_handler
            let (plain, informed) = (handler.sa_handler, handler.sa_sigaction)
        #endif
        // SIG_DFL is the address 0 and SIG_IGN the address 1; neither can be called, whatever the flags say.
        guard let plain, unsafeBitCast(plain, to: UInt.self) > 1 else { return }
        if action.sa_flags & Int32(SA_SIGINFO) != 0 { informed?(signal, info, context) } else { plain(signal) }
    }

    /// Takes one pending signal of `signals`, all of them blocked on this thread, away; returns at once if there is none.
    package static func consumePending(_ signals: inout sigset_t) {
        #if canImport(Darwin)
            var pending = sigset_t()
            sigpending(&pending)
            var number: Int32 = 0
            if pending & signals != 0 { sigwait(&signals, &number) }
        #else
            var immediately = timespec(tv_sec: 0, tv_nsec: 0)
            while sigtimedwait(&signals, nil, &immediately) < 0, errno == EINTR {}
        #endif
    }

    /// Puts the calling thread to sleep; signals do not cut it short. Only on threads of the package's own.
    package static func sleep(nanoseconds: UInt64) {
        var rest = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        var left = timespec()
        while nanosleep(&rest, &left) != 0, errno == EINTR { rest = left }
    }

    /// Initialises a mutex; one that spins tries for a moment before it sleeps, where the system knows such a kind.
    package static func initializeMutex(_ mutex: UnsafeMutablePointer<pthread_mutex_t>, spins: Bool) {
        #if canImport(Glibc)
            var attributes = pthread_mutexattr_t()
            pthread_mutexattr_init(&attributes)
            if spins { pthread_mutexattr_settype(&attributes, Int32(PTHREAD_MUTEX_ADAPTIVE_NP)) }
            pthread_mutex_init(mutex, &attributes)
            pthread_mutexattr_destroy(&attributes)
        #else
            pthread_mutex_init(mutex, nil)
        #endif
    }

    /// Initialises a condition variable whose timed waits follow the monotonic clock.
    package static func initializeCondition(_ condition: UnsafeMutablePointer<pthread_cond_t>) {
        #if canImport(Darwin)
            pthread_cond_init(condition, nil)
        #else
            var attributes = pthread_condattr_t()
            pthread_condattr_init(&attributes)
            pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
            pthread_cond_init(condition, &attributes)
            pthread_condattr_destroy(&attributes)
        #endif
    }

    /// Waits on `condition` until it is signalled or `nanoseconds` of real time have passed; may wake early.
    package static func wait(
        _ condition: UnsafeMutablePointer<pthread_cond_t>,
        _ mutex: UnsafeMutablePointer<pthread_mutex_t>,
        nanoseconds: UInt64
    ) {
        // A thousand days stand in for "forever": time_t must not overflow.
        let bounded = min(nanoseconds, 86_400_000 * 1_000_000_000)
        #if canImport(Darwin)
            var interval = timespec(
                tv_sec: Int(bounded / 1_000_000_000), tv_nsec: Int(bounded % 1_000_000_000))
            pthread_cond_timedwait_relative_np(condition, mutex, &interval)
        #else
            let deadline = TimeSource.systemMonotonicNanoseconds() + bounded
            var time = timespec(
                tv_sec: Int(deadline / 1_000_000_000), tv_nsec: Int(deadline % 1_000_000_000))
            pthread_cond_timedwait(condition, mutex, &time)
        #endif
    }
}

private final class ThreadBody {
    let run: @Sendable () -> Void

    init(run: @escaping @Sendable () -> Void) { self.run = run }
}

private func runThreadBody(_ context: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue().run()
    return nil
}
