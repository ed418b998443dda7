// SPDX-License-Identifier: Apache-2.0

import Foundation
import HealthProbes
import Instrument
import InstrumentHTTP

/// Starts and stops servers and compares what the process holds before and after.
enum ChurnScene {
    static func run(count: Int) throws -> Bool {
        func cycle(_ metrics: MetricRegistry) throws {
            var configuration = EndpointConfiguration()
            configuration.port = 0
            let server = try InstrumentServer(metrics: metrics, configuration: configuration)
            try server.route(.get, "/hello") { _ in .text("hello") }
            try server.start()
            for path in ["/livez", "/metrics", "/hello"] where SceneClient.get(server.port, path) != 200 {
                throw SystemError(code: 0, operation: "GET \(path)")
            }
            server.stop(deadline: .seconds(1))
        }
        let metrics = MetricRegistry()
        for _ in 0..<50 { try cycle(metrics) }
        let before = Holdings.now()
        for _ in 0..<count { try cycle(metrics) }
        let after = Holdings.now()
        say(
            "\(count) starts and stops: descriptors \(before.descriptors) -> \(after.descriptors), threads "
                + "\(before.threads) -> \(after.threads), resident KiB \(before.residentKiB) -> \(after.residentKiB)")
        // A megabyte of slack for the allocator: a leak of one buffer a cycle would be sixty.
        return after.descriptors == before.descriptors && after.threads == before.threads
            && after.residentKiB <= before.residentKiB + 1_024
    }
}

/// What a process holds.
struct Holdings {
    let descriptors: Int
    let threads: Int
    let residentKiB: Int
    let processorMilliseconds: Int

    /// Of this process, now; threads that have just been told to leave are given a moment.
    static func now() -> Holdings {
        usleep(200_000)
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        func figure(_ name: String) -> Int {
            let line = status.split(separator: "\n").first { $0.hasPrefix(name) } ?? ""
            return line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? -1
        }
        return Holdings(
            descriptors: (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? -1,
            threads: figure("Threads:"), residentKiB: figure("VmRSS:"),
            processorMilliseconds: Int(Platform.processorSeconds() * 1_000))
    }
}

/// Asks while the cooperative pool, Dispatch and the main thread are all blocked, and two checks hang for good.
enum BlockedScene {
    static func run(count: Int) throws -> Bool {
        let health = HealthRegistry()
        let hang: @Sendable () throws -> Void = { while true { sleep(600) } }
        try health.register(
            "hung", .readiness, critical: false, every: .milliseconds(100), timeout: .milliseconds(50), hang)
        try health.register(
            "hung-async", .readiness, critical: false, every: .milliseconds(100), timeout: .milliseconds(50)
        ) {
            await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
        }
        try health.start()
        var configuration = EndpointConfiguration()
        configuration.port = 0
        let metrics = MetricRegistry()
        let server = try InstrumentServer(metrics: metrics, health: health, configuration: configuration)
        try server.route(.get, "/hello") { _ in .text("hello") }
        try server.start()
        let port = server.port
        for _ in 0..<(2 * ProcessInfo.processInfo.activeProcessorCount) { Task.detached { sleep(600) } }
        for index in 0..<300 { DispatchQueue(label: "blocked-\(index)").async { sleep(600) } }
        let isGood = Monitor<Bool?>(nil)
        try PlainThread(name: "asker") {
            usleep(500_000)
            var good = true
            for (path, asked) in [("/livez", count), ("/metrics", count / 10), ("/hello", count / 10)] {
                var times: [UInt64] = []
                for _ in 0..<asked {
                    let start = TimeSource.systemMonotonicNanoseconds()
                    if SceneClient.get(port, path) != 200 { good = false }
                    times.append(TimeSource.systemMonotonicNanoseconds() - start)
                }
                times.sort()
                let p99 = times[times.count * 99 / 100]
                say("\(path) \(asked) asked, p99 \(p99 / 1_000) us, worst \(times[times.count - 1] / 1_000) us")
                if p99 > 20_000_000 { good = false }
            }
            let outstanding = ["hung", "hung-async"].map { health.snapshot().check(named: $0)?.outstanding ?? -1 }
            say("outstanding runs of the hung checks \(outstanding[0]) and \(outstanding[1])")
            // An asynchronous check may never have been let onto the blocked pool; it counts as one all the same.
            isGood.withLock { $0 = good && outstanding == [1, 1] }
            isGood.wakeAll()
        }.detach()
        // The main thread does nothing but sit here, as a blocked one would.
        return isGood.wait { $0 } ?? false
    }
}

/// A server in a process without descriptors: `take` on standard input takes all there are, `give` gives them back.
enum ExhaustScene {
    static func run() throws -> Bool {
        var configuration = EndpointConfiguration()
        configuration.port = 0
        let server = try InstrumentServer(metrics: MetricRegistry(), configuration: configuration)
        try server.start()
        say("\(server.port)")
        var taken: [Int32] = []
        while let line = readLine() {
            if line == "take" {
                while true {
                    let number = open("/dev/null", O_RDONLY | O_CLOEXEC)
                    if number < 0 { break }
                    taken.append(number)
                }
            } else {
                for number in taken { close(number) }
                taken = []
            }
            say("\(taken.count)")
        }
        server.stop()
        return true
    }
}
