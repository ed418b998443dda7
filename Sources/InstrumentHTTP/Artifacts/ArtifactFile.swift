// SPDX-License-Identifier: Apache-2.0

/// One generated file.
public struct ArtifactFile: Sendable, Equatable {
    /// The kind of its contents.
    public enum MediaType: String, Sendable {
        /// YAML.
        case yaml = "application/yaml"
        /// JSON.
        case json = "application/json"
        /// Anything else.
        case text = "text/plain; charset=utf-8"
    }

    /// The name, without a folder.
    public let name: String
    /// The kind of its contents.
    public let mediaType: MediaType
    /// The contents.
    public let text: String
}
