// SPDX-License-Identifier: Apache-2.0

/// A format that metrics are served in.
public enum ExpositionFormat: Sendable, Hashable, CaseIterable {
    /// Prometheus text 0.0.4: what every scraper reads.
    case prometheusText

    /// The exact `Content-Type`.
    public var contentType: String {
        switch self {
        case .prometheusText: "text/plain; version=0.0.4; charset=utf-8"
        }
    }
}
