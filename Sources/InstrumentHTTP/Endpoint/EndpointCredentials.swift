// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Who may see details and change settings: bearer tokens and users with passwords.
///
/// Every presented credential is compared with every known one, each time to its end: how long an answer takes tells
/// neither how much of a token was right nor whether a user exists.
public struct EndpointCredentials: Sendable {
    /// Fewer bytes than this are no secret.
    public static let secretBytesMin = 8
    /// Secrets of one server.
    public static let secretsMax = 64

    /// What follows the scheme in a right `Authorization` field.
    private var bearers: [[UInt8]] = []
    private var basics: [[UInt8]] = []

    /// No credentials: nobody is authorised.
    public init() {}

    /// Accepts `Authorization: Bearer token` ([RFC 6750 2.1](https://www.rfc-editor.org/rfc/rfc6750#section-2.1)).
    ///
    /// - Throws: `ServerError.Code.invalidConfiguration` for a token that is too short or cannot be sent in a field.
    public mutating func add(token: String) throws(ServerError) {
        guard token.utf8.count >= Self.secretBytesMin, token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw .secret("token", "of at least \(Self.secretBytesMin) visible ASCII characters without spaces")
        }
        bearers.append(Array(token.utf8))
        try checkCount()
    }

    /// Accepts `Authorization: Basic` with a user and password
    /// ([RFC 7617 2](https://www.rfc-editor.org/rfc/rfc7617#section-2)).
    ///
    /// - Throws: `ServerError.Code.invalidConfiguration` for a user with a colon or a password that is too short.
    public mutating func add(user: String, password: String) throws(ServerError) {
        guard !user.isEmpty, !user.utf8.contains(UInt8(ascii: ":")) else {
            throw .secret("user", "with a name that has no colon")
        }
        guard password.utf8.count >= Self.secretBytesMin else {
            throw .secret("password", "of at least \(Self.secretBytesMin) bytes")
        }
        basics.append(Array(Data("\(user):\(password)".utf8).base64EncodedString().utf8))
        try checkCount()
    }

    private func checkCount() throws(ServerError) {
        guard bearers.count + basics.count <= Self.secretsMax else {
            throw .secret("secret", "less: a server takes \(Self.secretsMax)")
        }
    }

    /// Whether there are none.
    public var isEmpty: Bool { bearers.isEmpty && basics.isEmpty }

    /// The value of `WWW-Authenticate` for those who are not authorised.
    var challenge: String {
        basics.isEmpty ? "Bearer" : bearers.isEmpty ? "Basic realm=\"metrics\"" : "Bearer, Basic realm=\"metrics\""
    }

    /// Whether the value of an `Authorization` field is right.
    func authorizes(_ value: UnsafeRawBufferPointer?) -> Bool {
        guard let value, let space = value.firstIndex(of: 0x20) else { return false }
        let scheme = UnsafeRawBufferPointer(rebasing: value[..<space])
        var start = space
        while start < value.count, value[start] == 0x20 { start += 1 }
        let presented = UnsafeRawBufferPointer(rebasing: value[start...])
        if equalsIgnoringCase(scheme, "bearer") { return Self.matchesAny(presented, bearers) }
        if equalsIgnoringCase(scheme, "basic") { return Self.matchesAny(presented, basics) }
        return false
    }

    /// Compares with every secret to the end of what was presented, whatever was found before.
    private static func matchesAny(_ presented: UnsafeRawBufferPointer, _ secrets: [[UInt8]]) -> Bool {
        var found: UInt8 = 0
        for secret in secrets {
            var difference: UInt8 = secret.count == presented.count ? 0 : 1
            secret.withUnsafeBufferPointer { secret in
                for (index, byte) in presented.enumerated() {
                    difference |= byte ^ secret[index % secret.count]
                }
            }
            found |= difference == 0 ? 1 : 0
        }
        return found == 1
    }
}

extension ServerError {
    fileprivate static func secret(_ what: String, _ expected: String) -> ServerError {
        // The secret itself is never repeated: errors end up in logs.
        ServerError(.invalidConfiguration, "credentials: expected a \(what) \(expected); choose another one")
    }
}
