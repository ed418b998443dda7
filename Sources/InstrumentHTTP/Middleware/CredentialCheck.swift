// SPDX-License-Identifier: Apache-2.0

/// Keeps requests without the right `Authorization` field out, with 401.
public struct CredentialCheck: RequestMiddleware {
    private let credentials: EndpointCredentials

    /// Makes the check. Empty credentials keep everybody out.
    public init(_ credentials: EndpointCredentials) { self.credentials = credentials }

    /// Checks a request.
    ///
    /// - Throws: `RequestRefusal` with 401 and the challenge.
    public func begin(_ observation: inout RequestObservation) throws(RequestRefusal) {
        var value = observation.request.headers["Authorization"] ?? ""
        guard value.withUTF8({ credentials.authorizes(UnsafeRawBufferPointer($0)) }) else {
            throw RequestRefusal(
                .unauthorized, headers: ["WWW-Authenticate": credentials.challenge], reason: "credentials needed")
        }
    }

    /// Does nothing.
    public func end(_ observation: RequestObservation, _ outcome: RequestOutcome) {}
}
