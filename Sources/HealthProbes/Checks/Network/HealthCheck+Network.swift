// SPDX-License-Identifier: Apache-2.0

import Instrument

extension HealthCheck {
    /// Whether something accepts connections.
    ///
    /// - Parameters:
    ///   - host: a name or an address.
    ///   - port: the port.
    public static func tcp(host: String, port: UInt16) -> HealthCheck {
        HealthCheck(
            .blocking { context in
                _ = try DeadlineSocket(host: host, port: port, deadline: context.deadline)
                return .pass
            }, reachesDependency: true)
    }

    /// Whether a name has an address.
    ///
    /// - Parameter name: the host name.
    public static func dns(_ name: String) -> HealthCheck {
        HealthCheck(
            .blocking { _ in
                let addresses = try AddressList(host: name, port: 0)
                guard !addresses.list.isEmpty else { return .fail("\"\(name)\" has no address") }
                return .pass("", value: Double(addresses.list.count), unit: "addresses")
            }, reachesDependency: true)
    }

    /// Whether an HTTP service answers `GET path` as expected, without TLS.
    ///
    /// - Parameters:
    ///   - host: a name or an address.
    ///   - port: the port.
    ///   - path: the path, and a query if there is one.
    ///   - headers: sent with the request.
    ///   - statuses: the codes that pass; any other fails.
    ///   - text: what the first 64 KiB of the body must contain; nil looks at no body.
    /// - Precondition: neither path nor headers contain line breaks.
    public static func http(
        host: String, port: UInt16 = 80, path: String = "/", headers: [String: String] = [:],
        statuses: ClosedRange<Int> = 200...399, containing text: String? = nil
    ) -> HealthCheck {
        let request = HTTPProbe(host: host, port: port, path: path, headers: headers)
        return HealthCheck(
            .blocking { context in
                let answer = try request.get(deadline: context.deadline, readsBody: text != nil)
                guard statuses.contains(answer.status) else {
                    return .fail("answered \(answer.status), expected \(statuses)", value: Double(answer.status))
                }
                if let text, !answer.body.contains(text) { return .fail("the body does not contain \"\(text)\"") }
                return .pass("", value: Double(answer.status))
            }, reachesDependency: true)
    }

    /// Whether a Redis server answers `PING` with `PONG`.
    ///
    /// See <https://redis.io/docs/latest/develop/reference/protocol-spec/>.
    ///
    /// - Parameters:
    ///   - host: a name or an address.
    ///   - port: the port.
    ///   - password: sent with `AUTH` beforehand; it appears in no message.
    public static func redis(host: String, port: UInt16 = 6_379, password: String? = nil) -> HealthCheck {
        HealthCheck(
            .blocking { context in
                let socket = try DeadlineSocket(host: host, port: port, deadline: context.deadline)
                func ask(_ words: String...) throws -> String {
                    var command = "*\(words.count)\r\n"
                    for word in words { command += "$\(word.utf8.count)\r\n\(word)\r\n" }
                    try socket.send(Array(command.utf8))
                    let answer = try socket.receive(bytesMax: 512) { $0.last == UInt8(ascii: "\n") }
                    return String(decoding: answer.prefix { $0 != UInt8(ascii: "\r") }, as: UTF8.self)
                }
                if let password {
                    let answer = try ask("AUTH", password)
                    guard answer == "+OK" else { return .fail("AUTH was refused: \(answer)") }
                }
                let answer = try ask("PING")
                return answer == "+PONG" ? .pass : .fail("answered \"\(answer)\" to PING, expected +PONG")
            }, reachesDependency: true)
    }
}
