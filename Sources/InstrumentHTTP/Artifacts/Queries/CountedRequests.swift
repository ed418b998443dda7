// SPDX-License-Identifier: Apache-2.0

/// How requests are counted, in either convention.
struct CountedRequests {
    let total: MetricSelector
    let failed: MetricSelector
    /// The name of the histogram of their durations.
    let duration: String

    /// Looks for either convention; nil when requests are not counted.
    init?(_ catalogue: MetricCatalogue) {
        func has(_ name: String, label: String) -> Bool {
            catalogue.sample(name).map { catalogue.labels(of: $0).contains(label) } ?? false
        }
        // A service may count requests of its own under the classic name, without a status.
        if has("http_requests_total", label: "status"), catalogue.has("http_request_duration_seconds") {
            total = "http_requests_total"
            failed = #"http_requests_total{status=~"5.."}"#
            duration = "http_request_duration_seconds"
        } else if has("http_server_request_duration_seconds", label: "http_response_status_code") {
            total = "http_server_request_duration_seconds_count"
            failed = #"http_server_request_duration_seconds_count{http_response_status_code=~"5.."}"#
            duration = "http_server_request_duration_seconds"
        } else {
            return nil
        }
    }
}
