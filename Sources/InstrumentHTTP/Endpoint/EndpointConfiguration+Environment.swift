// SPDX-License-Identifier: Apache-2.0

import Foundation

extension EndpointConfiguration {
    /// The defaults, changed by environment variables.
    ///
    /// | variable | meaning |
    /// |---|---|
    /// | `INSTRUMENT_HOST`, `INSTRUMENT_PORT` | ``host``, ``port`` |
    /// | `INSTRUMENT_SOCKET`, `INSTRUMENT_SOCKET_MODE` | ``unixSocket``: its path, and its mode in octal |
    /// | `INSTRUMENT_TCP` | ``listensOnTCP``: `true` or `false` |
    /// | `INSTRUMENT_DETAILS_PORT` | ``detailsPort`` |
    /// | `INSTRUMENT_TOKEN`, `INSTRUMENT_TOKEN_FILE` | a bearer token, or the file whose first line it is |
    /// | `INSTRUMENT_USER`, `INSTRUMENT_PASSWORD` | a user and password |
    /// | `INSTRUMENT_PROTECT_METRICS` | ``protectsMetrics``: `true` or `false` |
    /// | `INSTRUMENT_ALLOWED_HOSTS` | ``allowedHosts``, with commas between them |
    /// | `INSTRUMENT_METRICS_PATH`, `INSTRUMENT_HEALTH_PATH` | ``paths``: where they stand; `off` switches them off |
    /// | `INSTRUMENT_ALIASES` | `further=own` pairs of ``EndpointPaths/aliases``, with commas between them |
    /// | `INSTRUMENT_SWITCHED_OFF` | ``EndpointPaths/switchedOff``, with commas between them |
    /// | `INSTRUMENT_METRICS` | `off` serves no metrics, wherever they would stand |
    /// | `INSTRUMENT_REQUEST_METRICS` | ``requestMetrics``: `classic`, `openTelemetry`, or `off` |
    /// | `INSTRUMENT_ACCESS_LOG` | ``accessLog``: `none`, `application` or `all` |
    /// | `INSTRUMENT_CONNECTIONS_MAX` | ``EndpointLimits/connectionsMax`` |
    /// | `INSTRUMENT_BODY_BYTES_MAX` | ``EndpointLimits/bodyBytesMax`` |
    ///
    /// - Throws: ``ServerError/Code/invalidConfiguration`` for a value that does not fit and for a token file that cannot
    ///   be read; a variable that is empty or missing is not an error.
    public static func fromEnvironment(
        _ environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(ServerError) -> EndpointConfiguration {
        var configuration = EndpointConfiguration()
        let reader = EnvironmentReader(environment)
        try configuration.readAddresses(reader)
        try configuration.readCredentials(reader)
        try configuration.readContents(reader)
        return configuration
    }

    private mutating func readAddresses(_ environment: EnvironmentReader) throws(ServerError) {
        if let host = environment["INSTRUMENT_HOST"] { self.host = host }
        if let port = try environment.integer("INSTRUMENT_PORT", in: 0...65_535) { self.port = port }
        if let listens = try environment.switchedOn("INSTRUMENT_TCP") { listensOnTCP = listens }
        if let port = try environment.integer("INSTRUMENT_DETAILS_PORT", in: 0...65_535) { detailsPort = port }
        if let path = environment["INSTRUMENT_SOCKET"] {
            var socket = UnixSocket(path: path)
            if let mode = environment["INSTRUMENT_SOCKET_MODE"] {
                guard let bits = UInt32(mode, radix: 8), bits <= 0o777 else {
                    throw environment.wrong("INSTRUMENT_SOCKET_MODE", mode, "an octal mode such as 660")
                }
                socket.mode = bits
            }
            unixSocket = socket
        }
        allowedHosts = environment.list("INSTRUMENT_ALLOWED_HOSTS")
        if let most = try environment.integer("INSTRUMENT_CONNECTIONS_MAX", in: 4...65_536) {
            limits.connectionsMax = most
        }
        if let most = try environment.integer("INSTRUMENT_BODY_BYTES_MAX", in: 0...1_073_741_824) {
            limits.bodyBytesMax = most
        }
    }

    private mutating func readCredentials(_ environment: EnvironmentReader) throws(ServerError) {
        if let token = environment["INSTRUMENT_TOKEN"] { try credentials.add(token: token) }
        if let path = environment["INSTRUMENT_TOKEN_FILE"] {
            guard let text = try? String(contentsOfFile: path, encoding: .utf8),
                let token = text.split(whereSeparator: \.isNewline).first
            else { throw environment.wrong("INSTRUMENT_TOKEN_FILE", path, "a readable file that holds the token") }
            try credentials.add(token: token.trimmingCharacters(in: .whitespaces))
        }
        if let user = environment["INSTRUMENT_USER"] {
            try credentials.add(user: user, password: environment["INSTRUMENT_PASSWORD"] ?? "")
        }
        if let protects = try environment.switchedOn("INSTRUMENT_PROTECT_METRICS") { protectsMetrics = protects }
        guard !protectsMetrics || !credentials.isEmpty else {
            throw environment.wrong("INSTRUMENT_PROTECT_METRICS", "true", "a token or user to go with it")
        }
    }

    private mutating func readContents(_ environment: EnvironmentReader) throws(ServerError) {
        if let path = environment["INSTRUMENT_METRICS_PATH"] { paths.metrics = path == "off" ? nil : path }
        if let path = environment["INSTRUMENT_HEALTH_PATH"] { paths.health = path == "off" ? nil : path }
        for pair in environment.list("INSTRUMENT_ALIASES") {
            let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else {
                throw environment.wrong("INSTRUMENT_ALIASES", pair, "pairs such as /status=/healthz")
            }
            paths.aliases[parts[0]] = parts[1]
        }
        paths.switchedOff = Set(environment.list("INSTRUMENT_SWITCHED_OFF"))
        if let serves = try environment.switchedOn("INSTRUMENT_METRICS") { servesMetrics = serves }
        if let scope: AccessLogScope = try environment.choice("INSTRUMENT_ACCESS_LOG") { accessLog = scope }
        guard let convention = environment["INSTRUMENT_REQUEST_METRICS"] else { return }
        if convention == "off" {
            requestMetrics = nil
        } else {
            guard let known = RequestMetrics.Convention(rawValue: convention) else {
                let names = RequestMetrics.Convention.allCases.map(\.rawValue).joined(separator: ", ")
                throw environment.wrong("INSTRUMENT_REQUEST_METRICS", convention, "one of \(names), off")
            }
            requestMetrics = known
        }
    }
}
