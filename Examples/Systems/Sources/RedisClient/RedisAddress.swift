// SPDX-License-Identifier: Apache-2.0

/// Where a server listens, and how long to wait for it.
public struct RedisAddress: Sendable, Equatable {
    /// A name or an address.
    public var host: String
    /// The port.
    public var port: UInt16
    /// The longest that connecting may take.
    public var connectTimeout: Duration
    /// The longest that a command may take, beyond the time that a blocking command waits by itself.
    public var commandTimeout: Duration

    /// Describes a server.
    public init(
        host: String = "127.0.0.1", port: UInt16 = 6_379, connectTimeout: Duration = .milliseconds(500),
        commandTimeout: Duration = .seconds(1)
    ) {
        self.host = host
        self.port = port
        self.connectTimeout = connectTimeout
        self.commandTimeout = commandTimeout
    }
}
