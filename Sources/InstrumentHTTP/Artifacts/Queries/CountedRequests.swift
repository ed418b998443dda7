// SPDX-License-Identifier: Apache-2.0

/// How requests are counted, in either convention.
struct CountedRequests {
    let total: MetricSelector
    let failed: MetricSelector
    /// The name of the histogram of their durations.
    let duration: String

    /// Looks for either convention; nil when requests are not counted.
    init?(_ catalogue: MetricCatalogue) {
        let conventions: [(total: MetricSelector, failed: MetricSelector, duration: String)] = [
            (
                "http_requests_total", #"http_requests_total{status=~"5.."}"#, "http_request_duration_seconds"
            ),
            (
                "http_server_request_duration_seconds_count",
                #"http_server_request_duration_seconds_count{http_response_status_code=~"5.."}"#,
                "http_server_request_duration_seconds"
            ),
        ]
        // A service may have metrics of its own under these names: without a status, or a summary of durations.
        let found = conventions.first { convention in
            guard let failed = (try? catalogue.find(convention.failed)) ?? nil, failed.role.isTotal else {
                return false
            }
            return catalogue.sample(convention.duration + "_bucket")?.family.bucketBounds.isEmpty == false
        }
        guard let found else { return nil }
        (total, failed, duration) = found
    }
}
