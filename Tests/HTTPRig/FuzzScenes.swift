// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument
import InstrumentHTTP

/// Shows hostile requests to the parser, whole and byte by byte: both must give the same verdict, and a valid request
/// its completion.
enum ParserFuzzScene {
    static func run(count: Int, seed: UInt64) -> Bool {
        var requests = HostileRequests(seed: seed)
        var verdicts: [String: Int] = [:]
        for number in 0..<count {
            let isValid = number % 100 == 0
            let request = requests.next(isValid: isValid)
            let whole = ParserVerdict(request, isDripped: false)
            guard whole == ParserVerdict(request, isDripped: true), !isValid || whole.text == "complete" else {
                say("seed \(seed), request \(number): \(whole.text) for \(request)")
                return false
            }
            verdicts[String(whole.text.prefix(3)), default: 0] += 1
        }
        let summary = verdicts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        say("\(count) requests, seed \(seed): \(summary)")
        return true
    }
}

/// Writes requests with the parser's verdicts to standard output, for another parser to compare.
///
/// Each is a line of JSON: the request in base64, the verdict, the head, and the body in base64.
enum VerdictScene {
    private struct Line: Encodable {
        let request: Data
        let verdict: String
        let head: String
        let body: Data
    }

    static func run(count: Int, seed: UInt64) throws -> Bool {
        var requests = HostileRequests(seed: seed)
        let encoder = JSONEncoder()
        var output = Data()
        for number in 0..<count {
            let request = requests.next(isValid: number % 100 == 0)
            let verdict = ParserVerdict(request, isDripped: false)
            output += try encoder.encode(
                Line(
                    request: Data(request), verdict: verdict.text, head: verdict.head, body: Data(verdict.body)))
            output.append(0x0A)
            if output.count > 1_000_000 {
                try FileHandle.standardOutput.write(contentsOf: output)
                output = Data()
            }
        }
        try FileHandle.standardOutput.write(contentsOf: output)
        return true
    }
}

/// Sends hostile requests to a running server over sockets; every hundredth is valid and must get its 200.
enum ServerFuzzScene {
    static func run(count: Int, seed: UInt64) throws -> Bool {
        var configuration = EndpointConfiguration()
        configuration.port = 0
        configuration.limits.connectionsMax = 512
        let server = try InstrumentServer(metrics: MetricRegistry(), configuration: configuration)
        try server.route(.post, "/echo") { ServerResponse(body: $0.body) }
        try server.start()
        let failures = Lock(0)
        let port = server.port
        let clients = 4
        let threads = try (0..<clients).map { index in
            try PlainThread(name: "fuzz-\(index)") {
                var requests = HostileRequests(seed: seed &+ UInt64(index))
                for number in 0..<(count / clients) {
                    let isValid = number % 100 == 0
                    guard isValid else {
                        let request = requests.next(isValid: false)
                        let cut = requests.number(below: 8) == 0 ? requests.number(below: request.count) : 0
                        SceneClient.provoke(port, request, cut: cut)
                        continue
                    }
                    if SceneClient.get(port, "/livez") != 200 { failures.withLock { $0 += 1 } }
                }
            }
        }
        for thread in threads { thread.join() }
        server.stop(deadline: .seconds(1))
        let failed = failures.withLock { $0 }
        say(
            "\(count) requests over sockets, seed \(seed): \(count / 100) valid ones, \(failed) of them not answered 200"
        )
        return failed == 0
    }
}
