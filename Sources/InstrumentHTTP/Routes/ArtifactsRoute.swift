// SPDX-License-Identifier: Apache-2.0

/// The generated files: a JSON array of their names, sizes and types, and each file's text.
struct ArtifactsRoute: Sendable {
    /// What is generated, about the server that runs; nil when that is gone.
    let artifacts: @Sendable () -> ServiceArtifacts?

    private struct Entry: Encodable {
        let name: String
        let type: String
        let bytes: Int
    }

    /// The files' names.
    func list() throws -> ServerResponse {
        try .json(
            files().map { Entry(name: $0.name, type: $0.mediaType.rawValue, bytes: $0.text.utf8.count) })
    }

    /// One file.
    func file(_ request: ServerRequest) throws -> ServerResponse {
        guard let file = try files().first(where: { $0.name == request.parameters["file"] }) else {
            throw ServerResponse.status(.notFound)
        }
        return ServerResponse(headers: ["Content-Type": file.mediaType.rawValue], body: Array(file.text.utf8))
    }

    private func files() throws -> [ArtifactFile] {
        guard let artifacts = artifacts() else { throw ServerResponse.status(.serviceUnavailable) }
        return try artifacts.files()
    }
}
