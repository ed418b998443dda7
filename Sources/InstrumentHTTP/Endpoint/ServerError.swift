// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Why a server could not be set up or started. Nothing is thrown once it runs.
public struct ServerError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of error; open for more.
    public struct Code: Sendable, Hashable {
        private let name: String

        private init(_ name: String) { self.name = name }

        /// Another socket listens there.
        public static let addressInUse = Code("addressInUse")
        /// The system does not allow to listen there.
        public static let permissionDenied = Code("permissionDenied")
        /// The host has no such address.
        public static let addressUnavailable = Code("addressUnavailable")
        /// A value that cannot be used.
        public static let invalidConfiguration = Code("invalidConfiguration")
        /// A route that cannot be added.
        public static let invalidRoute = Code("invalidRoute")
        /// An alert, panel or other generated artifact that does not fit what is registered.
        public static let invalidArtifact = Code("invalidArtifact")
        /// The server has been started or stopped before.
        public static let invalidState = Code("invalidState")
        /// A call into the operating system failed.
        public static let system = Code("system")
    }

    /// What kind of error.
    public let code: Code
    /// What was wrong with what, and what to do.
    public let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }

    static func invalidPort(_ port: Int) -> ServerError {
        ServerError(.invalidConfiguration, "port \(port): got a number outside 0...65535; choose one within")
    }

    static func unknownHost(_ host: String) -> ServerError {
        ServerError(
            .invalidConfiguration,
            "host \"\(host)\": is no address and no known name; use 127.0.0.1, :: or a local name")
    }

    static func unixPath(_ path: String, bytesMax: Int) -> ServerError {
        ServerError(
            .invalidConfiguration,
            "socket path \"\(path)\": has \(path.utf8.count) bytes, allowed are 1 to \(bytesMax); choose another path")
    }

    static func bind(_ name: String, _ number: Int32) -> ServerError {
        switch number {
        case EADDRINUSE:
            ServerError(
                .addressInUse, "address \"\(name)\": something else listens there; stop it or choose another port")
        case EEXIST:
            ServerError(
                .addressInUse,
                "socket path \"\(name)\": a file that is no socket stands there; remove it or move the socket")
        case EACCES, EPERM:
            ServerError(
                .permissionDenied,
                "address \"\(name)\": the system refuses it; choose a port above 1023 or another path")
        case EADDRNOTAVAIL, EAFNOSUPPORT:
            ServerError(
                .addressUnavailable, "address \"\(name)\": this host does not have it; choose 127.0.0.1, 0.0.0.0 or ::")
        default:
            ServerError(
                .system, "address \"\(name)\": \(String(cString: strerror(number))) (errno \(number)); check the system"
            )
        }
    }

    static func thread(_ number: Int32) -> ServerError {
        ServerError(
            .system, "server: no thread to be had (errno \(number)); raise the limit on threads or stop other work")
    }
}
