// SPDX-License-Identifier: Apache-2.0

import Instrument

/// Something large that is rendered at each request, on a thread of its own kind.
struct ScrapeRoute: Sendable {
    /// Appends the body and returns its content type.
    let render: @Sendable (ServerRequest?, inout ByteBuffer) -> String

    /// The metrics of registries, in the format that the scraper asks for.
    ///
    /// - Throws: `ServerError` when two of them have a metric of one name.
    static func metrics(_ registries: [MetricRegistry]) throws(ServerError) -> ScrapeRoute {
        let group = try join(registries)
        return ScrapeRoute { request, output in
            let format = ExpositionFormat.negotiated(accept: request?.header("Accept"))
            group.write(format, into: &output)
            return format.contentType
        }
    }

    /// The metrics of registries as JSON.
    ///
    /// - Throws: `ServerError` when two of them have a metric of one name.
    static func json(_ registries: [MetricRegistry]) throws(ServerError) -> ScrapeRoute {
        let group = try join(registries)
        return ScrapeRoute { _, output in
            group.write(.json, into: &output)
            return ExpositionFormat.json.contentType
        }
    }

    private static func join(_ registries: [MetricRegistry]) throws(ServerError) -> MetricGroup {
        do {
            return try MetricGroup(registries)
        } catch {
            throw ServerError(.invalidConfiguration, "metric group: \(error)")
        }
    }
}
